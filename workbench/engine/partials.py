"""What one bucket contributes to a table, and how buckets add up.

Buckets partition the persons, so counts add, largest values compete, and the vectors that say
which cell each person fell in stand one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.engine.faults import fault
from workbench.sdk.compile import CELL, MEASURE, PERSON

__all__ = ["Measure", "Partial", "Values", "merge", "partial_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEW = 3
"""A variable with so few values in a cell may be a flag in disguise."""


@dataclass(frozen=True)
class Measure:
    """One value an inner cell: Σx, Σx², the two largest |x| (float64, 0 without persons).

    contributors: int64, persons whose value is not zero. values: how often each value occurs, kept
    only where a cell has few of them. many: cells that have more.
    """

    total: Floats
    total_sq: Floats
    largest: Floats
    second: Floats
    contributors: Ints
    values: "Values"
    many: NDArray[np.bool_]

    @property
    def rarest(self) -> Ints:
        """Persons that hold the rarest value of a cell; 0 where it has many values or none."""
        least = np.full(self.many.size, np.iinfo(np.int64).max)
        np.minimum.at(least, self.values.cell, self.values.count)
        least[self.many | (least == np.iinfo(np.int64).max)] = 0
        return least


@dataclass(frozen=True)
class Values:
    """How many persons (count) of a cell hold a value: three arrays of one length, sorted."""

    cell: Ints
    value: Floats
    count: Ints


@dataclass(frozen=True)
class Partial:
    """vector: int32, one entry a person of the bucket, the inner cell or `cells` when outside.

    n: int64, persons an inner cell.
    """

    vector: NDArray[np.int32]
    n: Ints
    measure: Measure | None = None

    @property
    def population(self) -> int:
        """Distinct persons in the cohort."""
        return int(self.n.sum())


def partial_of(frame: pl.DataFrame, persons: int, cells: int) -> Partial:
    """The partial of one bucket from what `sdk.compile.cells` collected there.

    Raises Fault when a person stands twice, lies outside the bucket, or has no cell: the counts
    would then be of rows and not of persons.
    """
    if frame[CELL].null_count() or frame[PERSON].null_count():
        raise fault("a person of the cohort has no cell")
    person, cell = frame[PERSON].to_numpy(), frame[CELL].to_numpy()
    if person.size and (person.max() >= persons or cell.min() < 0 or cell.max() >= cells):
        raise fault("a person of the cohort lies outside the bucket or the table")
    vector = np.full(persons, cells, dtype=np.int32)
    vector[person] = cell
    if np.count_nonzero(vector != cells) != person.size:
        raise fault("a person frame does not hold one row a person")
    n = np.bincount(cell, minlength=cells).astype(np.int64)
    if MEASURE not in frame.columns:
        return Partial(vector, n)
    return Partial(vector, n, _measure(frame[MEASURE].to_numpy(), cell, cells))


def merge(partials: Sequence[Partial]) -> Partial:
    """The partial of all buckets together, in their order; sums are correctly rounded."""
    vector = np.concatenate([one.vector for one in partials])
    n = np.stack([one.n for one in partials]).sum(axis=0, dtype=np.int64)
    measures = [one.measure for one in partials if one.measure is not None]
    if not measures:
        return Partial(vector, n)
    two = np.sort(np.stack([v for one in measures for v in (one.largest, one.second)]), axis=0)
    many = np.logical_or.reduce([one.many for one in measures])
    values, many = _few(
        np.concatenate([one.values.cell for one in measures]),
        np.concatenate([one.values.value for one in measures]),
        np.concatenate([one.values.count for one in measures]),
        many,
    )
    merged = Measure(
        total=_summed([one.total for one in measures]),
        total_sq=_summed([one.total_sq for one in measures]),
        largest=two[-1],
        second=two[-2],
        contributors=np.stack([one.contributors for one in measures]).sum(axis=0, dtype=np.int64),
        values=values,
        many=many,
    )
    return Partial(vector, n, merged)


def _measure(value: Floats, cell: NDArray[np.int32], cells: int) -> Measure:
    largest, second = np.zeros(cells), np.zeros(cells)
    size = np.abs(value)
    np.maximum.at(largest, cell, size)
    # Leave out one holder of the largest value in each cell; ties then show as second = largest.
    holder = np.full(cells, -1, dtype=np.int64)
    at_top = np.flatnonzero(size == largest[cell])
    holder[cell[at_top]] = at_top
    others = np.ones(value.size, dtype=bool)
    others[holder[holder >= 0]] = False
    np.maximum.at(second, cell[others], size[others])
    values, many = _few_of_rows(cell, value, cells)
    return Measure(
        total=np.bincount(cell, weights=value, minlength=cells).astype(np.float64),
        total_sq=np.bincount(cell, weights=value * value, minlength=cells).astype(np.float64),
        largest=largest,
        second=second,
        contributors=np.bincount(cell[value != 0], minlength=cells).astype(np.int64),
        values=values,
        many=many,
    )


def _few_of_rows(
    cell: NDArray[np.int32], value: Floats, cells: int
) -> tuple[Values, NDArray[np.bool_]]:
    """As `_few`, from one row a person and without sorting: one value of each cell at a time."""
    found: list[tuple[Ints, Floats, Ints]] = []
    for _ in range(FEW):
        one = np.zeros(cells)
        one[cell] = value
        same = value == one[cell]
        count = np.bincount(cell[same], minlength=cells).astype(np.int64)
        some = np.flatnonzero(count)
        found.append((some, one[some], count[some]))
        cell, value = cell[~same], value[~same]
    many = np.zeros(cells, dtype=bool)
    many[cell] = True
    held, values, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _few(held, values, counts, many)


def _few(
    cell: Ints, value: Floats, count: Ints, many: NDArray[np.bool_]
) -> tuple[Values, NDArray[np.bool_]]:
    """Counts by (cell, value), for the cells that have at most FEW values; and the others."""
    order = np.lexsort((value, cell))
    cell, value, count = cell[order], value[order], count[order]
    starts = np.ones(cell.size, dtype=bool)
    starts[1:] = (cell[1:] != cell[:-1]) | (value[1:] != value[:-1])
    first = np.flatnonzero(starts)
    held = np.add.reduceat(count, first) if first.size else count
    different = np.bincount(cell[first], minlength=many.size)
    many = many | (different > FEW)
    keep = ~many[cell[first]]
    kept = first[keep]
    return Values(cell[kept], value[kept], held[keep].astype(np.int64)), many


def _summed(parts: Sequence[Floats]) -> Floats:
    return np.array([fsum(column) for column in np.stack(parts).T.tolist()], dtype=np.float64)
