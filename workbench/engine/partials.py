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

from workbench.domain.errors import Fault
from workbench.sdk.compile import CELL, MEASURE, PERSON

__all__ = ["Measure", "Partial", "merge", "partial_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """One value an inner cell, float64: Σx, Σx², the two largest |x| (0 without persons)."""

    total: Floats
    total_sq: Floats
    largest: Floats
    second: Floats


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
    person = frame[PERSON].to_numpy().astype(np.int64)
    if frame[CELL].null_count() or frame[PERSON].null_count():
        raise Fault("a person of the cohort has no cell", "cell-null")
    cell = frame[CELL].to_numpy().astype(np.int32)
    outside = person.size and (person.max() >= persons or cell.min() < 0 or cell.max() >= cells)
    if outside or np.unique(person).size != person.size:
        raise Fault("a person frame does not hold one row a person", "cell-person")
    vector = np.full(persons, cells, dtype=np.int32)
    vector[person] = cell
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
    merged = Measure(
        _summed([one.total for one in measures]),
        _summed([one.total_sq for one in measures]),
        two[-1],
        two[-2],
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
    return Measure(
        np.bincount(cell, weights=value, minlength=cells).astype(np.float64),
        np.bincount(cell, weights=value * value, minlength=cells).astype(np.float64),
        largest,
        second,
    )


def _summed(parts: Sequence[Floats]) -> Floats:
    return np.array([fsum(column) for column in np.stack(parts).T.tolist()], dtype=np.float64)
