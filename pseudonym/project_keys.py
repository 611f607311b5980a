"""A project's pseudonym key: random and wrapped, not derived, so that it is shredded alone."""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.durable import sync_folder, write_file
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring, Secret

__all__ = ["ProjectKey", "project_key", "shred"]


@dataclass(frozen=True)
class ProjectKey:
    """id: 16 random hex digits, part of every view version built with the key."""

    id: str
    key: Secret


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    v: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    key: Annotated[str, Field(max_length=200)]


def project_key(zone: Path, project: str, keyring: Keyring) -> ProjectKey:
    """The project's key, made when it is first asked for and kept through amendments.

    Raises Refusal("lost_keys") when its file is damaged.
    """
    folder = zone / "projects"
    folder.mkdir(mode=0o700, exist_ok=True)
    place = folder / f"{project}.json"
    if not place.exists():
        mark = secrets.token_hex(8)
        wrapped = keyring.wrap(Secret.random().reveal(), _context(project, mark))
        fresh = _File(id=mark, key=base64.b64encode(wrapped).decode())
        write_file(place, fresh.model_dump_json().encode())
    try:
        file = _File.model_validate_json(place.read_bytes())
        wrapped = base64.b64decode(file.key, validate=True)
    except (ValidationError, ValueError):
        raise Refusal(
            "lost_keys",
            f"The pseudonym key of the project {project} is damaged.",
            "Restore it from backup; a new key gives all persons new pseudonyms.",
        ) from None
    return ProjectKey(file.id, Secret(keyring.unwrap(wrapped, _context(project, file.id))))


def shred(zone: Path, project: str) -> bool:
    """Destroy a project's pseudonym key; its pseudonyms then lead nowhere. False: there is none."""
    place = zone / "projects" / f"{project}.json"
    if not place.exists():
        return False
    place.unlink()
    sync_folder(place.parent)
    return True


def _context(project: str, mark: str) -> bytes:
    return f"project/{project}/{mark}".encode()
