"""Cycles between two layers of a table: moves of four or six cells in each, free or to be paid for.

Between two layers a table of three dimensions is a network (see slabs): a cell rises if, around a
cycle of rows and columns, cells fall and rise in turn. Hypercubes are the cycles of four. All other
layers along all axes are looked at together, as one small algebra over paths: widest paths for the
room that withheld cells have, cheapest paths for what it costs to withhold more.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.suppression.lattice import Lattice
from disclosure.suppression.moves import Walk

__all__ = ["Cycle", "cheapest", "stroll"]

Table = NDArray[Any]


@dataclass(frozen=True)
class Cycle:
    """Cells (flat) that rise by one step, those that fall, and what withholding them all loses."""

    rising: tuple[int, ...]
    falling: tuple[int, ...]
    cost: float


def stroll(
    lattice: Lattice, room: tuple[Table, Table], cell: int, direction: int, need: int
) -> Walk:
    """As moves.walk, over cycles: the widest one again and again, up to `need` steps."""
    up, down = room
    support: set[int] = set()
    gone = 0
    while gone < need:
        wanted = min(need - gone, int((up if direction > 0 else down).flat[cell]))
        size, found = 0, Cycle((), (), 0.0)
        for slab in _slabs((up, down), lattice.values.shape, cell, direction, free=True):
            width, path = slab.best(slab.up, slab.down, np.minimum, np.max, 0)
            if width > size:
                size, found = int(width), slab.cycle(path, 0.0)
            if size >= wanted:
                break
        size = min(size, wanted)
        if size <= 0:
            break
        for cells, step in ((list(found.rising), size), (list(found.falling), -size)):
            up.flat[cells] -= step
            down.flat[cells] += step
        support.update(found.rising, found.falling)
        gone += size
    return Walk(gone, frozenset(support))


def cheapest(
    lattice: Lattice,
    room: tuple[Table, Table],
    price: NDArray[np.float64],
    cell: int,
    *,
    direction: int,
    step: int,
) -> Cycle | None:
    """The cycle that lets the cell go `step` steps at the least loss; None when there is none.

    room: as the cells would have once withheld. price: float64, of the table's shape; 0 for cells
    that are withheld already, inf for those that must be shown.
    """
    found: Cycle | None = None
    for slab in _slabs(room, lattice.values.shape, cell, direction, free=False):
        loss = slab.paired(price)
        rise = np.where(slab.up >= step, loss, np.inf)
        fall = np.where(slab.down >= step, loss, np.inf)
        cost, path = slab.best(rise, fall, np.add, np.min, np.inf)
        if np.isfinite(cost) and (found is None or cost < found.cost):
            found = slab.cycle(path, cost)
    return found


def _slabs(
    room: tuple[Table, Table], shape: tuple[int, ...], cell: int, direction: int, *, free: bool
) -> Iterator["_Slab"]:
    """Along each axis; free: only against layers where the cell's own line has room."""
    at = tuple(int(i) for i in np.unravel_index(cell, shape))
    for axis in range(3):
        layers = np.arange(shape[axis])
        if free:
            line: tuple[int | slice, ...] = (*at[:axis], slice(None), *at[axis + 1 :])
            layers = np.flatnonzero(room[0][line] + room[1][line] > 0)
        layers = layers[layers != at[axis]]
        if layers.size:
            yield _Slab.of(room, at, axis, direction, layers)


@dataclass(frozen=True)
class _Slab:
    """The cell's layer against each other one: (layers, rows, columns), as if all signs were one.

    up, down: how far what one layer gains and the other loses may rise and fall; the cell is to
    rise. layers: which.
    """

    up: Table
    down: Table
    axis: int
    mine: int
    layers: NDArray[np.intp]
    row: int
    column: int
    along: NDArray[np.bool_]
    turn: NDArray[np.int64]
    shape: tuple[int, ...]

    @classmethod
    def of(
        cls,
        room: tuple[Table, Table],
        at: tuple[int, ...],
        axis: int,
        way: int,
        layers: NDArray[np.intp],
    ) -> "_Slab":
        """The slab of the cell `at` along one axis; way: +1 or -1, where the cell shall go."""
        up, down = (np.moveaxis(side, axis, 0) for side in room)
        margin, mine = up.shape[0] - 1, at[axis]
        row, column = (p for a, p in enumerate(at) if a != axis)
        # Along a line inner cells weigh against each other and with the margin.
        along = (layers == margin) != (mine == margin)
        same = along[:, None, None]
        one, other = up[layers], down[layers]
        rise = np.minimum(up[mine], np.where(same, one, other))
        fall = np.minimum(down[mine], np.where(same, other, one))
        turn = np.ones(up.shape[1:], np.int64)
        turn[-1, :] *= -1
        turn[:, -1] *= -1
        turn = turn * int(turn[row, column]) * way
        up, down = np.where(turn > 0, rise, fall), np.where(turn > 0, fall, rise)
        return cls(up, down, axis, mine, layers, row, column, along, turn, room[0].shape)

    def paired(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """What withholding a position in both layers loses."""
        moved = np.moveaxis(price, self.axis, 0)
        both: NDArray[np.float64] = moved[self.layers] + moved[self.mine]
        return both

    def best(
        self,
        rise: Table,
        fall: Table,
        join: Callable[[Table, Table], Table],
        pick: Callable[..., Table],
        none: float,
    ) -> tuple[float, tuple[int, ...]]:
        """The best path that starts in the cell's row and ends in its column, and its places.

        Returns its worth and (layer, row, column, row, column …): places visited in turn.
        """
        arg = np.argmax if pick is np.max else np.argmin
        i, j = self.row, self.column
        first = fall[:, i, :].copy()
        first[:, j] = none
        second, closing = self._two(first, rise, fall, join, pick, none)
        third = pick(join(second[:, :, None], fall), axis=1)
        third[:, j] = none
        fourth, closing6 = self._two(third, rise, fall, join, pick, none)
        ends = join(np.stack([closing, closing6]), rise[:, i, j])
        at = np.unravel_index(int(arg(ends)), ends.shape)
        layer = int(at[1])
        worth = float(ends[at])

        def back(columns: Table, rows: Table) -> tuple[int, int]:
            row = int(arg(join(rows[layer], fall[layer, :, j])))
            return row, int(arg(join(columns[layer], rise[layer, row])))

        if at[0] == 0:
            row, column = back(first, second)
            return worth, (layer, row, column)
        row2, column2 = back(third, fourth)
        row1 = int(arg(join(second[layer], fall[layer, :, column2])))
        column1 = int(arg(join(first[layer], rise[layer, row1])))
        return worth, (layer, row1, column1, row2, column2)

    def _two(
        self,
        columns: Table,
        rise: Table,
        fall: Table,
        join: Callable[[Table, Table], Table],
        pick: Callable[..., Table],
        none: float,
    ) -> tuple[Table, Table]:
        """From columns to rows, and what closing the cycle there is worth, by layer."""
        rows = pick(join(columns[:, None, :], rise), axis=2)
        rows[:, self.row] = none
        return rows, pick(join(rows, fall[:, :, self.column]), axis=1)

    def cycle(self, path: tuple[int, ...], cost: float) -> Cycle:
        """The cells of a path in both layers, by what they do as the cell takes its way."""
        layer, *steps = path
        rows, columns = [self.row, *steps[0::2]], [*steps[1::2], self.column]
        falls = list(zip(rows, columns, strict=True))
        rises = [(self.row, self.column), *zip(steps[0::2], steps[1::2], strict=True)]
        cells: tuple[list[int], list[int]] = ([], [])
        for places, rising in ((rises, True), (falls, False)):
            for row, column in places:
                mine = rising == bool(self.turn[row, column] > 0)
                other = mine == bool(self.along[layer])
                for position, up in ((self.mine, mine), (int(self.layers[layer]), other)):
                    place = [row, column]
                    place.insert(self.axis, position)
                    cells[0 if up else 1].append(int(np.ravel_multi_index(place, self.shape)))
        return Cycle(tuple(cells[0]), tuple(cells[1]), cost)
