"""`hub/oidc.toml`: the identity provider that people sign in with, instead of passwords.

    name = "ID-porten"
    issuer = "https://idporten.no"
    hosts = ["login.idporten.no"]
    client_id = "…"
    key_file = "oidc-key.pem"
    key_id = "…"
    levels = ["idporten-loa-high"]

Examples for HelseID, ID-porten and Feide: docs/how-to/sign-in-with-oidc.md.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from workbench.domain.errors import Refusal
from workbench.settings import Instance

__all__ = ["FILE", "Provider", "read_provider"]

FILE = "oidc.toml"
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
HERE = ("127.0.0.1", "localhost")
NATIONAL = ("pid", "nin", "nnin", "ssn", "fnr", "fodselsnummer", "personnummer", "socialno")
"""Claims that carry a national identity number, by the last part of their name."""


class Provider(BaseModel):
    """An OpenID Connect provider; a closed schema. Endpoints and keys come from the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=60)]
    issuer: Word
    hosts: Annotated[tuple[Word, ...], Field(max_length=5)] = ()
    """Further hosts that the issuer's metadata may name; every other one is refused."""
    client_id: Word
    secret_file: Word | None = None
    key_file: Word | None = None
    key_id: Word | None = None
    scopes: Annotated[tuple[Word, ...], Field(min_length=1, max_length=20)] = ("openid",)
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    levels: Annotated[tuple[Word, ...], Field(min_length=1, max_length=10)]
    """What `level_claim` must say; there is no way to accept any level."""
    level_claim: Word = "acr"
    ask_levels: bool = True
    """Whether the provider understands `acr_values` and is asked for the levels."""
    subject_claim: Word = "sub"
    pushed: bool = False
    """Whether requests are pushed (RFC 9126) instead of carried by the browser."""
    public_url: Word | None = None
    """Where people open the workbench, if not at the instance's own address."""

    @field_validator("subject_claim")
    @classmethod
    def _no_national_number(cls, claim: str) -> str:
        last = claim.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()
        if last in NATIONAL:
            raise ValueError("a national identity number names nobody here")
        return claim

    @model_validator(mode="after")
    def _whole(self) -> "Provider":
        if (self.secret_file is None) == (self.key_file is None):
            raise ValueError("either secret_file or key_file")
        if (self.key_file is None) != (self.key_id is None):
            raise ValueError("key_file and key_id belong together")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        for url in filter(None, (self.issuer, self.public_url)):
            parts = urlsplit(url)
            near = parts.scheme == "http" and parts.hostname in HERE
            if not parts.hostname or parts.query or parts.fragment:
                raise ValueError("an address is https://host/path")
            if parts.scheme != "https" and not near:
                raise ValueError("an address begins with https://")
        return self

    def allows(self, url: str) -> bool:
        """Whether this address belongs to the provider, by the file and not by what it says."""
        ours, parts = urlsplit(self.issuer), urlsplit(url)
        if parts.username or parts.password or parts.scheme != ours.scheme:
            return False
        return parts.netloc == ours.netloc or parts.netloc in self.hosts


def read_provider(instance: Instance) -> Provider | None:
    """The provider of the instance; None without the file: passwords then.

    Raises Refusal("damaged_oidc") for whatever is not as it should be, the key files included.
    """
    path = instance.zone("hub") / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise _damaged(path, "it cannot be read") from None
    try:
        found = Provider.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise _damaged(path, "it is not TOML") from None
    except ValidationError as error:
        told = {".".join(map(str, part["loc"])) or part["msg"] for part in error.errors()}
        raise _damaged(path, f"see {', '.join(sorted(told))}") from None
    near = urlsplit(found.issuer).hostname in HERE
    if near and instance.kind == "production":
        raise _damaged(path, "the issuer is this very machine")
    credential(instance, found)
    return found


def credential(
    instance: Instance, provider: Provider
) -> str | RSAPrivateKey | EllipticCurvePrivateKey:
    """The client's secret or private key, read from the hub's zone.

    Raises Refusal("damaged_oidc") when the file is missing, open to others or no key.
    """
    name = provider.secret_file or provider.key_file or ""
    path = instance.zone("hub") / name
    if Path(name).name != name:
        raise _damaged(path, "the file must lie in the folder hub itself")
    try:
        if path.stat().st_mode & 0o077:
            raise _damaged(path, "others may read it: chmod 600")
        raw = path.read_bytes()
    except OSError:
        raise _damaged(path, "it cannot be read") from None
    if provider.secret_file:
        secret = raw.decode("utf-8", "replace").strip()
        if not secret:
            raise _damaged(path, "it is empty")
        return secret
    try:
        key = load_pem_private_key(raw, None)
    except (ValueError, TypeError):
        key = None
    if isinstance(key, RSAPrivateKey) and key.key_size >= 2048:
        return key
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        return key
    raise _damaged(path, "it is no RSA key of 2048 bits or more, nor an EC key P-256, in PEM")


def _damaged(path: Path, why: str) -> Refusal:
    return Refusal(
        "damaged_oidc",
        f"The settings of the identity provider cannot be used: {path.name}: {why}.",
        "Correct it as docs/how-to/sign-in-with-oidc.md shows, or remove oidc.toml for passwords.",
    )
