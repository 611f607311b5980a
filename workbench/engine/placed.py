"""Which person of the view is in which inner cell, with which values: what the ledger is told.

Buckets partition the persons, so their vectors stand one after the other and their counts add.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.engine.faults import fault
from workbench.sdk.compile import CELL, PERSON

__all__ = ["Placed", "Values", "placed_of", "together"]

Values = Mapping[str, NDArray[np.float64]]
"""By measured number: the value of each person inside, in the order of the view's persons."""


@dataclass(frozen=True)
class Placed:
    """vector: int32, one entry a person of the view, the inner cell or `cells` when outside.

    n: int64, persons an inner cell. values: see Values; squares: whether the result tells of
    their squares and products as well.
    """

    vector: NDArray[np.int32]
    n: NDArray[np.int64]
    values: Values = field(default_factory=dict)
    squares: bool = False

    @property
    def population(self) -> int:
        """Distinct persons in the cohort."""
        return int(self.n.sum())


def placed_of(
    frame: pl.DataFrame, persons: int, cells: int, measured: Sequence[str] = ()
) -> Placed:
    """The persons of one bucket, from the PERSON and CELL of a computation's frame there.

    measured: the numbers (or yes/no) of the frame that are remembered besides. Raises Fault when a
    person stands twice, lies outside the bucket, or has no cell: the counts would then be of rows
    and not of persons.
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
    numbers = [
        frame[name].cast(pl.Float64)
        for name in measured
        if frame.schema[name].is_numeric() or frame.schema[name] == pl.Boolean
    ]
    values = {}
    if numbers:
        order = np.argsort(person, kind="stable")
        values = {one.name: one.to_numpy()[order] for one in numbers}
    return Placed(vector, np.bincount(cell, minlength=cells).astype(np.int64), values)


def together(parts: Sequence[Placed]) -> Placed:
    """The persons of all buckets, in the buckets' order."""
    vector = np.concatenate([one.vector for one in parts])
    n = np.stack([one.n for one in parts]).sum(axis=0, dtype=np.int64)
    values = {name: np.concatenate([one.values[name] for one in parts]) for name in parts[0].values}
    return Placed(vector, n, values)
