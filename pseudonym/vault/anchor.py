"""The last number of the store's pointer, kept where the store's keys do not reach."""

from pathlib import Path
from typing import Final

from pseudonym.durable import write_file
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring
from pseudonym.signed import open_document, sign_document
from pseudonym.wire import Anchored

__all__ = ["ask", "keep"]

_PURPOSE: Final = "anchor of the store"


def ask(zone: Path, keyring: Keyring) -> Anchored:
    """What is kept; number 0 before anything was."""
    place = zone / "anchor.json"
    if not place.exists():
        return Anchored(number=0, sha256="")
    body = open_document(_PURPOSE, place.read_bytes(), keyring.verify_key)
    return Anchored(number=int(body["number"]), sha256=str(body["sha256"]))


def keep(zone: Path, keyring: Keyring, number: int, sha256: str) -> Anchored:
    """Keep a new number; Refusal("rolled_back") when it is behind the kept one."""
    kept = ask(zone, keyring)
    if number < kept.number or (number == kept.number > 0 and sha256 != kept.sha256):
        raise Refusal(
            "rolled_back",
            "The store's list of published versions is older than it was, or another one.",
            "Restore the newest published.json; an old one would show withdrawn versions again.",
        )
    if number > kept.number:
        body = {"number": number, "sha256": sha256}
        write_file(zone / "anchor.json", sign_document(_PURPOSE, body, keyring))
    return Anchored(number=number, sha256=sha256)
