"""The lattice of a table: inner cells and margins in one array whose lines all sum to nothing.

A table with margins has one more position on each axis. Along every line, the inner cells minus
their margin are zero, so a change of the table that keeps all sums is a tensor of zero line sums
once the odd margins (one, or three, margin positions) change sign.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.tables import margins_of

__all__ = ["Lattice", "lattice_of"]

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Lattice:
    """A table of counts with all its margins, published or not.

    values: int64, one more position an axis than `shape`, that of the inner cells.
    """

    values: Int
    shape: tuple[int, ...]
    sign: Int = field(repr=False)
    level: Int = field(repr=False)
    """How many margin positions each cell has: 0 for inner cells."""

    @property
    def size(self) -> int:
        """The number of cells and margins."""
        return int(self.values.size)

    @property
    def inner(self) -> NDArray[np.bool_]:
        """bool, shape of `values`: true for inner cells."""
        found: NDArray[np.bool_] = self.level == 0
        return found

    def lines(self) -> sp.csr_matrix:
        """Equations of the table, (lines, cells) of -1, 0, 1: each row times the cells is zero."""
        if not self.shape:
            return sp.csr_matrix((0, 1))
        index = np.arange(self.size).reshape(self.values.shape)
        blocks = []
        for axis in range(index.ndim):
            along = np.moveaxis(index, axis, -1).reshape(-1, index.shape[axis])
            weights = np.ones_like(along)
            weights[:, -1] = -1
            rows = np.repeat(np.arange(len(along)), along.shape[1])
            blocks.append(
                sp.csr_matrix(
                    (weights.ravel(), (rows, along.ravel())), shape=(len(along), self.size)
                )
            )
        return sp.vstack(blocks, format="csr")

    def sums(self) -> sp.csr_matrix:
        """(cells, inner cells) of 0 and 1: which inner cells each cell sums; not to be changed."""
        return self._sums

    @cached_property
    def _sums(self) -> sp.csr_matrix:
        factors = [
            sp.vstack([sp.identity(n, dtype=np.int64), np.ones((1, n), np.int64)], format="csr")
            for n in self.shape
        ]
        matrix = sp.csr_matrix(np.ones((1, 1), np.int64))
        for factor in factors:
            matrix = sp.kron(matrix, factor, format="csr")
        return matrix


def lattice_of(inner: Int) -> Lattice:
    """The lattice over the inner cells `inner` (int64, any shape)."""
    values = margins_of(inner)
    level = np.zeros(values.shape, np.int64)
    for axis, positions in enumerate(values.shape):
        at = [1] * values.ndim
        at[axis] = positions
        mark = np.zeros(positions, np.int64)
        mark[-1] = 1
        level += mark.reshape(at)
    sign = np.where(level % 2 == 0, 1, -1).astype(np.int64)
    return Lattice(np.asarray(values, np.int64, order="C"), inner.shape, sign, level)
