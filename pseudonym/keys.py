"""The zones' keys: who has which, how an instance gets them, how a process opens its own.

<zone>/keyring.json   sealed keys of vault, store and engine (see pseudonym.keyring)
<zone>/passphrase     opens it (0600); WORKBENCH_<ZONE>_PASSPHRASE stands in for the file
vault/link.secret     what vault and linker share to know each other; store/ holds a copy
store/desk.secret     what the linker and its callers (commands, portal) share
card.json             everything public: owners seal to it, anyone verifies with it
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pseudonym.card import Card, load_card
from pseudonym.durable import write_file
from pseudonym.errors import Refusal
from pseudonym.identifiers import Kind
from pseudonym.keyring import Keyring, Secret, public_halves

__all__ = [
    "DESK_SECRET",
    "KEY_ZONES",
    "LINK_SECRET",
    "Keyring",
    "Secret",
    "create_zone_keyring",
    "found_instance",
    "open_zone_keyring",
    "read_secret",
]

KEY_ZONES: Final = ("vault", "store", "engine")
LINK_SECRET: Final = "link.secret"  # noqa: S105 - a file's name
DESK_SECRET: Final = "desk.secret"  # noqa: S105 - a file's name


def found_instance(instance_root: Path, kind: Kind, instance_id: str) -> None:
    """Give an instance its keys: keyrings, passphrase files, shared secrets, public card.

    Idempotent: what exists stays. Each file appears in one step, the card last, so whoever sees
    the card sees everything. Raises Refusal("other_instance") when a card of another instance or
    other keys is there.
    """
    for zone in KEY_ZONES:
        folder = instance_root / zone
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / "keyring.json").exists():
            create_zone_keyring(folder)
    _share(LINK_SECRET, instance_root / "vault", instance_root / "store")
    _share(DESK_SECRET, instance_root / "store")
    public = {zone: public_halves(instance_root / zone / "keyring.json") for zone in KEY_ZONES}
    card = Card(
        instance=instance_id,
        kind=kind,
        vault=public["vault"][0].hex(),
        store=public["store"][0].hex(),
        engine=public["engine"][0].hex(),
        signers={"store": public["store"][1].hex(), "engine": public["engine"][1].hex()},
    )
    place = instance_root / "card.json"
    if not place.exists():
        write_file(place, (json.dumps(card.model_dump(), indent=1) + "\n").encode(), 0o644)
    elif load_card(place) != card:
        raise Refusal(
            "other_instance",
            "card.json belongs to other keys than those of this instance.",
            "Restore card.json and the zones from the same backup.",
        )


def create_zone_keyring(zone_dir: Path) -> Keyring:
    """Make a zone's keyring; its passphrase is the environment's, the file's, or a new random."""
    place = zone_dir / "passphrase"
    if not os.environ.get(_variable(zone_dir)) and not place.exists():
        write_file(place, secrets.token_urlsafe(32).encode())
    return Keyring.create(zone_dir / "keyring.json", _passphrase(zone_dir, os.environ))


def open_zone_keyring(zone_dir: Path, environ: Mapping[str, str]) -> Keyring:
    """Open a zone's keyring with WORKBENCH_<ZONE>_PASSPHRASE or its passphrase file.

    Raises Refusal("no_passphrase", "open_file", "no_keyring", "wrong_key" …).
    """
    return Keyring.open(zone_dir / "keyring.json", _passphrase(zone_dir, environ))


def read_secret(path: Path) -> bytes:
    """A shared secret (32 bytes); Refusal when missing, short, or open to other accounts."""
    secret = _private_file(path)
    if len(secret) != 32:
        raise Refusal(
            "no_secret", f"{path.name} is not a shared secret.", "Restore it from backup."
        )
    return secret


def _variable(zone_dir: Path) -> str:
    return f"WORKBENCH_{zone_dir.name.upper()}_PASSPHRASE"


def _passphrase(zone_dir: Path, environ: Mapping[str, str]) -> bytes:
    given = environ.get(_variable(zone_dir), "").encode()
    passphrase = given or _private_file(zone_dir / "passphrase").strip()
    if len(passphrase) < 12:
        raise Refusal(
            "no_passphrase",
            f"The passphrase of the zone {zone_dir.name} is shorter than 12 characters.",
            f"Set {_variable(zone_dir)} or its passphrase file.",
        )
    return passphrase


def _private_file(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except (FileNotFoundError, PermissionError):
        raise Refusal(
            "no_secret",
            f"{path.parent.name}/{path.name} is missing or closed to this account.",
            "Create the instance's keys with `workbench init`, or run as the platform's account.",
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refusal(
            "open_file",
            f"{path.parent.name}/{path.name} can be read by other accounts.",
            f"Close it: chmod 600 {path.parent.name}/{path.name}",
        )
    return content


def _share(name: str, *zones: Path) -> None:
    held = next((read_secret(zone / name) for zone in zones if (zone / name).exists()), None)
    secret = held or secrets.token_bytes(32)
    for zone in zones:
        if not (zone / name).exists():
            write_file(zone / name, secret)
        elif read_secret(zone / name) != secret:
            raise Refusal(
                "other_instance",
                f"{name} differs between the zones that share it.",
                "Restore the zones from the same backup.",
            )
