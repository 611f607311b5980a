"""A new table before all releases at once: would a small group follow from everything together?

Tested are all groups that nobody separates, pairs of them (of few, triples), every sum of the new
table, every inner cell of the earlier ones, and every joint cell of the new one with each of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    weighted,
)
from disclosure.suppression.exact import small_sums

__all__ = ["GivenAway", "Meeting"]

Flags = NDArray[np.bool_]
PAIRS_UP_TO, TRIPLES_UP_TO = 200_000, 400
"""Small groups among which pairs and triples are searched."""
NEAR = 1e-6
"""Of a shadow's usual size: a generic sum of shadows is not so near to nothing by chance."""
NOTHING = 1e-9
"""Squared and a person: so much of everybody is left where the tables tell of all of them."""
KEPT = 1 << 24
"""Entries of joint counts that are kept, eight bytes each."""


@dataclass(frozen=True)
class GivenAway:
    """A small group that follows: the earlier releases whose counts it takes, and the inner cells
    of the new table that it lies in (none where it lies outside)."""

    releases: tuple[str, ...]
    cells: tuple[int, ...]


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
        """Whether a group of 1..threshold-1 persons follows; see `given_away`."""
        return self.given_away(published, sums, threshold) is not None

    def given_away(
        self, published: tuple[tuple[int, ...], ...], sums: sp.csr_matrix, threshold: int
    ) -> GivenAway | None:
        """A group of 1..threshold-1 persons that follows from the new and all earlier counts.

        published: the counts that the new table would show, as inner cells. sums: (any, inner
        cells) of 0 and 1, sums of the new table that are watched. Raises
        Refusal("too_much_released") when there is more than can be audited: never a pass.
        """
        standing = self._standing
        below, gram = self._against
        found = independent(published_sums(basic(published), self.cells), below, gram)
        table = Table("", self._vector, self.cells, found.sums, found.factor, found.inverse)
        shadow = self._outside_of([*standing.tables, table])
        near = NEAR * float(np.sqrt(np.square(shadow).mean()) or 1.0)
        who = self._own(shadow, sums, threshold, near)
        if who is None:
            who = self._earlier(shadow, threshold, near)
        if who is None:
            who = self._apart(shadow, threshold, near)
        return None if who is None else self._explained(who, table)

    def _outside_of(self, tables: list[Table]) -> Float:
        """(2, persons): the shadows before an intruder who also knows how many persons there are,
        as every project does: what the tables do not tell of everybody is told from the start."""
        standing = self._standing
        known = np.vstack([standing.shadow(), np.ones((1, standing.persons))])
        found = project(known, tables, standing.clock())
        shadow, everybody = found[:2], found[2]
        size = float(everybody @ everybody)
        if size > NOTHING * standing.persons:
            shadow = shadow - np.outer(shadow @ everybody / size, everybody)
        return shadow

    def _explained(self, who: Flags, table: Table) -> GivenAway:
        """The releases whose counts add up to the group, and the new cells that it lies in."""
        tables = [*self._standing.tables, table]
        weights = weighted(tables, np.stack([who, who]).astype(np.float64))
        used = [bool((np.abs(one) > NEAR).any()) for one in weights[:-1]]
        inside = np.unique(self._vector[who])
        return GivenAway(
            tuple(name for name, part in zip(self.releases, used, strict=True) if part),
            tuple(int(cell) for cell in inside if cell < self.cells),
        )

    @cached_property
    def _against(self) -> tuple[Float, Int]:
        return self._standing.against(self._vector, self.cells, self.joints())

    def _own(self, shadow: Float, sums: sp.csr_matrix, threshold: int, near: float) -> Flags | None:
        size = np.asarray(sums @ np.bincount(self._vector, minlength=self.cells + 1)[: self.cells])
        small = np.flatnonzero((size > 0) & (size < threshold))
        if not small.size:
            return None
        inner = [np.bincount(self._vector, one, self.cells + 1)[: self.cells] for one in shadow]
        told = np.asarray(sums[small] @ np.stack(inner, axis=1))
        vanish = np.flatnonzero(np.abs(told).max(axis=1) < near)
        if not vanish.size:
            return None
        cells = np.append(sums[small[vanish[0]]].toarray().ravel() > 0, False)
        return np.asarray(cells[self._vector])

    def _earlier(self, shadow: Float, threshold: int, near: float) -> Flags | None:
        """Inner cells of earlier releases, and joint cells of each with the new table."""
        for table, joint in zip(self._standing.tables, self.joints(), strict=True):
            width = table.cells + 1
            size = joint[:, :-1].sum(axis=0)
            who = self._vanishes(size, table.vector, shadow, threshold, near)
            if who is not None:
                return who
            few = (joint > 0) & (joint < threshold)
            few[-1, -1] = False
            if few.any():
                key = self._vector.astype(np.int64) * width + table.vector
                size = np.where(few, joint, 0).ravel()
                who = self._vanishes(size, key, shadow, threshold, near)
                if who is not None:
                    return who
        return None

    @staticmethod
    def _vanishes(
        size: Int, key: Cells, shadow: Float, threshold: int, near: float
    ) -> Flags | None:
        """The persons of a small group, by its size, whose shadows add up to nothing."""
        small = np.append((size > 0) & (size < threshold), False)  # the last: persons outside
        if not small.any():
            return None
        who = np.flatnonzero(small[np.minimum(key, size.size)])
        told = np.stack([np.bincount(key[who], one[who], size.size) for one in shadow])
        vanish = np.flatnonzero(small[:-1] & (np.abs(told).max(axis=0) < near))
        return np.asarray(np.equal(key, vanish[0])) if vanish.size else None

    def _apart(self, shadow: Float, threshold: int, near: float) -> Flags | None:
        """The groups that nothing separates, alone, in pairs and in triples."""
        group, groups = self._standing.groups(self._vector, self.cells)
        count = np.bincount(group, minlength=groups)
        small = (count > 0) & (count < threshold)
        if not small.any():
            return None
        who = np.flatnonzero(small[group])
        told: Float = np.stack(
            [np.bincount(group[who], one[who], groups) for one in shadow], axis=1
        ).astype(np.float64)
        few = int(small.sum())
        largest = 3 if few <= TRIPLES_UP_TO else 2 if few <= PAIRS_UP_TO else 1
        found = small_sums(told[small], count[small], threshold, largest, near)
        if not found:
            return None
        return np.isin(group, np.flatnonzero(small)[list(found[0])])
