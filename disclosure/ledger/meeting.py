"""A new table before all releases at once: would a small group follow from everything together?

Tested are all groups that nobody separates, pairs of them (of few, triples), every sum of the new
table, every inner cell of the earlier ones, and every joint cell of the new one with each of them.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.ledger.atoms import published_sums
from disclosure.ledger.standing import (
    Cells,
    Float,
    Int,
    Standing,
    Table,
    basic,
    independent,
    project,
)
from disclosure.suppression.exact import small_sums

__all__ = ["Meeting"]

PAIRS_UP_TO, TRIPLES_UP_TO = 200_000, 400
"""Small groups among which pairs and triples are searched."""
NEAR = 1e-6
"""Of a shadow's usual size: a generic sum of shadows is not so near to nothing by chance."""
KEPT = 1 << 24
"""Entries of joint counts that are kept, eight bytes each."""


class Meeting:
    """How a new table's inner cells meet the releases of a standing."""

    def __init__(self, standing: Standing, vector: Cells, cells: int) -> None:
        self._standing = standing
        self._vector = vector
        self.cells = cells

    @property
    def releases(self) -> tuple[str, ...]:
        """The earlier releases, oldest first."""
        return tuple(one.name for one in self._standing.tables)

    def joints(self) -> Iterable[Int]:
        """Of each earlier release: int64 (cells + 1, its cells + 1), persons in both."""
        width = sum(one.cells + 1 for one in self._standing.tables)
        if width * (self.cells + 1) > KEPT:
            return self._standing.joints(self._vector, self.cells)
        return self._joints

    @cached_property
    def _joints(self) -> Sequence[Int]:
        return list(self._standing.joints(self._vector, self.cells))

    def joined(self, place: NDArray[np.int64], cells: int) -> "Meeting":
        """The same with fewer cells: `place` is the new cell of each former one."""
        return Meeting(self._standing, np.append(place, cells)[self._vector], cells)

    def collides(
        self, published: tuple[tuple[int, ...], ...], sums: sp.csr_matrix, threshold: int
    ) -> bool:
        """Whether a group of 1..threshold-1 persons follows from the new and all earlier counts.

        published: the counts that the new table would show, as inner cells. sums: (any, inner
        cells) of 0 and 1, sums of the new table that are watched. Raises
        Refusal("too_much_released") when there is more than can be audited: never a pass.
        """
        standing = self._standing
        below, gram = self._against
        found = independent(published_sums(basic(published), self.cells), below, gram)
        table = Table("", self._vector, self.cells, found.sums, found.factor, found.inverse)
        shadow = project(standing.shadow(), [*standing.tables, table], standing.within)
        near = NEAR * float(np.sqrt(np.square(shadow).mean()) or 1.0)
        return (
            self._own(shadow, sums, threshold, near)
            or self._earlier(shadow, threshold, near)
            or self._apart(shadow, threshold, near)
        )

    @cached_property
    def _against(self) -> tuple[Float, Int]:
        return self._standing.against(self._vector, self.cells, self.joints())

    def _own(self, shadow: Float, sums: sp.csr_matrix, threshold: int, near: float) -> bool:
        size = np.asarray(sums @ np.bincount(self._vector, minlength=self.cells + 1)[: self.cells])
        small = np.flatnonzero((size > 0) & (size < threshold))
        if not small.size:
            return False
        inner = [np.bincount(self._vector, one, self.cells + 1)[: self.cells] for one in shadow]
        told = np.asarray(sums[small] @ np.stack(inner, axis=1))
        return bool((np.abs(told).max(axis=1) < near).any())

    def _earlier(self, shadow: Float, threshold: int, near: float) -> bool:
        """Inner cells of earlier releases, and joint cells of each with the new table."""
        for table, joint in zip(self._standing.tables, self.joints(), strict=True):
            width = table.cells + 1
            if self._vanishes(joint[:, :-1].sum(axis=0), table.vector, shadow, threshold, near):
                return True
            few = (joint > 0) & (joint < threshold)
            few[-1, -1] = False
            if few.any():
                key = self._vector.astype(np.int64) * width + table.vector
                if self._vanishes(np.where(few, joint, 0).ravel(), key, shadow, threshold, near):
                    return True
        return False

    @staticmethod
    def _vanishes(size: Int, key: Cells, shadow: Float, threshold: int, near: float) -> bool:
        """Whether the shadows of a group that is small, by its size, add up to nothing."""
        small = np.append((size > 0) & (size < threshold), False)  # the last: persons outside
        if not small.any():
            return False
        who = np.flatnonzero(small[np.minimum(key, size.size)])
        told = np.stack([np.bincount(key[who], one[who], size.size) for one in shadow])
        return bool((np.abs(told[:, small[:-1]]).max(axis=0) < near).any())

    def _apart(self, shadow: Float, threshold: int, near: float) -> bool:
        """The groups that nothing separates, alone, in pairs and in triples."""
        group, groups = self._standing.groups(self._vector, self.cells)
        count = np.bincount(group, minlength=groups)
        outside = self._outside()
        count[group[outside]] = 0
        small = (count > 0) & (count < threshold)
        if not small.any():
            return False
        who = np.flatnonzero(small[group])
        told: Float = np.stack(
            [np.bincount(group[who], one[who], groups) for one in shadow], axis=1
        ).astype(np.float64)
        few = int(small.sum())
        largest = 3 if few <= TRIPLES_UP_TO else 2 if few <= PAIRS_UP_TO else 1
        return bool(small_sums(told[small], count[small], threshold, largest, near))

    def _outside(self) -> NDArray[np.bool_]:
        """Persons in no table at all."""
        outside = np.equal(self._vector, self.cells)
        for table in self._standing.tables:
            outside &= np.equal(table.vector, table.cells)
        return np.asarray(outside)
