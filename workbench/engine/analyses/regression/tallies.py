"""Sums over persons by the levels of categories, from which those of a design's columns follow.

A column is a product of a number (or of 1) with levels, so its sum over persons is the number's sum
over those who have the levels: one pass a set of categories, however many levels and columns.
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


class Tallies:
    """Sums of some weights a person, and of the columns and their squares.

    size: cells of all sets of categories that the columns are about, one set after the other.
    """

    def __init__(self, design: CheckedDesign, columns: Sequence[ModelColumn]) -> None:
        self._levels = {name: len(one.levels) for name, one in design.categories.items()}
        self._starts: dict[Axes, int] = {}
        self._numbers: dict[Axes, dict[Pieces, Floats]] = {}
        self.size = 0
        for column in columns:
            axes = _axes(column)
            if axes not in self._starts:
                self._starts[axes] = self.size
                self._numbers[axes] = {}
                self.size += self._cells(axes)
            if not column.indicator:
                self._numbers[axes][_numbers(column)] = np.zeros((2, self._cells(axes)))
        self._sums: dict[str, Floats] = {}

    def add(self, rows: Rows, told: Mapping[str, Floats | None]) -> None:
        """Add rows. told: weights by name; None counts persons."""
        known: dict[Piece, NDArray[Any]] = {}
        for axes, start in self._starts.items():
            code, cells = self._code(rows, axes), self._cells(axes)
            for name, weight in told.items():
                into = self._sums.setdefault(name, np.zeros(self.size))
                into[start : start + cells] += _summed(code, weight, cells)
            for pieces, both in self._numbers[axes].items():
                value = np.asarray(product(rows, pieces, known), dtype=np.float64)
                both[0] += _summed(code, value, cells)
                both[1] += _summed(code, value * value, cells)

    def largest(self, known: Floats, rows: Rows, value: Floats) -> Floats:
        """(2, size): the two largest of each cell of those known and of rows, the largest first."""
        found = known.copy()
        for axes, start in self._starts.items():
            at = slice(start, start + self._cells(axes))
            code = self._code(rows, axes)
            some = np.flatnonzero(value > known[1, at][code])
            order = some[np.lexsort((-value[some], code[some]))]
            ordered = code[order]
            first = np.flatnonzero(np.diff(ordered, prepend=-1))
            second = first + 1
            second = second[second < ordered.size]
            second = second[ordered[second] == ordered[second - 1]]
            more = np.zeros((2, self._cells(axes)))
            more[0, ordered[first]] = value[order[first]]
            more[1, ordered[second]] = value[order[second]]
            found[:, at] = np.sort(np.concatenate([known[:, at], more]), axis=0)[:-3:-1]
        return found

    def places(self, columns: Sequence[ModelColumn]) -> list[int]:
        """The cell that each column's levels make."""
        return [self._starts[_axes(one)] + self._cell(one) for one in columns]

    def of(self, name: str, columns: Sequence[ModelColumn]) -> Floats:
        """The sum of a weight over the persons who have each column's levels."""
        return self._sums.get(name, np.zeros(self.size))[self.places(columns)]

    def columns(self, columns: Sequence[ModelColumn]) -> tuple[Floats, Floats]:
        """The sum of each column and of its square; needs "persons"."""
        persons = self.of("persons", columns)
        sums, squares = persons.copy(), persons.copy()
        for at, one in enumerate(columns):
            if not one.indicator:
                both = self._numbers[_axes(one)][_numbers(one)]
                sums[at], squares[at] = both[:, self._cell(one)]
        return sums, squares

    def _cells(self, axes: Axes) -> int:
        return int(np.prod([self._levels[one] for one in axes], dtype=np.int64))

    def _code(self, rows: Rows, axes: Axes) -> NDArray[np.intp]:
        code = np.zeros(rows.height, np.intp)
        for one in axes:
            code *= self._levels[one]
            code += rows[CATEGORY.format(one)]
        return code

    def _cell(self, column: ModelColumn) -> int:
        cell = 0
        for one in column.pieces:
            if one.kind == "level":
                cell = cell * self._levels[one.variable] + one.place
        return cell


def _axes(column: ModelColumn) -> Axes:
    return tuple(one.variable for one in column.pieces if one.kind == "level")


def _numbers(column: ModelColumn) -> Pieces:
    return tuple(one for one in column.pieces if one.kind != "level")


def _summed(code: NDArray[np.intp], weight: Floats | None, cells: int) -> Floats:
    """Everybody's sum is taken in pairs: a constant's would not be exact otherwise."""
    if cells == 1:
        return np.array([code.size if weight is None else weight.sum()], dtype=np.float64)
    return np.bincount(code, weights=weight, minlength=cells).astype(np.float64)
