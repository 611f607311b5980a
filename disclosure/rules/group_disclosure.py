"""Group disclosure: a short line with everybody in one category tells something of each of them.

Whoever knows that a person belongs to the line (the municipality, the age group) would learn that
person's category, though no cell need be small. Withholding the full cell alone is no help where
the empty ones beside it are shown; so one empty cell of the line is put in doubt: withheld as if it
were small, and protected like one, until it may well hold somebody.

Lines with one small cell beside the full one are in doubt already, as that cell is withheld. No
finding of its own is given: it would say which of two withheld cells is the empty one.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.suppression.lattice import Lattice

__all__ = ["doubtful"]

Flags = NDArray[np.bool_]


def doubtful(lattice: Lattice, sensitive: Sequence[bool], policy: Policy) -> Flags:
    """Empty cells to withhold, bool of the lattice's shape.

    sensitive: for each axis, whether its distribution is guarded. A line is flagged when it holds
    1..group_rows·threshold-1 persons, all in one category. An empty cell
    is no secret where a longer line around it is empty there too; if all are, the line is left.
    """
    doubt = np.zeros(lattice.values.shape, bool)
    for axis, guarded in enumerate(sensitive):
        if guarded and lattice.shape[axis] > 1:
            doubt |= _along(lattice, axis, policy)
    return _upwards(lattice, doubt)


def _along(lattice: Lattice, axis: int, policy: Policy) -> Flags:
    codes = lattice.shape[axis]
    table = np.moveaxis(lattice.values, axis, -1)
    cells = table[..., :codes]
    total = cells.sum(axis=-1, keepdims=True)
    short = policy.group_rows * policy.threshold
    full = ((cells > 0).sum(axis=-1) == 1) & (total[..., 0] < short)
    no_secret, covered = np.zeros(cells.shape, bool), np.zeros(cells.shape, bool)
    for around in _around(cells.ndim - 1):
        empty = np.broadcast_to(cells[around] == 0, cells.shape)
        covered |= empty
        no_secret |= empty & (total[around] >= short)
    popularity = cells.reshape(-1, codes).sum(axis=0) + 1
    rank = popularity * np.where(covered, 1, popularity.sum())
    rank = np.where((cells == 0) & ~no_secret, rank, 0)
    where = np.nonzero(np.atleast_1d(full & (rank.max(axis=-1) > 0)))
    chosen = np.zeros((*full.shape, codes + 1) if full.ndim else (1, codes + 1), bool)
    chosen[(*where, np.atleast_2d(rank.argmax(axis=-1)).reshape(chosen.shape[:-1])[where])] = True
    return np.moveaxis(chosen.reshape(table.shape), -1, axis)


def _around(axes: int) -> list[tuple[slice, ...]]:
    """Indices that replace some of the first `axes` axes by their margin, kept as axes."""
    choices = product((slice(None), slice(-1, None)), repeat=axes)
    return [one for one in choices if any(part.start is not None for part in one)]


def _upwards(lattice: Lattice, doubt: Flags) -> Flags:
    """Put the empty margins over a doubtful cell in doubt as well, or they would settle it."""
    above = doubt.copy()
    for around in _around(doubt.ndim):
        axes = tuple(i for i, part in enumerate(around) if part.start is not None)
        above[around] |= doubt.any(axis=axes, keepdims=True)
    found: Flags = above & (doubt | (lattice.values == 0))
    return found
