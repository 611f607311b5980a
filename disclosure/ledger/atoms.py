"""Atoms of a new table and earlier releases, and who published which sums of them."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.tables import Atoms, Overlap

__all__ = ["cell_members", "of_overlap", "published_sums", "with_everybody"]


def of_overlap(overlap: Overlap) -> Atoms:
    """The atoms of the new table and one earlier release: the joint cells with persons in them.

    Leaving out empty joint cells takes the intruder to know which combinations exist.
    """
    new, old = np.nonzero(overlap.joint)
    rows, columns = overlap.joint.shape
    outside = (new == rows - 1) & (old == columns - 1)
    new, old = new[~outside], old[~outside]
    cells = np.stack([np.where(new == rows - 1, -1, new), np.where(old == columns - 1, -1, old)])
    return Atoms(
        (overlap.release,),
        overlap.joint[new, old].astype(np.int64),
        cells.T.astype(np.int64),
        (overlap.earlier,),
    )


def with_everybody(atoms: Atoms, persons: int) -> Atoms:
    """The same before an intruder who knows how many persons the view has, as every project does.

    That number is one more count, told from the start: of all atoms and of those in no table. It is
    left out where an earlier view had persons whom this one has not (persons < Σ counts).
    """
    outside = persons - int(atoms.counts.sum())
    if outside < 0 or not atoms.counts.size:
        return atoms
    counts, cells = atoms.counts, atoms.cells
    if outside:
        counts = np.append(counts, outside)
        cells = np.vstack([cells, np.full(cells.shape[1], -1, np.int64)])
    whole = np.zeros((counts.size, 1), np.int64)
    return Atoms(
        (*atoms.releases, ""), counts, np.hstack([cells, whole]), (*atoms.earlier, ((0,),))
    )


def cell_members(cells: NDArray[np.int64], count: int) -> sp.csr_matrix:
    """(inner cells, atoms) of 0 and 1 from each atom's inner cell (-1: in none)."""
    inside = np.flatnonzero(cells >= 0)
    ones = np.ones(inside.size, np.int64)
    return sp.csr_matrix((ones, (cells[inside], inside)), shape=(count, cells.size))


def published_sums(published: tuple[tuple[int, ...], ...], count: int) -> sp.csr_matrix:
    """(published cells, inner cells) of 0 and 1."""
    lengths = np.fromiter((len(cell) for cell in published), np.int64, len(published))
    columns = np.fromiter((i for cell in published for i in cell), np.int64, int(lengths.sum()))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    matrix = sp.csr_matrix(
        (np.ones(columns.size, np.int64), columns, starts), shape=(len(published), count)
    )
    matrix.has_canonical_format = False
    return matrix
