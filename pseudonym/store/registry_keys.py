"""The keys of one registry: random, wrapped under the store's root key, made at its first load."""

import base64
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.durable import write_file
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring, Secret

__all__ = ["RegistryKeys", "registry_keys"]

Wrapped = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=]{80,100}$")]


class RegistryKeys:
    """files: wraps the data keys of its files; pseudonyms: K_registry of its rids."""

    __slots__ = ("files", "pseudonyms")

    def __init__(self, files: Secret, pseudonyms: Secret) -> None:
        self.files = files
        self.pseudonyms = pseudonyms


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    v: Literal[1] = 1
    files: Wrapped
    pseudonyms: Wrapped


def registry_keys(folder: Path, keyring: Keyring) -> RegistryKeys:
    """The keys in `folder` (named like the registry); made when the registry is new.

    Raises Refusal("lost_keys") when datasets are there but the keys are not: new keys would open
    nothing and link nothing.
    """
    place = folder / "keys.json"
    if not place.exists():
        if any(item.is_dir() and not item.name.startswith(".") for item in folder.glob("*")):
            raise _lost(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = _File(
            files=_wrap(keyring, folder, "files"), pseudonyms=_wrap(keyring, folder, "pseudonyms")
        )
        write_file(place, fresh.model_dump_json().encode())
    try:
        file = _File.model_validate_json(place.read_bytes())
    except ValidationError:
        raise _lost(folder) from None
    return RegistryKeys(
        _unwrap(keyring, folder, "files", file.files),
        _unwrap(keyring, folder, "pseudonyms", file.pseudonyms),
    )


def _context(folder: Path, use: str) -> bytes:
    return f"registry/{folder.name}/{use}".encode()


def _wrap(keyring: Keyring, folder: Path, use: str) -> str:
    wrapped = keyring.wrap(Secret.random().reveal(), _context(folder, use))
    return base64.b64encode(wrapped).decode()


def _unwrap(keyring: Keyring, folder: Path, use: str, wrapped: str) -> Secret:
    try:
        return Secret(keyring.unwrap(base64.b64decode(wrapped), _context(folder, use)))
    except ValueError:
        raise _lost(folder) from None


def _lost(folder: Path) -> Refusal:
    return Refusal(
        "lost_keys",
        f"The keys of the registry {folder.name} are missing or damaged.",
        "Restore its keys.json from backup; without it nothing of the registry can be read.",
    )
