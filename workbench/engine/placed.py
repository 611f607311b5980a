"""Which person of the view fell into which inner cell: what the ledger remembers of a release.

Buckets partition the persons, so their vectors stand one after the other and their counts add.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.engine.faults import fault
from workbench.sdk.compile import CELL, PERSON

__all__ = ["Placed", "placed_of", "together"]


@dataclass(frozen=True)
class Placed:
    """vector: int32, one entry a person of the view, the inner cell or `cells` when outside.

    n: int64, persons an inner cell.
    """

    vector: NDArray[np.int32]
    n: NDArray[np.int64]

    @property
    def population(self) -> int:
        """Distinct persons in the cohort."""
        return int(self.n.sum())


def placed_of(frame: pl.DataFrame, persons: int, cells: int) -> Placed:
    """The persons of one bucket, from the PERSON and CELL of a computation's frame there.

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
    return Placed(vector, np.bincount(cell, minlength=cells).astype(np.int64))


def together(parts: Sequence[Placed]) -> Placed:
    """The persons of all buckets, in the buckets' order."""
    vector = np.concatenate([one.vector for one in parts])
    return Placed(vector, np.stack([one.n for one in parts]).sum(axis=0, dtype=np.int64))
