"""Tables as the gate sees them: evidence that the engine computed, never a row.

Every count is of distinct persons. An inner table has one axis a dimension; a published table has
one more position on each axis, the margin, always last.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MARGIN", "Dimension", "Magnitude", "Overlap", "TableEvidence", "margins_of"]

MARGIN = "Σ"
"""The code of a margin in a published table."""


@dataclass(frozen=True)
class Dimension:
    """One axis: the variable's name and its codes in display order (`""` is missing)."""

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Magnitude:
    """What the rules need of one numeric variable, one value an inner cell (same shape as `n`).

    n: persons with a value; total, total_sq: Σx, Σx²; largest, second: the two largest |x|;
    float64 but for n (int64). Cells without persons hold zeros.
    """

    variable: str
    n: NDArray[np.int64]
    total: NDArray[np.float64]
    total_sq: NDArray[np.float64]
    largest: NDArray[np.float64]
    second: NDArray[np.float64]


@dataclass(frozen=True)
class TableEvidence:
    """A table before the gate: inner cells only; the gate sums the margins itself.

    n: int64, shape = number of codes of each dimension (shape () for no dimension).
    population: distinct persons in the cohort that the table is about, cells or not.
    margins: whether margins shall be published. view_population: persons in the whole view.
    """

    dimensions: tuple[Dimension, ...]
    n: NDArray[np.int64]
    population: int
    view_population: int
    margins: bool
    magnitudes: tuple[Magnitude, ...] = ()


@dataclass(frozen=True)
class Overlap:
    """How the new table's cells meet those of one earlier release of the same project.

    joint: int64, (new inner cells + 1, earlier inner cells + 1), both in C order; the last row and
    column are the persons outside the new and the earlier population. `earlier` names what that
    release published: for each published cell the inner cells it sums (joint's columns).
    """

    release: str
    joint: NDArray[np.int64]
    earlier: tuple[tuple[int, ...], ...]


def margins_of(inner: NDArray[np.generic]) -> NDArray[np.generic]:
    """Append the sum over each axis as its last position: shape (a, b) becomes (a+1, b+1)."""
    table = inner
    for axis in range(inner.ndim):
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return table
