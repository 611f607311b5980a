"""Group disclosure: a short line with everybody in one category tells something of each of them.

Whoever knows that a person belongs to the line (the municipality, the age group) would learn that
person's category, though no cell need be small. Withholding the full cell alone is no help where
the empty ones beside it are shown; so one empty cell of the line is put in doubt: withheld as if it
were small, and protected like one, until it may well hold somebody.

Lines with one small cell beside the full one are in doubt already, as that cell is withheld. No
finding of its own is given: it would say which of two withheld cells is the empty one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.suppression.lattice import Lattice

__all__ = ["doubtful"]

Flags = NDArray[np.bool_]


def doubtful(lattice: Lattice, sensitive: Sequence[bool], policy: Policy) -> Flags:
    """Empty cells to withhold, bool of the lattice's shape.

    sensitive: for each axis, whether its distribution is guarded. A line is flagged when it holds
    1..group_rows·threshold-1 persons, at least group_share of them in one category, and no small
    cell beside it that is withheld anyway.
    """
    doubt = np.zeros(lattice.values.shape, bool)
    for axis, guarded in enumerate(sensitive):
        if guarded and lattice.shape[axis] > 1:
            doubt |= _along(lattice, axis, policy)
    return doubt


def _along(lattice: Lattice, axis: int, policy: Policy) -> Flags:
    codes = lattice.shape[axis]
    table = np.moveaxis(lattice.values, axis, -1)
    cells = table[..., :codes].reshape(-1, codes)
    total = cells.sum(axis=1)
    fullest = cells.max(axis=1)
    alone = (cells > 0).sum(axis=1) == 1
    share_kept = fullest * policy.group_share.denominator >= total * policy.group_share.numerator
    flagged = np.flatnonzero(alone & share_kept & (total < policy.group_rows * policy.threshold))
    popularity = np.where(cells == 0, cells.sum(axis=0) + 1, 0)
    chosen = np.zeros((len(cells), codes + 1), bool)
    chosen[flagged, popularity[flagged].argmax(axis=1)] = True
    return np.moveaxis(chosen.reshape(table.shape), -1, axis)
