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
    at = tuple(int(i) for i in np.unravel_index(cell, shape))
    up, down = room
    heading = direction * int(lattice.sign[at])
    swaps = list(product((0, 1), repeat=len(shape)))
    support: set[int] = set()
    gone = 0
    while gone < need:
        own = int((up if direction > 0 else down)[at])
        even, odd = _sided(lattice, up, down, heading)
        reach = np.full(shape, min(need - gone, own), np.int16)
        for swap in swaps[1:]:
            place = tuple(slice(None) if s else slice(p, p + 1)
                          for s, p in zip(swap, at, strict=True))  # fmt: skip
            np.minimum(reach, (odd if sum(swap) % 2 else even)[place], out=reach)
        for axis, position in enumerate(at):
            np.moveaxis(reach, axis, 0)[position] = 0
        best = int(reach.argmax())
        size = int(reach.flat[best])
        if size <= 0:
            break
        other = np.unravel_index(best, shape)
        for swap in swaps:
            corner = tuple(int(o) if s else p for s, p, o in zip(swap, at, other, strict=True))
            step = heading * (-1 if sum(swap) % 2 else 1) * int(lattice.sign[corner]) * size
            up[corner] -= step
            down[corner] += step
            support.add(int(np.ravel_multi_index(corner, shape)))
        gone += size
    return Walk(gone, frozenset(support))


def _sided(lattice: Lattice, up: Short, down: Short, heading: int) -> tuple[Short, Short]:
    """The room of a corner of even and of odd parity when the cell takes that heading."""
    positive = np.where(lattice.sign > 0, up, down)
    negative = np.where(lattice.sign > 0, down, up)
    return (positive, negative) if heading > 0 else (negative, positive)
