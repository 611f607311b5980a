"""Verify a certificate offline, twice: by the gate's own reader and by the second verifier."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.certificate import Statement, parse, verify
from disclosure.verifier import Report, check
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, content_of

__all__ = ["Verified", "trusted_keys", "verify_certificate"]


@dataclass(frozen=True)
class Verified:
    """A certificate that holds. contents: how many released files were compared with it."""

    statement: Statement
    report: Report
    contents: int


def trusted_keys(text: str) -> frozenset[bytes]:
    """The engine's Ed25519 key from an instance's card.json, or from 64 hexadecimal digits.

    Raises Refusal("bad_key") for anything else.
    """
    word = text.strip()
    if not re.fullmatch(r"[0-9a-f]{64}", word):
        try:
            word = json.loads(text)["signers"]["engine"]
            if not re.fullmatch(r"[0-9a-f]{64}", word):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refusal(
                "bad_key",
                "This is neither an instance's card.json nor a public key.",
                "Name card.json, or the engine's key as 64 hexadecimal digits.",
            ) from None
    return frozenset({bytes.fromhex(word)})


def verify_certificate(
    content: bytes, trusted: Collection[bytes], released: Mapping[str, bytes]
) -> Verified:
    """Verify a certificate file, and released files against it.

    content: the certificate, or an object with it under "certificate" and the released body under
    "body". released: name to bytes, the released JSON of a table or the files of an output.
    Raises Refusal that names the first flaw.
    """
    found: Any = parse(content)
    body: Any = None
    if "certificate" in found:
        body = found.get("body")
        found = found["certificate"]
    if not isinstance(found, dict) or not isinstance(body, dict | None):
        raise Refusal(
            "certificate_malformed",
            "This is not a certificate of Workbench.",
            "Check that the file is complete and of the right kind.",
        )
    statement = verify(found, trusted)
    if statement.kind == "output":
        _check_files(statement, released)
        return Verified(statement, check(found, trusted), len(released))
    if len(released) > 1:
        raise _differs("A table is one file.")
    for text in released.values():
        body = parse(text)
    report = check(found, trusted, body)
    return Verified(statement, report, int(body is not None))


def _check_files(statement: Statement, released: Mapping[str, bytes]) -> None:
    try:
        listed = [
            OutputFile(str(file["name"]), str(file["sha256"]), int(file["size"]))
            for file in statement.proof["files"]
        ]
    except (KeyError, TypeError, ValueError):
        raise _differs("The certificate does not list its files.") from None
    if content_of(listed) != statement.content_sha256:
        raise _differs("The certificate's list of files is not what was signed for.")
    known = {file.sha256 for file in listed}
    strange = [
        number
        for number, content in enumerate(released.values(), 1)
        if hashlib.sha256(content).hexdigest() not in known
    ]
    if strange:
        raise _differs(f"File {strange[0]} is none of the {len(listed)} that were released.")


def _differs(reason: str) -> Refusal:
    return Refusal("not_verified", reason, "Download it again from the platform.")
