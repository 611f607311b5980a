"""A real OpenID Connect provider for tests: certified, from a package, run by the packaged node."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from workbench.adapters import proxy
from workbench.adapters.hub.settings import free_ports

LOCK = Path(__file__).resolve().parents[2] / "images" / "identity"
HIGH, LOW = "idporten-loa-high", "idporten-loa-substantial"
EVIL = ("none", "key", "hmac", "body", "audience", "party", "issuer", "nonce", "expired", "old")
PASSWORD = "a password at the provider"


def ensure_identity() -> Path:
    """The installed packages; from the lock file, once, as the proxy is installed."""
    prefix = Path(sys.prefix) / "share" / "workbench"
    home = prefix / proxy._home(prefix, LOCK).name.replace("proxy-", "identity-")
    if not home.is_dir():
        prefix.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".identity-", dir=prefix))
        try:
            proxy._install(draft, LOCK)
            draft.chmod(0o755)
            draft.rename(home)
        except OSError:
            if not home.is_dir():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return home / "node_modules"


@dataclass(frozen=True)
class Identity:
    """The running provider and what a client needs to know of it."""

    issuer: str
    secret: str
    key: bytes

    def settings(self, *, way: str) -> str:
        """An oidc.toml for a client by `secret` or by `key` (with pushed requests)."""
        own = (
            'secret_file = "oidc.secret"\n'
            if way == "secret"
            else 'key_file = "oidc-key.pem"\nkey_id = "workbench-1"\npushed = true\n'
        )
        return (
            f'name = "Identity"\nissuer = "{self.issuer}"\nclient_id = "workbench-{way}"\n'
            f'levels = ["{HIGH}"]\n{own}'
        )

    def lay(self, zone: Path, way: str) -> None:
        """Put settings and credential into the hub's zone."""
        for name, content in (
            ("oidc.toml", self.settings(way=way).encode()),
            ("oidc.secret", self.secret.encode()),
            ("oidc-key.pem", self.key),
        ):
            (zone / name).write_bytes(content)
            (zone / name).chmod(0o600)


@contextmanager
def identity(root: Path, callbacks: list[str]) -> Iterator[Identity]:
    """Run the provider; it knows kari, weak (signs in at a lower level), stranger, and the evil."""
    (port,) = free_ports(1)
    issuer, secret = f"http://127.0.0.1:{port}", secrets.token_urlsafe(32)
    own, client = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    accounts: dict[str, Any] = {
        "kari": {"password": PASSWORD, "acr": HIGH},
        "weak": {"password": PASSWORD, "acr": LOW},
        "stranger": {"password": PASSWORD, "acr": HIGH},
    }
    accounts |= {f"evil-{one}": {"password": PASSWORD, "acr": HIGH, "evil": one} for one in EVIL}
    common = {"redirect_uris": callbacks, "response_types": ["code"],
              "grant_types": ["authorization_code"]}  # fmt: skip
    clients = [
        {"client_id": "workbench-secret", "client_secret": secret,
         "token_endpoint_auth_method": "client_secret_basic", **common},
        {"client_id": "workbench-key", "token_endpoint_auth_method": "private_key_jwt",
         "require_pushed_authorization_requests": True,
         "jwks": {"keys": [_jwk(client.public_key(), "workbench-1")]}, **common},
    ]  # fmt: skip
    card = {"port": port, "issuer": issuer, "jwks": {"keys": [_jwk(own, "provider-1")]},
            "clients": clients, "accounts": accounts}  # fmt: skip
    path = root / "identity.json"
    path.write_text(json.dumps(card))
    with (root / "identity.log").open("wb") as log:
        process = subprocess.Popen(
            [str(proxy._node()), str(LOCK / "provider.mjs"), str(path)],
            env={"IDENTITY_MODULES": str(ensure_identity()), "PATH": os.defpath},
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        while line and line != b"ready\n":
            line = process.stdout.readline()
        assert line, (root / "identity.log").read_text()
        pem = client.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        yield Identity(issuer, secret, pem)
    finally:
        process.terminate()
        process.wait()


def _jwk(key: Any, name: str) -> dict[str, Any]:
    return RSAAlgorithm.to_jwk(key, as_dict=True) | {"kid": name, "use": "sig", "alg": "RS256"}
