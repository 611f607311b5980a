"""One certificate: its signature, that the content is what was signed, and its proof."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from disclosure.verifier.tables import Table, flaw

__all__ = ["Report", "canonical", "check", "digest", "tables_of"]

Json = Mapping[str, Any]
CERTIFICATE = b"workbench certificate, version 1\n"
AT_LEAST = 3  # no policy may ask for fewer persons


@dataclass(frozen=True)
class Report:
    """What was verified: how many numbers were looked at, and how many intervals solved."""

    kind: str
    release: str
    shown: int
    withheld: int
    intervals: int
    body: bool


def check(
    certificate: Json,
    trusted: Collection[bytes],
    body: Json | None = None,
    intervals: int = 300,
) -> Report:
    """Verify signature, content (body) and proof; Refusal("not_verified") at the first flaw.

    intervals: of at most so many withheld cells the interval is solved.
    """
    statement = signed(certificate, trusted, CERTIFICATE)
    try:
        if body is not None and digest(body) != statement["content_sha256"]:
            raise flaw("The released content is not what was signed.")
        shown, withheld, solved = _proven(statement, body, intervals)
        kind, release = str(statement["kind"]), str(statement["release"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise flaw("The proof is not one that this verifier knows.") from None
    return Report(kind, release, shown, withheld, solved, body is not None)


def _proven(statement: Json, body: Json | None, intervals: int) -> tuple[int, int, int]:
    kind, proof = statement["kind"], statement["proof"]
    shown = withheld = solved = 0
    if kind not in ("table", "result", "noisy", "output"):
        raise KeyError
    if kind in ("table", "result"):
        words = proof["policy_words"]
        asked, sha256 = json.loads(words)["rules"], hashlib.sha256(words.encode()).hexdigest()
        kept = all(str(proof[key]) == asked[key] for key in {"threshold", "spread"} & set(proof))
        if not (kept and proof["policy"] == statement["policy_sha256"] == sha256):
            raise flaw("The proof is not of the policy that was signed.")
        if proof["threshold"] < AT_LEAST or Fraction(statement["rho"]):
            raise flaw("The threshold is lower than any may be, or exact numbers have a cost.")
    if kind == "table":
        tables = tables_of(proof)
        for table in tables:
            table.look()
            solved += table.spread(intervals - solved)
            shown += int((~table.hidden).sum())
            withheld += table.unknown.size
        if body is not None and "cells" in body:
            _same_counts(proof, tables, body["cells"])
    elif kind == "result" and body is not None:
        shown = _no_small_groups(proof, body["blocks"])
    elif kind == "noisy":
        twice = [(Fraction(p["sensitivity"]) / Fraction(p["scale"])) ** 2 for p in proof["parts"]]
        if not 0 < sum(twice) / 2 <= Fraction(proof["rho"]) == Fraction(statement["rho"]):
            raise flaw("The noise is not what its privacy cost pays for.")
    return shown, withheld, solved


def tables_of(proof: Json) -> list[Table]:
    """The tables of a proof, one a statistic."""
    if proof["kind"] != "suppression" or not proof["statistics"]:
        raise KeyError
    return [Table(proof, one) for one in proof["statistics"]]


def _same_counts(proof: Json, tables: list[Table], cells: list[Json]) -> None:
    for table, statistic in zip(tables, proof["statistics"], strict=True):
        key = f"{statistic['name']}.n" if len(tables) > 1 else "n"
        asked = range(table.inside.size) if proof["margins"] else np.flatnonzero(table.inside)
        if [statistic["counts"][at] for at in asked] != [cell["values"].get(key) for cell in cells]:
            raise flaw("The released counts are not those of the proof.")


def _no_small_groups(proof: Json, blocks: list[Json]) -> int:
    """How many counts of persons the blocks show; none of them is below the threshold."""
    counts = [
        row[at]
        for block in blocks
        for at, column in enumerate(block["columns"])
        for row in block["rows"]
        if column["kind"] == "persons" and row[at] is not None
    ]
    if any(type(one) is not int or 0 < one < proof["threshold"] or one < 0 for one in counts):
        raise flaw("A published count of persons is below the threshold.")
    if any(r.get("is", 1e9) < r.get("at_least", -1e9) for r in proof["rules"].get("rules", ())):
        raise flaw("A bound of the proof is not kept.")
    return len(counts)


def signed(document: Json, trusted: Collection[bytes], prefix: bytes) -> Json:
    """The statement of a document that one of the trusted keys signed, exactly so."""
    try:
        key = bytes.fromhex(document["key"])
        unsigned = {name: value for name, value in document.items() if name != "signature"}
        signature = bytes.fromhex(document["signature"])
        if key in set(trusted) and set(unsigned) == {"version", "key", "statement"}:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, prefix + canonical(unsigned))
            statement: Json = document["statement"]
            return statement
    except (KeyError, TypeError, ValueError, AttributeError, InvalidSignature):
        raise flaw("The signature does not fit.") from None
    raise flaw("It is not signed by a trusted key.")


def canonical(value: object) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(value: object) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()
