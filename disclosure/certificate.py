"""The certificate: a signed statement of what was released, under which rules, and the proof.

A certificate is JSON: {"version", "key", "statement", "signature"}. Signed (Ed25519, RFC 8032) is
the canonical JSON of all but the signature, after a fixed prefix, so that no other message of the
same key can pass for one. Signing is a callable: this module never holds a private key.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from disclosure.errors import Refusal
from disclosure.findings import Cell, Finding

__all__ = [
    "VERSION",
    "Chain",
    "Statement",
    "build",
    "canonical",
    "cells_json",
    "checkpoint",
    "content_sha256",
    "findings_json",
    "parse",
    "sign",
    "verify",
]  # fmt: skip

VERSION: Final = "workbench-certificate/1"
PREFIX: Final = b"workbench certificate, version 1\n"
HISTORY: Final = "workbench-history/1"
HISTORY_PREFIX: Final = b"workbench history, version 1\n"
SIZE_LIMIT: Final = 32 << 20

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=500)]
Rho = Annotated[str, Field(pattern=r"^[0-9]{1,18}(/[1-9][0-9]{0,17})?$")]


class Chain(BaseModel):
    """Where in the audit chain the release was recorded: its position and the head before it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    position: Annotated[int, Field(ge=0)]
    head: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class Statement(BaseModel):
    """What is certified. A closed schema: no other field, no coercion.

    kind: "table" (exact, audited), "result" (a model or curve within its family's rules), "noisy"
    (differentially private), "output" (a reviewed file).
    release: its id. plan_sha256, policy_sha256: None for outputs without. data_versions: dataset
    to version. view: the version of the project's view, "" without one. code_version: of the
    platform. content_sha256: of the released bytes, for tables of canonical JSON (see
    content_sha256). findings, proof: as in Decision. rho: exact cost ("0").
    reviewers: roles, never names. issued: UTC, ISO 8601.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    kind: Literal["table", "result", "noisy", "output"]
    release: Text
    project: Text
    plan_sha256: Sha256 | None
    policy_sha256: Sha256 | None
    content_sha256: Sha256
    data_versions: dict[str, str]
    view: Text = ""
    code_version: Text
    findings: list[dict[str, Any]]
    proof: dict[str, Any]
    rho: Rho
    reviewers: list[Text]
    chain: Chain
    issued: Annotated[
        str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)$")
    ]


def build(statement: Statement) -> dict[str, Any]:
    """The statement as plain JSON, ready to sign."""
    return statement.model_dump(mode="json")


def canonical(value: object) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def content_sha256(body: object) -> str:
    """SHA-256 (hex) of a table's canonical JSON."""
    return hashlib.sha256(canonical(body)).hexdigest()


def cells_json(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Released cells as JSON; a body that holds them as "cells" is compared with the proof."""
    return [
        {
            "codes": list(cell.codes),
            "values": dict(cell.values),
            "mark": cell.mark.value,
            "reason": cell.reason,
        }
        for cell in cells
    ]


def findings_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON, for statements and answers."""
    return [
        {
            "rule": one.rule,
            "severity": one.severity.value,
            "text": dict(one.text),
            "remedy": dict(one.remedy),
            "cells": one.cells,
        }
        | ({} if one.collision is None else {"collision": dict(one.collision)})
        for one in findings
    ]


def sign(
    statement: Mapping[str, Any], signer: Callable[[bytes], bytes], public_key: bytes
) -> dict[str, Any]:
    """The certificate of a built statement; signer: message to Ed25519 signature."""
    unsigned = {"version": VERSION, "key": public_key.hex(), "statement": dict(statement)}
    return {**unsigned, "signature": signer(PREFIX + canonical(unsigned)).hex()}


def checkpoint(
    end: Mapping[str, Any], signer: Callable[[bytes], bytes], public_key: bytes
) -> dict[str, Any]:
    """The signed end of a log, {"instance", "project", "position", "head", "issued"}."""
    unsigned = {"version": HISTORY, "key": public_key.hex(), "statement": dict(end)}
    return {**unsigned, "signature": signer(HISTORY_PREFIX + canonical(unsigned)).hex()}


def verify(certificate: Mapping[str, Any], trusted: Collection[bytes]) -> Statement:
    """The statement, if one of the trusted Ed25519 keys (32 bytes each) signed exactly this.

    Raises Refusal: "certificate_malformed", "certificate_untrusted" or "certificate_tampered".
    """
    if set(certificate) != {"version", "key", "statement", "signature"}:
        raise _malformed()
    if certificate["version"] != VERSION:
        raise Refusal(
            "certificate_version",
            "This certificate is of another version.",
            "Verify it with the release of Workbench that it names.",
        )
    try:
        key = bytes.fromhex(certificate["key"])
        signature = bytes.fromhex(certificate["signature"])
        unsigned = {name: certificate[name] for name in ("version", "key", "statement")}
        message = PREFIX + canonical(unsigned)
    except (TypeError, ValueError):
        raise _malformed() from None
    if (key.hex(), signature.hex()) != (certificate["key"], certificate["signature"]):
        raise _malformed()
    if key not in set(trusted):
        raise Refusal(
            "certificate_untrusted",
            "The key of this certificate is not one that you trust.",
            "Ask the platform for its public keys by another channel, and name them.",
        )
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return Statement.model_validate(certificate["statement"])
    except (InvalidSignature, ValueError) as problem:
        if isinstance(problem, ValidationError):
            raise _malformed() from None
        raise Refusal(
            "certificate_tampered",
            "The signature does not fit: the certificate was changed after it was signed.",
            "Download it again from the platform.",
        ) from None


def parse(text: bytes) -> dict[str, Any]:
    """A certificate file's JSON object; repeated keys and oversized files are refused."""
    if len(text) > SIZE_LIMIT:
        raise _malformed()
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _malformed() from None
    if not isinstance(found, dict):
        raise _malformed()
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _no_constant(_: str) -> object:
    raise ValueError("not a number")


def _malformed() -> Refusal:
    return Refusal(
        "certificate_malformed",
        "This is not a certificate of Workbench.",
        "Check that the file is complete and of the right kind.",
    )
