"""A published table as anyone sees it: counts, which are withheld, and what follows from both.

The intruder's equations are set up from the published counts alone and solved by other means than
the gate's: Gaussian elimination modulo a prime, and scipy's linear programs.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import scipy.optimize as so
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from disclosure.errors import Refusal

__all__ = ["Table", "flaw", "follow"]

PRIME = 2_147_483_647
TRIES = 8
Int = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Table:
    """One statistic: counts of cells and margins (C order), a letter for each that is withheld."""

    def __init__(self, proof: Mapping[str, Any], statistic: Mapping[str, Any]) -> None:
        self.threshold, self.promised = int(proof["threshold"]), int(proof["spread"])
        self.shape, counts = tuple(int(n) for n in proof["shape"]), statistic["counts"]
        self.hidden = np.array([one is None for one in counts], bool)
        self.letters = np.full(len(counts), "", "<U1")
        full = tuple(n + 1 for n in self.shape)
        for cell, letter in statistic["withheld"].items():
            self.letters[int(cell)] = letter
        places = np.array(list(np.ndindex(full))).reshape(len(counts), len(full))
        self.inside: Flags = np.all(places < np.array(self.shape), axis=1).astype(bool)
        allowed = np.char.find(np.where(self.inside, "cdp", "cu"), self.letters) >= 0
        known = all(one is None or type(one) is int for one in counts)
        if not (known and allowed.all() and ((self.letters != "") == self.hidden).all()):
            raise flaw("The proof does not describe a table.")
        self.counts = np.array([0 if one is None else one for one in counts], np.int64)
        self.unknown = np.flatnonzero(self.hidden & (self.letters != "u"))
        parts = [sp.csr_matrix(np.vstack([np.eye(n), np.ones(n)])) for n in self.shape]
        sums = reduce(sp.kron, parts, sp.csr_matrix([[1.0]]))
        told = np.flatnonzero(~self.inside & (self.letters != "u"))
        # What a margin sums, minus the margin itself: nothing is left.
        size, sums = self.inside.size, sums.tocoo()
        among = (sums.data, (sums.row, np.flatnonzero(self.inside)[sums.col]))
        balance = (sp.csr_matrix(among, shape=(size, size)) - sp.identity(size)).tocsr()[told]
        self.matrix = balance[:, self.unknown].astype(np.int64)
        self.right: Int = -(balance @ self.counts).astype(np.int64)

    def look(self) -> None:
        """No published count is small, and no withheld one follows, alone or with another."""
        if ((self.counts != 0) & (self.counts < self.threshold)).any():
            raise flaw("A published count is below the threshold.")
        secret = np.isin(self.letters[self.unknown], ["p", "d"])
        follow(self.matrix, self.right, secret, self.threshold)

    def spread(self, limit: int) -> int:
        """Withheld small cells stay open as far as promised; how many of them were looked at."""
        letters, inside = self.letters[self.unknown], self.inside[self.unknown]
        small = np.flatnonzero(letters == "p")
        if not self.matrix.shape[0] or not small.size or limit <= 0:
            return 0
        # Public knowledge: what is marked small is below the threshold, other cells are not.
        low = np.where(inside & (letters != "p"), self.threshold, 0)
        high = np.where(letters == "p", self.threshold - 1.0, np.inf)
        part, bounds = parts_of(self.matrix), np.stack([low, high], axis=1)
        least, most = np.full(low.size, np.inf), np.full(low.size, -np.inf)
        chosen = small[:: max(1, -(-small.size // limit))]
        attempts = iter(np.random.default_rng(0).choice([-1.0, 1.0], (TRIES, small.size)))
        while (narrow := chosen[most[chosen] - least[chosen] < self.promised - 1e-6]).size:
            # First tables that differ much, then the ends of one cell in each part at a time.
            attempt, goal = next(attempts, None), np.zeros(low.size)
            asked = narrow[np.unique(part[narrow], return_index=True)[1]]
            if attempt is not None:
                asked, goal[narrow] = asked[:0], attempt[: narrow.size]
            else:
                goal[asked] = 1.0
            for aim in (goal, -goal):
                found = so.linprog(aim, A_eq=self.matrix, b_eq=self.right, bounds=bounds)
                if found.status != 0:
                    raise flaw("The published margins contradict each other.")
                least, most = np.minimum(least, found.x), np.maximum(most, found.x)
            if (most[asked] - least[asked] < self.promised - 1e-6).any():
                raise flaw("A withheld count is open less than promised.")
        return int(chosen.size)


def parts_of(matrix: sp.csr_matrix) -> Int:
    """The number of the part that each unknown is in: parts have no equation in common."""
    part: Int = connected_components(abs(matrix).T @ abs(matrix), directed=False)[1]
    return part


def follow(matrix: sp.csr_matrix, right: Int, secret: Flags, threshold: int) -> None:
    """Refuse equations (rows) from which a secret unknown follows, or one or two below threshold.

    matrix: whole numbers, (equations, unknowns); secret: which unknowns may not follow at all.
    """
    busy, sums = np.diff(matrix.indptr) > 0, abs(matrix).sum(axis=1).A1 == matrix.sum(axis=1).A1
    if right[~busy].any():
        raise flaw("The published margins are not the sums of their cells.")
    if (sums & (right > 0) & (right < threshold)).any():
        raise flaw("A small group follows from a published margin.")
    matrix, right, part = matrix[busy], right[busy], parts_of(matrix)
    owner = part[matrix.indices[matrix.indptr[:-1]]]
    for one in np.unique(owner):
        cells, rows = np.flatnonzero(part == one), np.flatnonzero(owner == one)
        ways, value = _eliminate(matrix[rows][:, cells].toarray(), right[rows])
        fixed, hid = ~ways.any(axis=1), secret[cells]
        if (fixed & (hid | ((value > 0) & (value < threshold)))).any():
            raise flaw("A withheld number follows from the published margins.")
        seen: dict[bytes, list[int]] = {}
        for j in np.flatnonzero(hid).tolist():
            for other in seen.get((-ways[j] % PRIME).tobytes(), ()):
                if 0 < (value[j] + value[other]) % PRIME < threshold:
                    raise flaw("Two withheld cells together are a published small group.")
            seen.setdefault(ways[j].tobytes(), []).append(j)


def _eliminate(matrix: Int, right: Int) -> tuple[Int, Int]:
    """Every unknown as a value plus ways that it may go (unknowns, free ones), modulo PRIME."""
    work = np.concatenate([matrix, right[:, None]], axis=1).astype(np.int64) % PRIME
    pivots: list[int] = []
    for column in range(matrix.shape[1]):
        row = len(pivots)
        if not (candidates := np.flatnonzero(work[row:, column])).size:
            continue
        work[[row, row + candidates[0]]] = work[[row + candidates[0], row]]
        work[row] = work[row] * pow(int(work[row, column]), PRIME - 2, PRIME) % PRIME
        others = np.flatnonzero(work[:, column])
        others = others[others != row]
        work[others] = (work[others] - work[others, column, None] * work[row] % PRIME) % PRIME
        pivots.append(column)
    if work[len(pivots) :, -1].any():
        raise flaw("The published margins contradict each other.")
    free = np.setdiff1d(np.arange(matrix.shape[1]), pivots)
    ways = np.zeros((matrix.shape[1], free.size), np.int64)
    value = np.zeros(matrix.shape[1], np.int64)
    ways[free, np.arange(free.size)] = 1
    ways[pivots] = -work[: len(pivots), free] % PRIME
    value[pivots] = work[: len(pivots), -1]
    return ways, value


def flaw(reason: str) -> Refusal:
    """What the verifier found wrong."""
    return Refusal("not_verified", reason, "Do not rely on this release; tell the platform.")
