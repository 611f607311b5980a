"""Sums over persons by the levels of categories, from which those of a design's columns follow.

A column is a product of a number (or of 1) with levels, so its sum over persons is the number's sum
over those who have the levels. Where all categories together have few cells, one table of them all
tells what each of them has; otherwise each set of categories that a column is about has its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.columns import product
from workbench.engine.analyses.design import CATEGORY, ModelColumn, Piece
from workbench.engine.analyses.rows import Rows
from workbench.plan.check.design import CheckedDesign

__all__ = ["Tallies"]

Floats = NDArray[np.float64]
Axes = tuple[str, ...]
Pieces = tuple[Piece, ...]
JOINT = 4096
"""Cells of a table of all categories together; it stays near the processor."""


class _Table:
    """Sums by the levels of some categories; a sum of everybody where there are none."""

    def __init__(self, axes: Axes, shape: tuple[int, ...]) -> None:
        self.axes = axes
        self._shape = shape
        self._cells = int(np.prod(shape, dtype=np.int64))
        self._sums: dict[Any, Floats] = {}
        self._top = np.zeros((2, self._cells))

    def code(self, rows: Rows) -> NDArray[np.intp]:
        """The cell of each person."""
        code = np.zeros(rows.height, np.intp)
        for name, levels in zip(self.axes, self._shape, strict=True):
            code *= levels
            code += rows[CATEGORY.format(name)]
        return code

    def add(self, key: Any, code: NDArray[np.intp], weight: Floats | None) -> None:
        """Add weights (1 if None). Everybody's are added in pairs, so that a constant's are exact:
        no number would be known as one that does not vary otherwise."""
        if self._cells == 1:
            more = np.array([code.size if weight is None else weight.sum()], dtype=np.float64)
        else:
            more = np.bincount(code, weights=weight, minlength=self._cells).astype(np.float64)
        self._sums[key] = self._sums.get(key, 0.0) + more

    def add_largest(self, code: NDArray[np.intp], value: Floats) -> None:
        """Note the two largest of each cell."""
        some = np.flatnonzero(value > self._top[1][code])
        order = some[np.lexsort((-value[some], code[some]))]
        ordered = code[order]
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        second = first[:-1] + 1 if first.size and first[-1] + 1 == order.size else first + 1
        second = second[ordered[second] == ordered[second - 1]]
        more = np.zeros_like(self._top)
        more[0, ordered[first]] = value[order[first]]
        more[1, ordered[second]] = value[order[second]]
        self._top = np.sort(np.concatenate([self._top, more]), axis=0)[:-3:-1]

    def of(self, key: Any, column: ModelColumn) -> float:
        """The sum over those who have a column's levels."""
        found = self._sums.get(key)
        return 0.0 if found is None else float(found.reshape(self._shape)[self._at(column)].sum())

    def top(self, column: ModelColumn) -> Floats:
        """The two largest among those who have a column's levels."""
        found = self._top.reshape(2, *self._shape)[:, *self._at(column)]
        return np.sort(found.ravel())[:-3:-1]

    def _at(self, column: ModelColumn) -> tuple[int | slice, ...]:
        places = {one.variable: one.place for one in column.pieces if one.kind == "level"}
        return tuple(places.get(name, slice(None)) for name in self.axes)


class Tallies:
    """Sums over persons by the levels of each of some columns, and of the columns themselves."""

    def __init__(self, design: CheckedDesign, columns: Sequence[ModelColumn]) -> None:
        levels = {name: len(one.levels) for name, one in design.categories.items()}
        wanted = dict.fromkeys(_axes(one) for one in columns)
        together = tuple(levels)
        joint = int(np.prod(list(levels.values()), dtype=np.float64)) <= JOINT
        self._home = {axes: together if joint and axes else axes for axes in wanted}
        self._tables = {
            axes: _Table(axes, tuple(levels[one] for one in axes)) for axes in self._home.values()
        }
        self._numbers: dict[Axes, dict[Pieces, None]] = {axes: {} for axes in self._tables}
        for one in columns:
            if not one.indicator:
                self._numbers[self._home[_axes(one)]][_numbers(one)] = None

    def add(
        self, rows: Rows, told: Mapping[str, Floats | None], largest: Floats | None = None
    ) -> None:
        """Add persons. told: weights by name, None counts; largest: of which two are sought."""
        known: dict[Piece, NDArray[Any]] = {}
        for axes, table in self._tables.items():
            code = table.code(rows)
            for name, weight in told.items():
                table.add(name, code, weight)
            for pieces in self._numbers[axes]:
                value = np.asarray(product(rows, pieces, known), dtype=np.float64)
                table.add((pieces, 1), code, value)
                table.add((pieces, 2), code, value * value)
            if largest is not None:
                table.add_largest(code, largest)

    def of(self, name: str, columns: Sequence[ModelColumn]) -> Floats:
        """The sum of a weight over the persons who have each column's levels."""
        return np.array([self._table(one).of(name, one) for one in columns])

    def top(self, columns: Sequence[ModelColumn]) -> Floats:
        """(2, columns): the two largest among these persons, the largest first."""
        return np.stack([self._table(one).top(one) for one in columns], axis=1)

    def powers(self, power: int, columns: Sequence[ModelColumn]) -> Floats:
        """The sum of each column (1) or of its square (2); needs "persons"."""
        return np.array(
            [
                self._table(one).of("persons" if one.indicator else (_numbers(one), power), one)
                for one in columns
            ]
        )

    def _table(self, column: ModelColumn) -> _Table:
        return self._tables[self._home[_axes(column)]]


def _axes(column: ModelColumn) -> Axes:
    return tuple(one.variable for one in column.pieces if one.kind == "level")


def _numbers(column: ModelColumn) -> Pieces:
    return tuple(one for one in column.pieces if one.kind != "level")
