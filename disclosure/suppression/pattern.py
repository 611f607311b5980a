"""A pattern of withheld cells under way: what is withheld, what is proven of each target.

A target is a cell whose number must stay open: over `width` whole numbers at least. Proof of that
is a pair of tables, one with less and one with more in the cell, that look alike from outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.suppression.cycles import cheapest, stroll
from disclosure.suppression.moves import Walk, walk
from disclosure.suppression.slabs import spans
from disclosure.suppression.solver import Time, optimum
from disclosure.suppression.web import Web

__all__ = ["Pattern", "Target"]

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Flags = NDArray[np.bool_]
Room = tuple[NDArray[np.int16], NDArray[np.int16]]

FAR = 8000
"""Room beyond this is not counted: more than any width asked for."""
WHOLE = 1e-6
MANY = 60
"""Fewer targets than this are proven one by one."""


@dataclass(frozen=True)
class Target:
    """A cell to protect (flat). width: how many steps its interval must span at least."""

    cell: int
    width: int


class Pattern:
    """Withheld cells of tied tables, and proofs that the targets stay open."""

    def __init__(
        self, web: Web, *, hidden: Flags, lower: Int, upper: Int, cost: Float, time: Time
    ) -> None:
        """All arrays are flat, one value a cell of the web.

        hidden: withheld from the start. lower, upper: what the intruder takes a cell to hold at
        least and at most, once withheld. cost: what withholding loses; inf where a cell must be
        shown (it is known already).
        """
        self.web = web
        self.hidden = hidden.copy()
        self.cost = cost
        movable = hidden | np.isfinite(cost)
        self._up = np.where(movable, np.clip(upper - web.values, 0, FAR), 0)
        self._down = np.where(movable, np.clip(web.values - lower, 0, FAR), 0)
        self._proofs: dict[Target, frozenset[int]] = {}
        self._time = time
        self._solid = web.lattice is not None and web.lattice.values.ndim == 3
        shape = web.values.shape if web.lattice is None else web.lattice.values.shape
        self._room = (
            np.where(hidden, self._up, 0).astype(np.int16).reshape(shape),
            np.where(hidden, self._down, 0).astype(np.int16).reshape(shape),
        )

    def protect(self, targets: Sequence[Target]) -> bool:
        """Withhold more cells until every target is proven; False when one cannot be."""
        self._at_once(targets)
        open_ = [one for one in targets if one not in self._proofs and not self._prove(one)]
        return all(self._prove(one) or self._pay(one) for one in open_)

    def protect_from(self, target: Target, known: int) -> bool:
        """As protect, against whoever knows the cell `known` (flat) besides."""
        rooms = [(self._up, known), (self._down, known)]
        kept = [side[cell] for side, cell in rooms]
        for side, cell in rooms:
            side[cell] = 0
        self._hide(known)
        proof = self._proofs.pop(target, None)
        done = self._prove(target) or self._pay(target)
        self._proofs.pop(target, None)
        if proof is not None:
            self._proofs[target] = proof
        for (side, cell), value in zip(rooms, kept, strict=True):
            side[cell] = value
        self._hide(known)
        return done

    def withhold(self, cell: int) -> None:
        """Hide a cell (flat) for good: prune it is not asked to."""
        if not self.hidden[cell]:
            self._hide(cell)

    def prune(self, spare: Flags) -> None:
        """Show again what no proof needs, dearest first; `spare` are the cells that may be."""
        cells = np.flatnonzero(spare)
        for cell in cells[np.argsort(-self.cost[cells], kind="stable")].tolist():
            shaken = [t for t, support in self._proofs.items() if cell in support]
            kept = {target: self._proofs.pop(target) for target in shaken}
            self._show(cell)
            if not all(self._prove(target) for target in shaken):
                self._proofs.update(kept)
                self._hide(cell)

    def _hide(self, cell: int) -> None:
        self.hidden[cell] = True
        self._room[0].flat[cell] = self._up[cell]
        self._room[1].flat[cell] = self._down[cell]

    def _show(self, cell: int) -> None:
        self.hidden[cell] = False
        self._room[0].flat[cell] = self._room[1].flat[cell] = 0

    def _at_once(self, targets: Sequence[Target]) -> None:
        """Proofs by cells withheld from the start, where there are many targets (see slabs)."""
        lattice = self.web.lattice
        asked = [target for target in targets if target not in self._proofs]
        if lattice is None or lattice.values.ndim != 3 or len(asked) < MANY:
            return
        width = np.zeros(lattice.size, np.int64)
        width[[target.cell for target in asked]] = [target.width for target in asked]
        up, down = (side.astype(np.int64) for side in self._room)
        span = spans(lattice, (up, down), width.reshape(lattice.values.shape), self._time).ravel()
        whole = frozenset(np.flatnonzero(self.hidden & np.isfinite(self.cost)).tolist())
        for target in asked:
            if span[target.cell] >= target.width:
                self._proofs[target] = whole

    def _prove(self, target: Target) -> bool:
        """Free moves first, then ever larger linear programmes around the target."""
        if self.web.alone(target.cell, self.hidden):
            return False
        down = self._walk(target, -1, target.width)
        up = self._walk(target, +1, target.width - down.size)
        for near in () if self._solid else self.web.around(target.cell, self.hidden):
            if down.size + up.size >= target.width:
                break
            columns = near[self.hidden[near]]
            down = max(down, self._reach(columns, target, -1, target.width), key=_size)
            up = max(up, self._reach(columns, target, +1, target.width - down.size), key=_size)
        if down.size + up.size < target.width:
            return False
        self._proofs[target] = down.support | up.support
        return True

    def _walk(self, target: Target, direction: int, need: int, room: Room | None = None) -> Walk:
        """Free moves, hypercubes first; they are taken in `room`, if given."""
        lattice = self.web.lattice
        if lattice is None or need <= 0:
            return Walk(0, frozenset())
        room = room or (self._room[0].copy(), self._room[1].copy())
        cubes = walk(lattice, room, target.cell, direction, need)
        if not self._solid or cubes.size >= need:
            return cubes
        more = stroll(lattice, room, target.cell, direction, need - cubes.size)
        return Walk(cubes.size + more.size, cubes.support | more.support)

    def _reach(self, columns: NDArray[np.intp], target: Target, direction: int, need: int) -> Walk:
        """How far the target goes, up to `need`, if only `columns` change; in whole numbers."""
        at = int(np.searchsorted(columns, target.cell))
        lower, upper = (-self._down[columns]).astype(float), self._up[columns].astype(float)
        (upper if direction > 0 else lower)[at] = direction * min(need, self._sided(direction)[
            target.cell])  # fmt: skip
        price = np.zeros(len(columns))
        price[at] = -direction
        change = optimum(self.web.ties[:, columns], price, (lower, upper), self._time)
        if change is None or direction * change[at] < 1 - WHOLE:
            return Walk(0, frozenset())
        if np.abs(change - np.rint(change)).max() > WHOLE:
            used = np.flatnonzero(np.abs(change) > WHOLE)
            lower, upper, price = lower[used], upper[used], price[used]
            at, columns = int(np.searchsorted(used, at)), columns[used]
            change = optimum(
                self.web.ties[:, columns], price, (lower, upper), self._time, whole=True
            )
            if change is None:
                return Walk(0, frozenset())
        rounded = np.rint(change)
        support = frozenset(columns[np.flatnonzero(rounded)].tolist())
        return Walk(int(direction * rounded[at]), support)

    def _sided(self, direction: int) -> Int:
        return self._up if direction > 0 else self._down

    def _pay(self, target: Target) -> bool:
        """Withhold the cheapest cells that let the target span its width.

        All of it upwards where it may go so far; else downwards as far as it may, and upwards for
        the rest.
        """
        up, down = int(self._up[target.cell]), int(self._down[target.cell])
        firsts = [0] if up >= target.width else []
        for first in (*firsts, min(down, target.width), max(0, target.width - up)):
            below = self._buy(target, -1, first)
            above = min(up, target.width - below)
            if self._buy(target, +1, above) >= target.width - below and self._prove(target):
                return True
        return False

    def _price(self) -> Float:
        """What withholding a cell loses, less where it also joins others that are alone."""
        return self.cost / np.square(np.maximum(self.web.lonely(self.hidden), 1))

    def _buy_cycles(self, target: Target, direction: int, need: int) -> int:
        """As _buy: free moves as far as they go, then the cheapest cycle, and again."""
        lattice = self.web.lattice
        if lattice is None:
            return 0
        shape = lattice.values.shape
        while True:
            room = (self._room[0].copy(), self._room[1].copy())
            gone = self._walk(target, direction, need, room).size
            if gone >= need:
                return gone
            price = self._price()
            price = np.where(self.hidden, 0.0, price).reshape(shape)
            away = self.hidden.reshape(shape)
            moved = (
                np.where(away, room[0], self._up.reshape(shape)),
                np.where(away, room[1], self._down.reshape(shape)),
            )
            first = cheapest(lattice, moved, price, target.cell, direction=direction, step=1)
            found, low, high = first, 1, need - gone
            while first is not None and low < high:
                # The furthest step that loses no more than the first: losses grow with the step.
                step = (low + high + 1) // 2
                one = cheapest(lattice, moved, price, target.cell, direction=direction, step=step)
                if one is None or one.cost > first.cost:
                    high = step - 1
                else:
                    found, low = one, step
            if found is None or found.cost == 0:
                return gone
            for cell in (*found.rising, *found.falling):
                if not self.hidden[cell]:
                    self._hide(cell)

    def _buy(self, target: Target, direction: int, need: int) -> int:
        """How far the target goes, up to `need`, once the cheapest cells are withheld."""
        need = min(need, int(self._sided(direction)[target.cell]))
        if need == 0:
            return 0
        if self._solid:
            return self._buy_cycles(target, direction, need)
        while need > 0 and not self._buy_around(target, direction, need):
            need //= 2
        return need

    def _buy_around(self, target: Target, direction: int, need: int) -> bool:
        """Withhold the cells of the cheapest change by a linear programme; False without one."""
        price = self._price()
        for near in self.web.around(target.cell, self.hidden):
            hidden = near[self.hidden[near]]
            spare = near[~self.hidden[near] & np.isfinite(self.cost[near])]
            columns = np.concatenate([hidden, spare, spare])
            ties = self.web.ties[:, columns]
            ties.data = ties.data.astype(np.float64)
            first = hidden.size + spare.size
            ties = sp.hstack([ties[:, :first], -ties[:, first:]], format="csc")
            lower = np.concatenate([-self._down[hidden], np.zeros(2 * spare.size)]).astype(float)
            upper = np.concatenate([self._up[hidden], self._up[spare], self._down[spare]])
            upper = upper.astype(float)
            at = int(np.searchsorted(hidden, target.cell))
            lower[at] = upper[at] = direction * need
            prices = np.concatenate([np.zeros(hidden.size), price[spare], price[spare]])
            change = optimum(ties, prices, (lower, upper), self._time)
            if change is not None:
                used = np.abs(change[hidden.size :]).reshape(2, -1).sum(axis=0) > WHOLE
                for cell in spare[used].tolist():
                    self._hide(cell)
                return True
        return False


def _size(one: Walk) -> int:
    return one.size
