"""dask's TLS settings for a role: both sides show a certificate, nothing goes unencrypted."""

import ssl
from pathlib import Path

from distributed.security import Security

from workbench.domain.errors import Refusal
from workbench.engine.cluster.certificates import Role

__all__ = ["security_of"]


def security_of(folder: Path, role: Role) -> Security:
    """What `folder/<role>` holds; Refusal("no_certificate") when it does not."""
    place = folder / role
    certificate, key, authority = (
        str(place / name) for name in ("certificate.pem", "key.pem", "authority.pem")
    )
    if not all(Path(one).is_file() for one in (certificate, key, authority)):
        raise Refusal(
            "no_certificate",
            f"The {role} has no certificate in {place}.",
            f"Start the engine once, then copy its folder engine/cluster/{role} there.",
        )
    # dask asks its own name of a role; each process has one certificate, whatever it is called.
    return Security(
        require_encryption=True,
        tls_min_version=ssl.TLSVersion.TLSv1_3,
        tls_ca_file=authority,
        tls_client_cert=certificate,
        tls_client_key=key,
        tls_scheduler_cert=certificate,
        tls_scheduler_key=key,
        tls_worker_cert=certificate,
        tls_worker_key=key,
    )
