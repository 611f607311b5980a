"""Many proofs at once in a table of three dimensions: between two of its layers lies a network.

What one layer gains in a cell the other loses there, so that the sums along the third axis stay;
the other two axes' sums make a network, whose best change is in whole numbers and takes less than
a millisecond to find. Each change leads to another table that looks the same from outside. A few
dozen rounds, each pushing the cells to and fro, show most withheld cells at their two ends.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.suppression.lattice import Lattice, lattice_of
from disclosure.suppression.solver import Grid, Time

__all__ = ["spans"]

Int = NDArray[np.int64]
ROUNDS, SWEEPS = 96, 2
ENOUGH = 0.1
"""Rounds end when fewer than this share of the open cells were proven in the last six."""


def spans(lattice: Lattice, room: tuple[Int, Int], width: Int, time: Time) -> Int:
    """How many steps each cell was seen to span, int64 and of the table's shape.

    room: up and down, int64, none where a cell is shown. width: the steps wanted of each cell, 0
    where none are. The same table always gives the same answer.
    """
    shape = lattice.values.shape
    rng = np.random.default_rng(1994)
    grids = [Grid(_grid(shape, axis), time) for axis in range(3)]
    change = np.zeros(shape, np.int64)
    high, low = change.copy(), change.copy()
    direction, before = change, int((width > 0).sum())
    sides = _sides(shape[0], rng)
    for round_ in range(ROUNDS):
        axis = (2, 1, 0)[round_ // 2 % 3]
        wanting = high - low < width
        if not wanting.any():
            break
        if round_ % 2 == 0:
            sides = _sides(shape[axis], rng)
            flat = tuple(1 if a == axis else n for a, n in enumerate(shape))
            along = tuple(-1 if a == axis else 1 for a in range(3))
            direction = rng.choice(np.array([-1, 1]), flat) * sides.reshape(along)
        else:
            direction = -direction
        weight = np.where(wanting, direction, 0)
        for _ in range(SWEEPS):
            _sweep((change, *room, weight), axis, sides, grids[axis], rng)
        np.maximum(high, change, out=high)
        np.minimum(low, change, out=low)
        if round_ % 6 == 5:
            after = int((high - low < width).sum())
            if before - after < ENOUGH * before:
                break
            before = after
    found: Int = high - low
    return found


def _grid(shape: tuple[int, ...], axis: int) -> sp.csr_matrix:
    inner = tuple(n - 1 for a, n in enumerate(shape) if a != axis)
    return lattice_of(np.zeros(inner, np.int64)).lines()


def _sides(many: int, rng: np.random.Generator) -> Int:
    """Half of the layers are to rise and half to fall."""
    return rng.permutation(np.where(np.arange(many) % 2 == 0, 1, -1))


def _sweep(
    table: tuple[Int, Int, Int, Int], axis: int, sides: Int, grid: Grid, rng: np.random.Generator
) -> None:
    """Pair rising with falling layers and push each pair; the change is written where it stands."""
    change, up, down, weight = (np.moveaxis(one, axis, 0) for one in table)
    rising, falling = np.flatnonzero(sides > 0), np.flatnonzero(sides < 0)
    margin = len(sides) - 1
    for pair in zip(rng.permutation(rising), rng.permutation(falling), strict=False):
        one, other = sorted(pair)
        with_margin = other == margin
        rise, fall = up[other] - change[other], down[other] + change[other]
        if not with_margin:
            rise, fall = fall, rise
        rise = np.minimum(rise, up[one] - change[one])
        fall = np.minimum(fall, down[one] + change[one])
        pull = weight[one] + (weight[other] if with_margin else -weight[other])
        if not ((rise + fall > 0) & (pull != 0)).any():
            continue
        moved = grid.push(pull.ravel().astype(np.float64), fall.ravel(), rise.ravel())
        moved = moved.reshape(rise.shape)
        change[one] += moved
        change[other] += moved if with_margin else -moved
