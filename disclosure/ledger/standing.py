"""What all releases so far tell of groups of persons, kept so that one more is a small step.

Every published count is a 0/1 sum over persons. A group of persons follows from all counts iff its
indicator lies in the row space of these sums; then, and but for vectors of measure zero only then,
the persons' *shadows* (what a generic vector leaves outside the row space) add up to nothing. Kept
are the independent sums, the Cholesky factor of their Gram matrix (joint counts of persons, whole
numbers) in one block of rows a release, and two shadows a person. A further release costs its joint
counts with the others, one solution by the factor and one pass over the vectors. A projection is
checked by the sums that have to vanish; where a pivot is neither clearly nothing nor something, or
the time is spent, nothing is released: a Refusal, never a pass.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sla
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.ledger.atoms import published_sums

__all__ = ["MOST", "Standing", "Table", "basic", "project", "too_much", "weighted"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Cells = NDArray[np.integer]
Within = Callable[[], None]
"""Called now and then during a long step; raises Refusal when its time is spent."""

MOST, ONE_TABLE = 20_000, 4000
"""Independent counts of all releases (their factor then takes 1.6 GB) and counts of one."""
NOTHING, SOMETHING = 1e-7, 1e-4
"""What a count adds to the others, squared and in persons: below it follows, above it is new. Two
different groups of whole persons are further apart, rounding of the joint counts is less."""
CLEAN = 1e-8
PASSES = 6
SEED = 20_110_727


@dataclass(frozen=True)
class Table:
    """A release: the inner cell of each person (`cells` outside), its independent sums (rows,
    cells), their rows of the factor (rows, all rows up to its own), and the inverse of the
    triangle at the end of these."""

    name: str
    vector: Cells
    cells: int
    sums: sp.csr_matrix
    factor: Float
    inverse: Float


class Standing:
    """All releases of a project. Not safe to change from two threads at once."""

    def __init__(self, persons: int, clock: Callable[[], Within] = lambda: lambda: None) -> None:
        """clock: called when a step begins; what it gives is asked during the step."""
        self.persons = persons
        self.clock = clock
        self.tables: list[Table] = []
        self.rows = 0
        self._group: Int = np.zeros(persons, np.int64)
        self._groups = 1
        self._shadow = np.random.default_rng(SEED).standard_normal((2, persons))
        self._clean = True

    def add(
        self, name: str, vector: Cells, cells: int, published: tuple[tuple[int, ...], ...]
    ) -> None:
        """A release that was recorded. published: each count as the inner cells that it sums.

        Raises Refusal("too_much_released"); then nothing has changed.
        """
        group, groups = refined(self._group, self._groups, vector, cells)
        sums = published_sums(basic(published), cells)
        below, gram = self.against(vector, cells, self.joints(vector, cells))
        found = independent(sums, below, gram)
        if self.rows + found.sums.shape[0] > MOST:
            raise too_much()
        self.tables.append(Table(name, vector, cells, found.sums, found.factor, found.inverse))
        self.rows += found.sums.shape[0]
        self._group, self._groups = group, groups
        self._clean = False

    def against(self, vector: Cells, cells: int, joints: Iterable[Int]) -> tuple[Float, Int]:
        """Of a table's inner cells the part that all sums before it give (rows, cells), in terms
        of the factor; and the persons in each, their own Gram matrix' diagonal."""
        within = self.clock()
        below = np.zeros((self.rows, cells))
        at = 0
        for table, joint in zip(self.tables, joints, strict=True):
            rows = table.sums.shape[0]
            if not rows:
                continue
            both = np.asarray(table.sums @ joint[:cells, : table.cells].T, np.float64)
            both -= table.factor[:, :at] @ below[:at]
            below[at : at + rows] = table.inverse @ both
            at += rows
            within()
        return below, np.bincount(vector, minlength=cells + 1)[:cells].astype(np.int64)

    def joints(self, vector: Cells, cells: int) -> Iterator[Int]:
        """Of each table, oldest first, int64 (cells + 1, its cells + 1): persons in both."""
        first, count = self._told_apart(vector, cells)
        new = vector[first].astype(np.int64) if first is not None else vector.astype(np.int64)
        for table in self.tables:
            width = table.cells + 1
            old = table.vector if first is None else table.vector[first]
            joint = np.bincount(new * width + old, count, (cells + 1) * width)
            yield np.rint(joint).astype(np.int64).reshape(cells + 1, width)

    def _told_apart(self, vector: Cells, cells: int) -> tuple[Int | None, Float | None]:
        """One person of each group that nothing separates, and how many these are; no one where
        that saves nothing."""
        group, groups = refined(self._group, self._groups, vector, cells)
        if groups * 4 > self.persons:
            return None, None
        first = np.zeros(groups, np.int64)
        first[group] = np.arange(self.persons)
        return first, np.bincount(group, minlength=groups).astype(np.float64)

    def groups(self, vector: Cells, cells: int) -> tuple[Int, int]:
        """The group of each person that neither the releases nor a new table separates."""
        return refined(self._group, self._groups, vector, cells)

    def shadow(self) -> Float:
        """(2, persons): see above."""
        if not self._clean:
            self._shadow = project(self._shadow, self.tables, self.clock())
            self._clean = True
        return self._shadow


@dataclass(frozen=True)
class Independent:
    """Sums that do not follow from others (rows, cells) and their rows of the factor."""

    sums: sp.csr_matrix
    factor: Float
    inverse: Float


def independent(sums: sp.csr_matrix, below: Float, gram: Int) -> Independent:
    """Of the sums of a table (rows, cells) those that add something, by Cholesky with pivots.

    below: see Standing.against; gram: persons in each cell. Raises Refusal("too_much_released")
    where a pivot is neither nothing nor something, or there are more than ONE_TABLE sums.
    """
    if sums.shape[0] > ONE_TABLE:
        raise too_much()
    inside = np.asarray(sums @ below.T)
    left = (sums.multiply(gram[None, :]) @ sums.T).toarray().astype(np.float64)
    left -= inside @ inside.T
    if left.diagonal().max(initial=0.0) <= NOTHING:  # LAPACK takes the first pivot as it is
        return Independent(sums[:0], np.zeros((0, len(below))), np.zeros((0, 0)))
    factor, pivots, rank, _ = sla.lapack.dpstrf(left, lower=1, tol=NOTHING)
    own = np.tril(factor)[:rank, :rank]
    if rank and np.square(np.diag(own)).min() < SOMETHING:
        raise too_much()
    kept = pivots[:rank] - 1
    inverse = sla.solve_triangular(own, np.eye(rank), lower=True, check_finite=False)
    return Independent(sums[kept], np.concatenate([inside[kept], own], axis=1), inverse)


def project(shadow: Float, tables: list[Table], within: Within) -> Float:
    """What of vectors (any, persons) lies outside the row space of all tables' sums.

    Raises Refusal("too_much_released") when the sums do not vanish in the end.
    """
    scale = np.abs(shadow).max(initial=1.0)
    for _ in range(PASSES):
        told = [_summed(one, shadow) for one in tables]
        sizes = [np.sqrt(np.square(one.factor).sum(axis=1)) for one in tables]
        worst = max(
            (
                float((np.abs(sums) / np.maximum(size, 1.0)[:, None]).max(initial=0.0))
                for sums, size in zip(told, sizes, strict=True)
            ),
            default=0.0,
        )
        if worst <= CLEAN * scale:
            return shadow
        shadow = shadow.copy()
        for table, weights in zip(tables, _solved(tables, told), strict=True):
            spread = np.zeros((len(shadow), table.cells + 1))
            spread[:, : table.cells] = (table.sums.T @ weights).T
            shadow -= spread[:, table.vector]
        within()
    raise too_much()


def weighted(tables: list[Table], vectors: Float) -> list[Float]:
    """By table, the weights (rows, 2) of its sums in what they tell of vectors (2, persons)."""
    return _solved(tables, [_summed(one, vectors) for one in tables])


def _summed(table: Table, shadow: Float) -> Float:
    """(rows, any): the table's sums of the shadows."""
    cells = [np.bincount(table.vector, one, table.cells + 1)[: table.cells] for one in shadow]
    return np.asarray(table.sums @ np.stack(cells, axis=1))


def _solved(tables: list[Table], told: list[Float]) -> list[Float]:
    """The Gram matrix' inverse times `told`, block by block: forwards, then backwards."""
    width = max((one.shape[1] for one in told), default=0)
    whole = np.zeros((sum(len(one) for one in told), width))
    at = 0
    for table, sums in zip(tables, told, strict=True):
        rows = len(sums)
        if rows:
            right = sums - table.factor[:, :at] @ whole[:at]
            whole[at : at + rows] = table.inverse @ right
        at += rows
    found: list[Float] = []
    for table in reversed(tables):
        rows = table.sums.shape[0]
        at -= rows
        weights = whole[at : at + rows]
        if rows:
            weights = table.inverse.T @ weights
            whole[:at] -= table.factor[:, :at].T @ weights
        found.append(weights)
    return found[::-1]


def refined(group: Int, groups: int, vector: Cells, cells: int) -> tuple[Int, int]:
    """Groups of persons, told apart by one table more, numbered without gaps."""
    key = group * (cells + 1) + vector
    if groups * (cells + 1) > 4 * key.size:
        found, numbers = np.unique(key, return_inverse=True)
        return numbers.astype(np.int64), found.size
    there = np.zeros(groups * (cells + 1), np.int64)
    there[key] = 1
    return (np.cumsum(there) - 1)[key], int(there.sum())


def basic(published: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """Without the margins all of whose cells are published: they follow from those."""
    shown = {cell[0] for cell in published if len(cell) == 1}
    return tuple(
        cell for cell in published if len(cell) == 1 or not all(one in shown for one in cell)
    )


def too_much() -> Refusal:
    """What cannot be audited is not released."""
    return Refusal(
        "too_much_released",
        "This project has released more numbers than can be audited together.",
        "Ask for a count with noise, or ask the disclosure officer to look at the table.",
    )
