"""Signed JSON documents: an Ed25519 signature, and what the document is for.

Signed is the body as written, in its own order (a code list's order is part of what it says).
"""

import base64
import json
from collections.abc import Mapping
from typing import Annotated, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring

__all__ = ["LIMIT", "open_document", "sign_document"]

LIMIT = 64 << 20


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    purpose: Annotated[str, Field(max_length=200)]
    body: dict[str, Any]
    signature: Annotated[str, Field(max_length=100)]


def sign_document(purpose: str, body: Mapping[str, Any], keyring: Keyring) -> bytes:
    """The file's bytes. `purpose` names what it is and of what, so none stands in for another."""
    signature = keyring.sign(_message(purpose, body))
    envelope = {"purpose": purpose, "body": dict(body)}
    return _json(envelope | {"signature": base64.b64encode(signature).decode()}) + b"\n"


def open_document(purpose: str, content: bytes, signer: bytes) -> dict[str, Any]:
    """The body of a document that `signer` signed for this purpose; Refusal("tampered") else."""
    try:
        envelope = _Envelope.model_validate_json(content[: LIMIT + 1])
        key = Ed25519PublicKey.from_public_bytes(signer)
        signature = base64.b64decode(envelope.signature, validate=True)
        key.verify(signature, _message(purpose, envelope.body))
    except (ValidationError, ValueError, InvalidSignature):
        raise _tampered(purpose) from None
    if envelope.purpose != purpose:
        raise _tampered(purpose)
    return envelope.body


def _message(purpose: str, body: Mapping[str, Any]) -> bytes:
    return b"workbench document 1\x00" + purpose.encode() + b"\x00" + _json(body)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _tampered(purpose: str) -> Refusal:
    return Refusal(
        "tampered",
        f"The signed document of {purpose} was changed, or belongs to something else.",
        "Restore it from backup; the platform goes on with nothing it cannot verify.",
    )
