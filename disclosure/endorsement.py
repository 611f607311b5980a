"""Who stands behind a policy: the signatures of its writer and its approver, and whose keys count.

A layer `x.toml` has `x.toml.sig` beside it, JSON {"v": 1, "writer": {…}, "approver": {…}} with each
{"name", "key", "day", "signature"}: Ed25519 over role, name, day and the SHA-256 of the file, after
a fixed prefix. The names are those that the layer itself gives; the keys are not the same.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from disclosure.errors import Refusal

__all__ = ["ROLES", "Signer", "check_endorsed", "endorse"]

PREFIX: Final = b"workbench policy, version 1\n"
ROLES: Final = {"writer": "written_by", "approver": "approved_by"}
"""Each role and the key of a layer that names its person."""


@dataclass(frozen=True)
class Signer:
    """A key that counts: whose it is, and the days from which and until which it does."""

    name: str
    key: str
    valid_from: date
    valid_until: date


def endorse(
    content: bytes,
    role: str,
    name: str,
    day: date,
    signer: Callable[[bytes], bytes],
    key: bytes,
) -> dict[str, str]:
    """One person's signature of a layer's file."""
    told = {"name": name, "key": key.hex(), "day": day.isoformat()}
    return told | {"signature": signer(_message(content, role, told)).hex()}


def check_endorsed(
    file: str,
    content: bytes,
    signatures: bytes | None,
    layer: Mapping[str, Any],
    signers: Collection[Signer],
    today: date,
) -> None:
    """Refuse a layer that its writer and its approver have not both signed with keys that count.

    file: the layer's name, for the reader; signatures: of the file beside it, None without one;
    layer: the parsed content. Raises Refusal: policy_unsigned, policy_signer_unknown,
    policy_key_expired, policy_signature_wrong; each names the file and the role.
    """
    found = _read(file, signatures)
    for role, named in ROLES.items():
        told = found.get(role)
        if told is None:
            raise _unsigned(file, role)
        who = f"the {role} of {file}, {told['name']},"
        if told["name"] != layer.get(named):
            raise _wrong(f"The {role} that {file} names is not the one who signed it.")
        known = [one for one in signers if (one.name, one.key) == (told["name"], told["key"])]
        if not known:
            raise Refusal(
                "policy_signer_unknown",
                f"The key of {who} is none of those that count here.",
                "Have it signed with a known key, or trust this one with `workbench policy trust`.",
            )
        if not any(one.valid_from <= today <= one.valid_until for one in known):
            raise Refusal(
                "policy_key_expired",
                f"The key of {who} does not count any more, or not yet.",
                f"Have {file} signed again with a key that is valid today.",
            )
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["key"]))
            key.verify(bytes.fromhex(told["signature"]), _message(content, role, told))
        except (InvalidSignature, ValueError):
            raise _wrong(f"{file} is not what its {role} {told['name']} signed.") from None
    if found["writer"]["key"] == found["approver"]["key"]:
        raise _wrong(f"Writer and approver of {file} signed with the same key.")


def _message(content: bytes, role: str, told: Mapping[str, str]) -> bytes:
    parts = {"role": role, "name": told["name"], "day": told["day"]}
    whole = parts | {"sha256": hashlib.sha256(content).hexdigest()}
    return PREFIX + json.dumps(whole, sort_keys=True).encode()


def _read(file: str, signatures: bytes | None) -> Mapping[str, Mapping[str, str]]:
    if signatures is None:
        raise _unsigned(file, "writer")
    try:
        found = json.loads(signatures)
        entries = {role: one for role, one in found.items() if role != "v"}
        if found["v"] != 1 or set(entries) - set(ROLES):
            raise ValueError
        for one in entries.values():
            if set(one) != {"name", "key", "day", "signature"} or not all(
                isinstance(value, str) for value in one.values()
            ):
                raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _wrong(f"The signatures of {file} cannot be read.") from None
    return entries


def _unsigned(file: str, role: str) -> Refusal:
    return Refusal(
        "policy_unsigned",
        f"The {role} of {file} has not signed it.",
        f"Sign it: workbench policy sign {file} --as {role} --key …",
    )


def _wrong(reason: str) -> Refusal:
    return Refusal(
        "policy_signature_wrong", reason, "Restore the file, or have it signed again by both."
    )
