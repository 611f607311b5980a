"""Cells and the sums that tie them: one table with its margins, or any number of linked ones.

A cell that stands in several tables is one cell here; a relation is a sum of cells less its total.
Cells around one cell, the ones a local proof may use, are chosen by what is withheld there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.suppression.lattice import Lattice

__all__ = ["Web", "web_of"]

Int = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

BOXES = ((8, 8, 10), (12, 12, 20))
WHOLE = 2500
"""Of up to so many cells all are looked at together, at last."""
NEAR = 600


@dataclass(frozen=True)
class Web:
    """values: int64, (cells,). relations: (relations, cells) of -1, 0, 1; times the values: zero.

    ties: the same, transposed in storage (by column). lattice: where the cells are one table.
    """

    values: Int
    relations: sp.csr_matrix
    ties: sp.csc_matrix
    lattice: Lattice | None = None

    def around(self, cell: int, hidden: Flags) -> Iterator[Places]:
        """Ever larger sets of cells (flat, sorted) that hold `cell`; hidden: bool, (cells,)."""
        if self.lattice is not None and self.lattice.values.ndim == 3:
            for size in BOXES:
                yield self._box(self.lattice, cell, hidden, size)
        elif self.values.size > NEAR:
            yield self._reached(cell, hidden)
        if self.values.size <= WHOLE:
            yield np.arange(self.values.size)

    def alone(self, cell: int, hidden: Flags) -> bool:
        """Whether a relation shows everything but this cell."""
        mine = self.ties.indices[self.ties.indptr[cell] : self.ties.indptr[cell + 1]]
        start = self.relations.indptr
        return any(
            int(hidden[self.relations.indices[start[row] : start[row + 1]]].sum()) == 1
            for row in mine.tolist()
        )

    def lonely(self, hidden: Flags) -> Int:
        """int64, (cells,): in how many of its relations a cell would join one withheld cell."""
        companions = np.abs(self.relations) @ hidden.astype(np.int64)
        found: Int = np.abs(self.ties).T @ (companions == 1).astype(np.int64)
        return found

    @staticmethod
    def _box(lattice: Lattice, cell: int, hidden: Flags, size: tuple[int, ...]) -> NDArray[np.intp]:
        """Positions of each axis with most withheld cells near, longest axes with most of them."""
        shape = lattice.values.shape
        at = np.unravel_index(cell, shape)
        table = hidden.reshape(shape)
        rank = np.argsort(np.argsort(shape, kind="stable"), kind="stable")
        chosen = []
        for axis in range(3):
            near = np.moveaxis(table, axis, 0)
            others = [int(p) for a, p in enumerate(at) if a != axis]
            score = (
                near[:, others[0], :].sum(axis=1)
                + near[:, :, others[1]].sum(axis=1)
                + 5.0 * near[:, others[0], others[1]]
            )
            score[int(at[axis])] = np.inf
            chosen.append(np.sort(np.argsort(-score, kind="stable")[: size[int(rank[axis])]]))
        return np.ravel_multi_index(np.ix_(*chosen), shape).ravel()

    def _reached(self, cell: int, hidden: Flags) -> Places:
        """Cells within a few relations of `cell`, withheld ones first, about NEAR of them."""
        seen = np.zeros(self.values.size, bool)
        seen[cell] = True
        front = np.array([cell])
        while front.size and seen.sum() < NEAR:
            rows = np.unique(self.ties[:, front].indices)
            found = np.unique(self.relations[rows].indices)
            found = found[~seen[found]]
            found = found[np.argsort(~hidden[found], kind="stable")][: NEAR - int(seen.sum())]
            seen[found] = True
            front = found
        return np.flatnonzero(seen)


def web_of(lattice: Lattice) -> Web:
    """The cells and margins of one table in C order, tied by its lines."""
    lines = lattice.lines()
    return Web(lattice.values.ravel(), lines, lines.tocsc(), lattice)
