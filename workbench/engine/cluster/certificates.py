"""The engine's own small authority: one certificate a role, made again before it ends.

    engine/cluster/<role>/authority.pem     whom this role believes
                         /certificate.pem   who it is; `role_of` reads it back
                         /key.pem           its private key (0600)
    engine/cluster/worker/unseal.key        opens what the engine seals to workers (0600)

The authority's key (Ed25519) and the workers' (X25519) come from the engine's keyring each time
and lie in no file of the authority. A worker on another machine is given its folder and no other.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, Protocol, get_args

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pseudonym.durable import write_file

__all__ = ["ROLES", "Deriver", "Role", "certify_roles", "days_left", "role_of", "worker_key"]

Role = Literal["engine", "scheduler", "worker"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
VALID = timedelta(days=365)
RENEWED = timedelta(days=60)
"""A certificate with less time left than this is made anew when the engine starts."""
_BEGINNING, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
_UNIT = "workbench cluster"


class Deriver(Protocol):
    """The engine's keyring."""

    def derive(self, label: str) -> bytes:
        """32 bytes of its own for each label, always the same."""


def certify_roles(folder: Path, instance: str, keys: Deriver, now: datetime) -> None:
    """Make or renew the certificates of all roles in `folder`; what is good stays as it is.

    instance: the installation's id, by which its certificates are told from another's.
    """
    signer = Ed25519PrivateKey.from_private_bytes(keys.derive("cluster authority 1"))
    authority = _authority(signer, instance)
    pem = authority.public_bytes(Encoding.PEM)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for role in ROLES:
        place = folder / role
        place.mkdir(mode=0o700, exist_ok=True)
        if not _good(place, pem, now):
            key = ec.generate_private_key(ec.SECP256R1())
            made = _certificate(role, key.public_key(), authority, signer, now)
            write_file(
                place / "key.pem",
                key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            )
            write_file(place / "certificate.pem", made.public_bytes(Encoding.PEM))
            write_file(place / "authority.pem", pem)  # last: its absence says unfinished
    private = keys.derive("cluster workers 1")
    if not (folder / "worker" / "unseal.key").exists():
        write_file(folder / "worker" / "unseal.key", private.hex().encode())


def worker_key(keys: Deriver) -> bytes:
    """The public key (X25519, 32 bytes) to which the engine seals what workers alone may read."""
    private = X25519PrivateKey.from_private_bytes(keys.derive("cluster workers 1"))
    return private.public_key().public_bytes_raw()


def days_left(folder: Path, role: Role, now: datetime) -> int:
    """Whole days until the certificate of a role ends; negative afterwards. OSError without."""
    held = x509.load_pem_x509_certificate((folder / role / "certificate.pem").read_bytes())
    return (held.not_valid_after_utc - now).days


def role_of(peer: Mapping[str, Any] | None) -> Role | None:
    """Whose certificate it is, from what `ssl.SSLSocket.getpeercert` tells of a verified one."""
    named = {} if peer is None else dict(pair for part in peer.get("subject", ()) for pair in part)
    if named.get("organizationalUnitName") != _UNIT:
        return None
    return next((one for one in ROLES if one == named.get("commonName")), None)


def _authority(signer: Ed25519PrivateKey, instance: str) -> x509.Certificate:
    """The same bytes each time: an Ed25519 signature draws no lots."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"workbench {instance}"),
            x509.NameAttribute(NameOID.COMMON_NAME, "authority"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.public_key())
        .serial_number(1)
        .not_valid_before(_BEGINNING)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False
        )
        .sign(signer, None)
    )


def _certificate(
    role: Role,
    key: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    signer: Ed25519PrivateKey,
    now: datetime,
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, role),
        ]
    )
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(both, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, None)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _good(place: Path, authority: bytes, now: datetime) -> bool:
    try:
        held = x509.load_pem_x509_certificate((place / "certificate.pem").read_bytes())
        believed = (place / "authority.pem").read_bytes()
        whole = (place / "key.pem").stat().st_size > 0
    except (OSError, ValueError):
        return False
    return whole and believed == authority and held.not_valid_after_utc - now > RENEWED
