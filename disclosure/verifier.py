"""The second verifier: checks a certificate's signature and proof without any of the gate's code.

It knows only what anyone sees: the published counts and which cells are withheld. From these it
sets up the intruder's equations and asks, with its own linear algebra (Gaussian elimination modulo
a prime, where the gate decomposes real matrices) and its own linear programs (scipy), whether a
withheld count below the threshold follows, alone or with another one, or stays open too little.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import scipy.optimize as so
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from numpy.typing import NDArray

from disclosure.errors import Refusal

__all__ = ["Report", "check"]

PRIME = 2_147_483_647
Int = NDArray[np.int64]


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
    certificate: Mapping[str, Any],
    trusted: Collection[bytes],
    body: Mapping[str, Any] | None = None,
    intervals: int = 300,
) -> Report:
    """Verify signature, content and proof; raises Refusal("not_verified") at the first flaw.

    body: the released JSON, to compare with the signed hash and with the counts of the proof.
    intervals: of at most so many withheld cells the feasibility interval is solved.
    """
    statement = _signed(certificate, trusted)
    if body is not None and _sha256(body) != statement["content_sha256"]:
        raise _flaw("The released content is not what was signed.")
    proof = statement["proof"]
    shown = withheld = solved = 0
    if statement["kind"] == "table":
        for statistic in proof["statistics"]:
            table = _Table(proof, statistic)
            table.look()
            table.determine()
            solved += table.spread(intervals - solved)
            shown += len(table.counts) - len(table.withheld)
            withheld += sum(letter != "u" for letter in table.withheld.values())
        if body is not None and "cells" in body:
            _same_counts(proof, body["cells"])
    if statement["kind"] == "result" and body is not None:
        shown = _no_small_groups(proof, body["blocks"])
    return Report(
        statement["kind"], statement["release"], shown, withheld, solved, body is not None
    )


def _signed(certificate: Mapping[str, Any], trusted: Collection[bytes]) -> Mapping[str, Any]:
    try:
        key = bytes.fromhex(certificate["key"])
        unsigned = {name: value for name, value in certificate.items() if name != "signature"}
        if key not in set(trusted) or set(unsigned) != {"version", "key", "statement"}:
            raise _flaw("The certificate is not signed by a trusted key.")
        message = b"workbench certificate, version 1\n" + _canonical(unsigned)
        signature = bytes.fromhex(certificate["signature"])
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        statement: Mapping[str, Any] = certificate["statement"]
    except (KeyError, TypeError, ValueError, InvalidSignature):
        raise _flaw("The certificate's signature does not fit.") from None
    return statement


class _Table:
    """One statistic as the public sees it: counts of cells and margins, C order, some withheld."""

    def __init__(self, proof: Mapping[str, Any], statistic: Mapping[str, Any]) -> None:
        self.threshold, self.promised = int(proof["threshold"]), int(proof["spread"])
        self.shape = tuple(int(n) for n in proof["shape"])
        self.counts: list[int | None] = list(statistic["counts"])
        self.withheld = {int(cell): letter for cell, letter in statistic["withheld"].items()}
        empty = {at for at, count in enumerate(self.counts) if count is None}
        places = list(product(*(range(n + 1) for n in self.shape)))
        if len(places) != len(self.counts) or empty != set(self.withheld):
            raise _flaw("The proof does not describe a table.")
        inner = [all(i < n for i, n in zip(p, self.shape, strict=True)) for p in places]
        self.unknown = [at for at in sorted(empty) if inner[at]]
        column = {at: j for j, at in enumerate(self.unknown)}
        rows, right = [], []
        for at, place in enumerate(places):
            count = self.counts[at]
            if inner[at] or count is None:
                continue
            row, rest = np.zeros(len(self.unknown), np.int64), count
            for cell in self._under(place):
                known = self.counts[cell]
                if known is None:
                    row[column[cell]] = 1
                else:
                    rest -= known
            if not row.any() and rest != 0:
                raise _flaw("The published margins are not the sums of their cells.")
            rows.append(row)
            right.append(rest)
        size = (len(rows), len(self.unknown))
        self.matrix = np.array(rows, np.int64).reshape(size)
        self.right = np.array(right, np.int64)

    def _under(self, place: tuple[int, ...]) -> list[int]:
        """The inner cells that a margin sums, as flat positions among cells and margins."""
        ranges = [range(n) if i == n else (i,) for i, n in zip(place, self.shape, strict=True)]
        full = tuple(n + 1 for n in self.shape)
        return [int(np.ravel_multi_index(cell, full)) for cell in product(*ranges)]

    def look(self) -> None:
        """No published count is small."""
        if any(count is not None and 0 < count < self.threshold for count in self.counts):
            raise _flaw("A published count is below the threshold.")
        if any(count is not None and count < 0 for count in self.counts):
            raise _flaw("A published count is negative.")

    def determine(self) -> None:
        """No withheld small cell follows from the margins, nor a pair of cells below threshold."""
        reduced, values, pivots = _eliminate(self.matrix, self.right)
        classes = np.zeros((len(self.unknown), len(self.unknown)), np.int64)
        offset = np.zeros(len(self.unknown), np.int64)
        np.fill_diagonal(classes, 1)
        for row, pivot in enumerate(pivots):
            classes[pivot] = -reduced[row] % PRIME
            classes[pivot, pivot] = 0
            offset[pivot] = values[row]
        small = [j for j, at in enumerate(self.unknown) if self.withheld[at] in "pd"]
        seen: dict[bytes, list[int]] = {}
        for j in small:
            if not classes[j].any():
                raise _flaw("A withheld number follows from the published margins.")
            for other in seen.get(((-classes[j]) % PRIME).tobytes(), ()):
                total = int((offset[j] + offset[other]) % PRIME)
                if 0 < total < self.threshold:
                    raise _flaw("Two withheld cells together are a published small group.")
            seen.setdefault(classes[j].tobytes(), []).append(j)

    def spread(self, limit: int) -> int:
        """Withheld small cells stay open as far as promised; the number of intervals solved."""
        small = [j for j, at in enumerate(self.unknown) if self.withheld[at] == "p"]
        if not len(self.matrix) or not small or limit <= 0:
            return 0
        top = self.threshold - 1
        bounds = [
            (0, top if self.withheld[at] == "p" else None) for at in self.unknown
        ]  # public knowledge: a primary cell is below the threshold
        step = max(1, -(-len(small) // limit))
        chosen = small[::step]
        for j in chosen:
            goal = np.zeros(len(self.unknown))
            ends = []
            for direction in (1.0, -1.0):
                goal[j] = direction
                found = so.linprog(
                    goal, A_eq=self.matrix, b_eq=self.right, bounds=bounds, method="highs"
                )
                if found.status != 0:
                    raise _flaw("The published margins contradict each other.")
                ends.append(direction * found.fun)
            if ends[1] - ends[0] < self.promised - 1e-6:
                raise _flaw("A withheld count is open less than promised.")
        return len(chosen)


def _eliminate(matrix: Int, right: Int) -> tuple[Int, Int, list[int]]:
    """Reduced row echelon form modulo PRIME, with the right side and the pivot columns."""
    work = np.concatenate([matrix, right[:, None]], axis=1) % PRIME
    pivots: list[int] = []
    row = 0
    for column in range(matrix.shape[1]):
        if row == len(work):
            break
        candidates = np.flatnonzero(work[row:, column])
        if not candidates.size:
            continue
        chosen = row + int(candidates[0])
        work[[row, chosen]] = work[[chosen, row]]
        work[row] = work[row] * pow(int(work[row, column]), PRIME - 2, PRIME) % PRIME
        others = np.flatnonzero(work[:, column])
        others = others[others != row]
        factors = work[others, column][:, None]
        work[others] = (work[others] - factors * work[row][None, :] % PRIME) % PRIME
        pivots.append(column)
        row += 1
    return work[:row, :-1], work[:row, -1], pivots


def _same_counts(proof: Mapping[str, Any], cells: list[Mapping[str, Any]]) -> None:
    several = len(proof["statistics"]) > 1
    for statistic in proof["statistics"]:
        key = f"{statistic['name']}.n" if several else "n"
        asked = [
            count
            for at, count in enumerate(statistic["counts"])
            if proof["margins"] or _is_inner(at, proof["shape"])
        ]
        if asked != [cell["values"].get(key) for cell in cells]:
            raise _flaw("The released counts are not those of the proof.")


def _no_small_groups(proof: Mapping[str, Any], blocks: list[Mapping[str, Any]]) -> int:
    """How many counts of persons the blocks show; none of them is below the threshold."""
    counts = [
        row[at]
        for block in blocks
        for at, column in enumerate(block["columns"])
        if column["kind"] == "persons"
        for row in block["rows"]
        if row[at] is not None
    ]
    if any(not isinstance(one, int) or 0 < one < proof["threshold"] or one < 0 for one in counts):
        raise _flaw("A published count of persons is below the threshold.")
    return len(counts)


def _is_inner(at: int, shape: list[int]) -> bool:
    if not shape:
        return True
    place = np.unravel_index(at, tuple(n + 1 for n in shape))
    return all(int(i) < n for i, n in zip(place, shape, strict=True))


def _canonical(value: object) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _sha256(value: object) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()


def _flaw(reason: str) -> Refusal:
    return Refusal("not_verified", reason, "Do not rely on this release; tell the platform.")
