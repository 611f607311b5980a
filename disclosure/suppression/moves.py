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

__all__ = ["Move", "Room", "best_cube", "free_cube"]

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Position = tuple[int, ...]


@dataclass(frozen=True)
class Move:
    """The corners of a hypercube (first the target) and what one step adds to each (+1, -1)."""

    corners: tuple[Position, ...]
    steps: tuple[int, ...]
    cost: float


@dataclass
class Room:
    """How far each cell may still go up and down in the intruder's eyes, int64, table's shape."""

    lattice: Lattice
    up: Int
    down: Int

    def sided(self, direction: int) -> tuple[Int, Int]:
        """The room for a corner of even and of odd parity when the target moves by `direction`."""
        positive = np.where(self.lattice.sign > 0, self.up, self.down)
        negative = np.where(self.lattice.sign > 0, self.down, self.up)
        return (positive, negative) if direction > 0 else (negative, positive)

    def apply(self, move: Move, size: int) -> None:
        """Take `size` steps: the room shrinks on one side and grows on the other."""
        for corner, step in zip(move.corners, move.steps, strict=True):
            self.up[corner] -= step * size
            self.down[corner] += step * size


def _corners(
    target: Position, shape: tuple[int, ...]
) -> list[tuple[tuple[int | slice, ...], tuple[int, ...], int]]:
    """For each corner but the target: index into a table, shape to broadcast to, parity."""
    found = []
    for swap in product((False, True), repeat=len(target)):
        if not any(swap):
            continue
        index = tuple(slice(None) if s else p for s, p in zip(swap, target, strict=True))
        spread = tuple(n if s else 1 for s, n in zip(swap, shape, strict=True))
        found.append((index, spread, sum(swap) % 2))
    return found


def _move(lattice: Lattice, target: Position, other: Position, direction: int, cost: float) -> Move:
    corners, steps = [], []
    first = int(lattice.sign[target]) * direction
    for swap in product((False, True), repeat=len(target)):
        corner = tuple(o if s else p for s, p, o in zip(swap, target, other, strict=True))
        parity = -1 if sum(swap) % 2 else 1
        corners.append(corner)
        steps.append(first * parity * int(lattice.sign[corner]))
    return Move(tuple(corners), tuple(steps), cost)


def free_cube(
    room: Room, hidden: NDArray[np.bool_], target: Position, direction: int, need: int
) -> tuple[Move, int] | None:
    """The hypercube over withheld cells that lets the target go furthest, up to `need` steps.

    hidden: bool, the withheld cells; shown ones are never a corner. None when there is none.
    """
    lattice = room.lattice
    even, odd = (side * hidden for side in room.sided(direction * int(lattice.sign[target])))
    own = (room.up if direction > 0 else room.down)[target]
    reach = np.full(lattice.values.shape, min(need, int(own)), np.int64)
    for index, spread, parity in _corners(target, lattice.values.shape):
        side = odd if parity else even
        np.minimum(reach, side[index].reshape(spread), out=reach)
    for axis, position in enumerate(target):
        np.moveaxis(reach, axis, 0)[position] = 0
    at = int(np.argmax(reach))
    size = int(reach.ravel()[at])
    if size <= 0:
        return None
    other = tuple(int(i) for i in np.unravel_index(at, reach.shape))
    return _move(lattice, target, other, direction, 0.0), size


def best_cube(room: Room, cost: Float, target: Position, direction: int, size: int) -> Move | None:
    """The cheapest hypercube that lets the target move `size` steps; None when there is none.

    `room` must hold the room that cells would have once withheld; cost: float64, what withholding
    each cell loses (0 for those withheld already).
    """
    lattice = room.lattice
    even, odd = room.sided(direction * int(lattice.sign[target]))
    price_even = np.where(even >= size, cost, np.inf)
    price_odd = np.where(odd >= size, cost, np.inf)
    total = np.zeros(lattice.values.shape)
    for index, spread, parity in _corners(target, lattice.values.shape):
        total += (price_odd if parity else price_even)[index].reshape(spread)
    for axis, position in enumerate(target):
        np.moveaxis(total, axis, 0)[position] = np.inf
    at = int(np.argmin(total))
    if not np.isfinite(total.ravel()[at]):
        return None
    other = tuple(int(i) for i in np.unravel_index(at, total.shape))
    return _move(lattice, target, other, direction, float(total.ravel()[at]))
