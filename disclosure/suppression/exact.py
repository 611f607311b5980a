"""Exact disclosure by linear algebra: what follows from published sums, whatever the numbers are.

A sum q of unknowns follows from the equations A x = b iff q lies in the row space of A; for a
single unknown that is iff its leverage is 1. One symmetric decomposition of A Aᵀ answers for all.
Source: Hoaglin & Welsch 1978 (hat matrix); Kleyn & Cuppen on the audit of statistical databases
use the same null-space argument, as do Chin & Özsoyoğlu 1982.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sla
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["RowSpace", "derived_unions", "small_groups", "small_sums"]

Float = NDArray[np.float64]
EXHAUSTIVE = 14
TOLERANCE = 1e-7
"""A 0/1 system separates leverage 1 from the next value by far more than this."""


@dataclass(frozen=True)
class RowSpace:
    """The row space of published sums over `unknowns` unknowns, as an orthonormal basis.

    equations: (rows, unknowns) sparse, without rows of nothing; root: (rows, rank) float64, so
    that equationsᵀ · root is the basis.
    """

    equations: sp.csr_matrix
    root: Float

    @classmethod
    def of(cls, equations: sp.csr_matrix) -> "RowSpace":
        """Decompose equations (rows, unknowns)."""
        kept = equations[np.flatnonzero(np.diff(equations.indptr))].astype(np.float64)
        if not kept.shape[0]:
            return cls(kept, np.zeros((0, 0)))
        gram = (kept @ kept.T).toarray()
        weights, vectors = sla.eigh(gram, driver="evd")
        rank = weights > weights[-1] * 1e-11
        return cls(kept, vectors[:, rank] / np.sqrt(weights[rank]))

    def leverage(self) -> Float:
        """float64, (unknowns,): 1 where the unknown follows exactly from the equations."""
        if not self.root.size:
            return np.zeros(self.equations.shape[1])
        found: Float = np.square(self.equations.T @ self.root).sum(axis=1)
        return found

    def determined(self) -> NDArray[np.bool_]:
        """bool, (unknowns,): the unknown follows exactly from the equations."""
        known: NDArray[np.bool_] = self.leverage() > 1 - TOLERANCE
        return known

    def follows(self, sums: sp.csr_matrix) -> NDArray[np.bool_]:
        """bool, (sums,): whether each 0/1 row over the unknowns follows from the equations."""
        size: Float = np.asarray(sums.sum(axis=1), np.float64).ravel()
        if not self.root.size:
            return np.equal(size, 0.0)
        inside = np.square((sums.astype(np.float64) @ self.equations.T) @ self.root).sum(axis=1)
        known: NDArray[np.bool_] = inside > size - TOLERANCE * np.maximum(size, 1)
        return known

    def shadows(self) -> Float:
        """float64, (unknowns, 2): what a generic vector leaves outside the row space.

        A 0/1 sum of unknowns follows from the equations iff its shadows add up to nothing (but
        for vectors of measure zero, hence two of them, fixed so that the answer never varies).
        """
        generic = np.random.default_rng(20_110_727).standard_normal((self.equations.shape[1], 2))
        if not self.root.size:
            return generic
        inside = self.equations.T @ (self.root @ (self.root.T @ (self.equations @ generic)))
        return np.asarray(generic - inside)


def small_groups(
    space: RowSpace, counts: NDArray[np.int64], threshold: int, largest: int
) -> list[tuple[int, ...]]:
    """Sets of up to `largest` (≤ 3) unknowns whose joint count follows and is 1..threshold-1.

    counts: int64, (unknowns,). Sets of one come first; sets that hold a smaller set are left out.
    """
    candidates = np.flatnonzero((counts > 0) & (counts < threshold))
    if not candidates.size:
        return []
    shadows = space.shadows()[candidates]
    near = TOLERANCE * max(1.0, float(np.abs(shadows).max()))
    return [
        tuple(int(candidates[i]) for i in group)
        for group in small_sums(shadows, counts[candidates], threshold, largest, near)
    ]


def small_sums(
    shadows: Float, weight: NDArray[np.int64], threshold: int, largest: int, near: float
) -> list[tuple[int, ...]]:
    """Sets of up to `largest` rows whose weights are below the threshold and whose shadows (n, 2)
    add up to less than `near`; sets that hold a smaller set are left out."""
    alone = np.abs(shadows).max(axis=1) < near
    found: list[tuple[int, ...]] = [(int(i),) for i in np.flatnonzero(alone)]
    free = np.flatnonzero(~alone)
    free = free[np.argsort(shadows[free, 0], kind="stable")]  # a sorted list is soon sorted
    if largest >= 2:
        found += [
            (int(free[i]), int(free[j]))
            for i, j in _pairs(shadows[free], np.zeros(2), near)
            if weight[free[i]] + weight[free[j]] < threshold
        ]
    if largest >= 3:
        for k, one in enumerate(free):
            later = free[k + 1 :]
            later = later[weight[later] + weight[one] < threshold]
            found += [
                (int(one), int(later[i]), int(later[j]))
                for i, j in _pairs(shadows[later], -shadows[one], near)
                if weight[one] + weight[later[i]] + weight[later[j]] < threshold
            ]
    return found


def derived_unions(space: RowSpace) -> Iterator[NDArray[np.intp]]:
    """Unions of unknowns (sorted indices) whose sum follows from the equations.

    All of them where there are at most EXHAUSTIVE unknowns; beyond, those that one equation gives,
    that two of them give by addition or subtraction, and pairs and triples of any origin.
    """
    unknowns = space.equations.shape[1]
    if unknowns <= EXHAUSTIVE:
        shadows = space.shadows()
        totals = np.zeros((1, 2))
        for one in shadows:
            totals = np.concatenate([totals, totals + one])
        near = np.abs(totals).max(axis=1) < TOLERANCE * max(1.0, np.abs(shadows).max(initial=0))
        for code in np.flatnonzero(near)[1:].tolist():
            yield np.array([i for i in range(unknowns) if code >> i & 1], np.intp)
        return
    rows = [frozenset(row.indices.tolist()) for row in space.equations]
    found = {row for row in rows if row}
    found |= {one ^ other for one in rows for other in rows if one < other}
    found |= {one | other for one in rows for other in rows if not one & other}
    ones = np.ones(unknowns, np.int64)
    found |= {frozenset(group) for group in small_groups(space, ones, 4, 3)}
    for union in sorted(found, key=lambda members: (len(members), sorted(members))):
        yield np.array(sorted(union), np.intp)


def _pairs(shadows: Float, goal: Float, tolerance: float) -> list[tuple[int, int]]:
    """Index pairs i < j with shadows[i] + shadows[j] = goal, by one sorted look-up."""
    if len(shadows) < 2:
        return []
    order = np.argsort(shadows[:, 0], kind="stable")
    ranked = shadows[order, 0]
    wanted = goal[0] - shadows[:, 0]
    low = np.searchsorted(ranked, wanted - tolerance, "left")
    high = np.searchsorted(ranked, wanted + tolerance, "right")
    pairs = []
    for i in np.flatnonzero(high > low):
        for at in range(int(low[i]), int(high[i])):
            j = int(order[at])
            if i < j and abs(shadows[i, 1] + shadows[j, 1] - goal[1]) <= tolerance:
                pairs.append((int(i), j))
    return pairs
