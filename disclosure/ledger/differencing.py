"""Differencing: two populations, or two published counts, must not be a few persons apart.

The oldest attack on tables: ask twice, subtract. Two cohorts that differ by 1..t-1 persons on
either side are refused; of two counts one is withheld where one group holds the other but for
1..t-1 persons, or where each has 1..t-1 persons that the other has not.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.ledger.atoms import published_sums
from disclosure.tables import Overlap

__all__ = ["Meetings", "close_population", "meetings"]

Flags = NDArray[np.bool_]
BLOCK = 512
"""Cells of the new table that are compared at a time: bounds the memory."""


def close_population(overlap: Overlap, threshold: int) -> bool:
    """Whether the new and the earlier population differ by 1..threshold-1 persons on a side."""
    entered = int(overlap.joint[:-1, -1].sum())
    left = int(overlap.joint[-1, :-1].sum())
    return 0 < entered < threshold or 0 < left < threshold


@dataclass(frozen=True)
class Meetings:
    """How the cells of a new table meet earlier published counts, bool of the lattice's shape.

    same: the very same persons were counted before. close: a few persons apart from a count of
    the release in `release`.
    """

    same: Flags
    close: Flags
    release: str


def meetings(
    overlap: Overlap, sums: sp.csr_matrix, shape: tuple[int, ...], threshold: int
) -> Meetings:
    """Compare every cell of the new table (sums: cells × inner cells) with every earlier count."""
    inner = sums.shape[1]
    joint = sp.csr_matrix(overlap.joint[:inner, :-1])
    earlier = published_sums(overlap.earlier, joint.shape[1])
    shared = (sums @ joint).tocsr()
    new = np.asarray(sums @ overlap.joint[:inner].sum(axis=1)).ravel()
    old = np.asarray(earlier @ overlap.joint[:, :-1].sum(axis=0)).ravel()
    same, close = np.zeros(len(new), bool), np.zeros(len(new), bool)
    for start in range(0, len(new), BLOCK):
        block = slice(start, start + BLOCK)
        both = (shared[block] @ earlier.T).toarray()
        entered, left = new[block, None] - both, old[None, :] - both
        apart = (entered > 0) | (left > 0)
        few = apart & (entered < threshold) & (left < threshold) & (both > 0)
        close[block] = few.any(axis=1)
        same[block] = (~apart & (both > 0)).any(axis=1)
    return Meetings(same.reshape(shape), close.reshape(shape), overlap.release)
