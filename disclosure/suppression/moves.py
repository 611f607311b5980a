"""Moves: changes of a table that no published number would notice, found as hypercubes.

A hypercube has two positions on each axis; adding and subtracting in turn at its corners keeps
every sum. If all its corners are withheld and have room, the table after the move looks the same
from outside: a witness that the corners could hold other numbers. (Hypercube method: Repsilber
1994, Giessing & Repsilber 2002; here with the room that the intruder's knowledge leaves.)
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from disclosure.suppression.lattice import Lattice

__all__ = ["Walk", "walk"]

Short = NDArray[np.int16]


@dataclass(frozen=True)
class Walk:
    """How far a cell went: `size` steps, changing the cells in `support` (flat) on the way."""

    size: int
    support: frozenset[int]


def walk(lattice: Lattice, room: tuple[Short, Short], cell: int, direction: int, need: int) -> Walk:
    """Hypercubes, each the one that goes furthest, up to `need` steps.

    room: how far each cell may go up and down, int16 and of the table's shape; none where a cell
    is shown. The moves are taken: room is changed. cell: flat; direction: +1 or -1.
    """
    shape = lattice.values.shape
    place = tuple(int(i) for i in np.unravel_index(cell, shape))
    # Corners on the cell's own lines are withheld ones, so the others lie in their box.
    axes = []
    for axis, position in enumerate(place):
        index: tuple[int | slice, ...] = (*place[:axis], slice(None), *place[axis + 1 :])
        able = room[0][index] + room[1][index] > 0
        able[position] = True
        axes.append(np.flatnonzero(able))
    box = np.ix_(*axes)
    at = tuple(int(np.searchsorted(one, p)) for one, p in zip(axes, place, strict=True))
    up, down = room[0][box], room[1][box]
    rising = direction * int(lattice.sign[place]) * lattice.sign[box] > 0
    # Room of a corner of even and of odd parity when the cell takes its way.
    even, odd = np.where(rising, up, down), np.where(rising, down, up)
    flat = np.ravel_multi_index(box, shape) if shape else np.zeros((), np.intp)
    swaps = list(product((0, 1), repeat=len(shape)))
    lines = [
        tuple(slice(None) if s else slice(p, p + 1) for s, p in zip(swap, at, strict=True))
        for swap in swaps
    ]
    own = [(slice(None),) * axis + (position,) for axis, position in enumerate(at)]
    support: set[int] = set()
    gone = 0
    while gone < need:
        reach = np.full(even.shape, min(need - gone, int(even[at])), np.int16)
        for swap, line in zip(swaps[1:], lines[1:], strict=True):
            np.minimum(reach, (odd if sum(swap) % 2 else even)[line], out=reach)
        for layer in own:
            reach[layer] = 0
        best = int(reach.argmax())
        size = int(reach.flat[best])
        if size <= 0:
            break
        other = [int(o) for o in np.unravel_index(best, even.shape)]
        for swap in swaps:
            corner = tuple(o if s else p for s, p, o in zip(swap, at, other, strict=True))
            step = -size if sum(swap) % 2 else size
            even[corner] -= step
            odd[corner] += step
            support.add(int(flat[corner]))
        gone += size
    room[0][box], room[1][box] = np.where(rising, even, odd), np.where(rising, odd, even)
    return Walk(gone, frozenset(support))
