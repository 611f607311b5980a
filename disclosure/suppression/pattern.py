"""A pattern of withheld cells under way: what is withheld, what is proven of each target.

A target is a cell whose number must stay open: over `spread` whole numbers at least. Proof of that
is a pair of tables, one with less and one with more in the cell, that look alike from outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.suppression.lattice import Lattice
from disclosure.suppression.moves import Room, best_cube, free_cube
from disclosure.suppression.solver import Solver

__all__ = ["Pattern", "Target"]

Int = NDArray[np.int64]
Flags = NDArray[np.bool_]
Position = tuple[int, ...]

NETWORK, SOLVABLE = 2, 1500
"""Up to so many dimensions the lines are a network, and the solver's answers are whole; beyond,
they often are in tables of up to so many cells, and seldom in larger ones."""


@dataclass(frozen=True)
class Target:
    """A cell to protect. width: how many steps its interval must span at least."""

    position: Position
    width: int


class Pattern:
    """Withheld cells of one table, and proofs that the targets stay open."""

    def __init__(
        self,
        lattice: Lattice,
        *,
        hidden: Flags,
        lower: Int,
        upper: Int,
        cost: NDArray[np.float64],
        seconds: float,
    ) -> None:
        """All arrays have the shape of lattice.values.

        hidden: withheld from the start. lower, upper: what the intruder takes a cell to hold at
        least and at most, once withheld. cost: what withholding loses; inf where a cell must be
        shown (it is known already).
        """
        self.lattice = lattice
        self.hidden = hidden.copy()
        self.cost = cost
        self._up = np.where(hidden | np.isfinite(cost), upper - lattice.values, 0)
        self._down = np.where(hidden | np.isfinite(cost), lattice.values - lower, 0)
        self._proofs: dict[Target, frozenset[int]] = {}
        self._solver: Solver | None = None
        self._seconds = seconds
        self._solvable = lattice.values.ndim <= NETWORK or lattice.size <= SOLVABLE

    def protect(self, targets: Iterable[Target]) -> bool:
        """Withhold more cells until every target is proven; False when one cannot be."""
        for target in targets:
            if target not in self._proofs and not self._prove(target) and not self._pay(target):
                return False
        return True

    def prune(self, spare: Flags) -> None:
        """Show again what no proof needs, dearest first; `spare` are the cells that may be."""
        order = np.argsort(-self.cost.ravel()[spare.ravel()], kind="stable")
        for cell in np.flatnonzero(spare.ravel())[order]:
            at = tuple(int(i) for i in np.unravel_index(int(cell), self.hidden.shape))
            shaken = [t for t, support in self._proofs.items() if int(cell) in support]
            kept = {target: self._proofs.pop(target) for target in shaken}
            self._show(at)
            if not all(self._prove(target) for target in shaken):
                self._proofs.update(kept)
                self._hide(at)

    def _hide(self, at: Position) -> None:
        self.hidden[at] = True
        if self._solver is not None:
            self._solver.bounds(self._flat(at), int(self._down[at]), int(self._up[at]))

    def _show(self, at: Position) -> None:
        self.hidden[at] = False
        if self._solver is not None:
            self._solver.bounds(self._flat(at), 0, 0)

    def _flat(self, at: Position) -> int:
        return int(np.ravel_multi_index(at, self.hidden.shape))

    def _walk(self, at: Position, direction: int, need: int) -> tuple[int, Room, set[int]]:
        """Free moves from the true table, up to `need` steps of the target."""
        room = Room(self.lattice, self._up.copy(), self._down.copy())
        support: set[int] = set()
        gone = 0
        while gone < need:
            found = free_cube(room, self.hidden, at, direction, need - gone)
            if found is None:
                break
            move, size = found
            room.apply(move, size)
            support.update(self._flat(corner) for corner in move.corners)
            gone += size
        return gone, room, support

    def _prove(self, target: Target) -> bool:
        """Free moves first, then (where lines are a network) the solver's longest cycles."""
        at = target.position
        down, _, below = self._walk(at, -1, min(int(self._down[at]), target.width))
        up, _, above = self._walk(at, +1, min(int(self._up[at]), target.width - down))
        support = frozenset(below | above)
        if down + up < target.width and not self._alone(at) and self._solvable:
            solver, cell = self._open(), self._flat(at)
            lower, higher = solver.reach(cell, -1), solver.reach(cell, +1)
            down, up = max(down, lower.size), max(up, higher.size)
            support |= lower.support | higher.support
        if down + up < target.width:
            return False
        self._proofs[target] = support
        return True

    def _alone(self, at: Position) -> bool:
        """Whether a line shows everything but this cell."""
        return any(
            np.moveaxis(self.hidden, axis, -1)[(*at[:axis], *at[axis + 1 :])].sum() == 1
            for axis in range(len(at))
        )

    def _open(self) -> Solver:
        if self._solver is None:
            self._solver = Solver(self.lattice.lines(), self._seconds)
            for cell in np.flatnonzero(self.hidden):
                at = tuple(int(i) for i in np.unravel_index(int(cell), self.hidden.shape))
                self._solver.bounds(int(cell), int(self._down[at]), int(self._up[at]))
        return self._solver

    def _pay(self, target: Target) -> bool:
        """Withhold the cheapest hypercubes that let the target span its width.

        Downwards first, as cells that make room for that are free to grow; upwards for the rest.
        """
        at = target.position
        down = self._buy(at, -1, min(int(self._down[at]), target.width))
        up = min(int(self._up[at]), target.width)
        return (
            self._buy(at, +1, min(up, target.width - down)) >= target.width - down
            and self._prove(target)
        ) or (self._buy(at, +1, up) == up and self._prove(target))

    def _buy(self, at: Position, direction: int, need: int) -> int:
        """How far the target moves, up to `need`, once the cheapest hypercubes are withheld."""
        gone, room, _ = self._walk(at, direction, need)
        size = need - gone
        while gone < need and size > 0:
            price = np.where(self.hidden, 0.0, self.cost)
            step = min(size, need - gone)
            move = best_cube(room, price, at, direction, step)
            if move is None:
                size //= 2
                continue
            room.apply(move, step)
            gone += step
            for corner in move.corners:
                if not self.hidden[corner]:
                    self._hide(corner)
        return gone
