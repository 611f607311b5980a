"""Counts of one result before each other: none a few persons apart, none that tell of a few."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from disclosure.ledger.linear import collides
from disclosure.suppression.lattice import lattice_of
from disclosure.tables import Atoms

__all__ = ["apart", "tells"]

Int = NDArray[np.int64]


def apart(n: Int, shown: Sequence[tuple[int, ...]], new: tuple[int, ...], threshold: int) -> bool:
    """Whether a count (inner cells) is 1..threshold-1 persons from one that is shown already, as
    disclosure.ledger.differencing has it between releases."""
    mine = np.zeros(n.size, bool)
    mine[list(new)] = True
    for one in shown:
        other = np.zeros(n.size, bool)
        other[list(one)] = True
        entered, left = int(n[mine & ~other].sum()), int(n[other & ~mine].sum())
        both = int(n[mine & other].sum())
        if both and (entered or left) and entered < threshold and left < threshold:
            return True
    return False


def tells(n: Int, published: tuple[tuple[int, ...], ...], threshold: int) -> bool:
    """Whether a group of 1..threshold-1 persons follows from the counts together."""
    cells = np.flatnonzero(n)
    atoms = Atoms((), n[cells].astype(np.int64), cells[:, None].astype(np.int64), ())
    return collides(atoms, published, lattice_of(n).sums(), threshold)
