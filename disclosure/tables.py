"""Tables as the gate sees them: evidence that the engine computed, never a row.

Every count is of distinct persons. An inner table has one axis a dimension; a published table has
one more position on each axis, the margin, always last.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from disclosure.further import Further

__all__ = [
    "MARGIN", "Atoms", "Difference", "Dimension", "Magnitude", "Overlap", "TableEvidence",
    "margins_of",
]  # fmt: skip

MARGIN = "Σ"
"""The code of a margin in a published table."""


@dataclass(frozen=True)
class Dimension:
    """One axis: the variable's name and its codes in display order (`""` is missing).

    edges: of an axis of intervals the ascending edges as text; the first len(edges) + 1 codes are
    then its intervals ("<5", "5–<10", "≥10"). merge: whether small intervals are joined with their
    neighbours before the table is judged (see disclosure.intervals): those at either end, or all.
    """

    name: str
    codes: tuple[str, ...]
    edges: tuple[str, ...] = ()
    merge: Literal["", "tails", "all"] = ""


@dataclass(frozen=True)
class Magnitude:
    """What the rules need of one numeric variable, one value an inner cell (same shape as `n`).

    n: persons with a value; total, total_sq: Σx, Σx²; largest, second: the two largest |x|;
    float64 but for n (int64). Cells without persons hold zeros.
    contributors: int64, persons whose value is not zero; rarest: int64, persons that hold the
    rarest value, in cells where the variable takes at most three different values, else 0. Both
    optional; with them the gate also sees flags in disguise (see docs/reference/rules.md).
    """

    variable: str
    n: NDArray[np.int64]
    total: NDArray[np.float64]
    total_sq: NDArray[np.float64]
    largest: NDArray[np.float64]
    second: NDArray[np.float64]
    contributors: NDArray[np.int64] | None = None
    rarest: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class TableEvidence:
    """A table before the gate: inner cells only; the gate sums the margins itself.

    n: int64, shape = number of codes of each dimension (shape () for no dimension).
    population: distinct persons in the cohort that the table is about, cells or not.
    margins: whether margins shall be published. view_population: persons in the whole view.
    sensitive: names of the dimensions that a contract calls sensitive; None for all of them.
    further: statistics of the same cells besides counts and moments, each with a rule of its own.
    """

    dimensions: tuple[Dimension, ...]
    n: NDArray[np.int64]
    population: int
    view_population: int
    margins: bool
    magnitudes: tuple[Magnitude, ...] = ()
    sensitive: frozenset[str] | None = None
    further: tuple["Further", ...] = ()


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


@dataclass(frozen=True)
class Atoms:
    """The groups of persons that no table of several releases separates.

    counts: int64, (atoms,), persons in each, all positive. cells: int64, (atoms, releases + 1),
    which inner cell of the new table (column 0) and of each earlier release the atom lies in
    (C order); -1 outside that population. earlier: as in Overlap, one a release.
    """

    releases: tuple[str, ...]
    counts: NDArray[np.int64]
    cells: NDArray[np.int64]
    earlier: tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True)
class Difference:
    """A number of the new result less one that was released before, where the two are alike.

    release: where the earlier was told; new, earlier: what the two are called. persons: for whom
    there is a difference; total: the sum of its sizes; largest, second: the two largest.
    """

    release: str
    new: str
    earlier: str
    persons: int
    total: float
    largest: float
    second: float


def margins_of(inner: NDArray[np.generic]) -> NDArray[np.generic]:
    """Append the sum over each axis as its last position: shape (a, b) becomes (a+1, b+1)."""
    table = inner
    for axis in range(inner.ndim):
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return table
