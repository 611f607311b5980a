"""What vault and linker try at start: keys, primitives, closed folders; any failure stops them."""

import os
import stat
from pathlib import Path

import numpy as np

from pseudonym import prf
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring
from pseudonym.sealing import seal
from pseudonym.signed import open_document, sign_document

__all__ = ["prove"]

_KEY = bytes(range(32))
_UNIT = "PERSON"
_RID = "2f762687b2979fe4833a2bc57262f7dd"
"""rid of pid 0x0123456789abcdef under _KEY: a fixed answer, so that no build pseudonymises
differently from the last one."""


def prove(zone: Path, keyring: Keyring) -> None:
    """Try everything the process rests on; Refusal names what does not hold."""
    info = zone.stat()
    if info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) & 0o077:
        raise Refusal(
            "open_folder",
            f"The zone {zone.name} can be entered by other accounts.",
            f"Give it to the platform's account alone: chmod 700 {zone}",
        )
    pids = np.array([0x0123456789ABCDEF], np.uint64)
    rid = prf.registry_pseudonyms(_KEY, _UNIT, pids)
    if rid.tobytes().hex() != _RID or prf.unit_numbers(_KEY, _UNIT, rid)[0] != pids[0]:
        raise _broken("pseudonyms")
    probe = os.urandom(32)
    if keyring.unwrap(keyring.wrap(probe, b"self-test"), b"self-test") != probe:
        raise _broken("key wrapping")
    if keyring.unseal(seal(keyring.public, probe, b"self-test"), b"self-test") != probe:
        raise _broken("sealing")
    body = {"probe": probe.hex()}
    document = sign_document("self-test", body, keyring)
    if open_document("self-test", document, keyring.verify_key) != body:
        raise _broken("signing")


def _broken(what: str) -> Refusal:
    return Refusal(
        "self_test",
        f"The self-test of {what} failed.",
        "Do not go on: reinstall the pinned versions of the platform, then look at the hardware.",
    )
