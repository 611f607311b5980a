"""The columns of a design as numbers, made of the rows at hand whenever a round needs them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.design import CATEGORY, NUMBER, ModelColumn, Piece
from workbench.engine.analyses.rows import Rows

__all__ = ["matrix", "product"]

Floats = NDArray[np.float64]


def matrix(
    rows: Rows,
    columns: Sequence[ModelColumn],
    centre: Floats | None = None,
    scale: Floats | None = None,
) -> Floats:
    """float64 (rows, columns), column by column in memory.

    centre, scale: (columns,), what is taken from a column and what it is then divided by.
    """
    made = np.empty((rows.height, len(columns)), order="F")
    known: dict[Piece, NDArray[Any]] = {}
    for at, column in enumerate(columns):
        into = made[:, at]
        value = product(rows, column.pieces, known)
        if centre is not None and centre[at]:
            np.subtract(value, centre[at], out=into)
        else:
            into[:] = value
        if scale is not None and scale[at] != 1.0:
            into *= 1.0 / scale[at]
    return made


def product(
    rows: Rows, pieces: Sequence[Piece], known: dict[Piece, NDArray[Any]] | None = None
) -> NDArray[Any] | float:
    """The product of some pieces, number or yes/no; 1 of none. known: bent numbers made before."""
    found: NDArray[Any] | float = 1.0
    for place, piece in enumerate(pieces):
        if piece.kind == "level":
            value: NDArray[Any] = rows[CATEGORY.format(piece.variable)] == piece.place
        elif piece.place == (piece.kind == "power"):  # the first of its kind is the number itself
            value = rows[NUMBER.format(piece.variable)]
        elif known is not None and piece in known:
            value = known[piece]
        else:
            value = _bent(rows[NUMBER.format(piece.variable)], piece)
            if known is not None:
                known[piece] = value
        found = value if place == 0 else found * value
    return found


def _bent(number: Floats, piece: Piece) -> Floats:
    if piece.kind == "power":
        power: Floats = np.power(number, piece.place)
        return power
    if piece.kind == "hinge":
        return np.maximum(number - piece.knots[piece.place - 1], 0.0)
    return _restricted_cubic(number, piece.place - 1, piece.knots)


def _restricted_cubic(number: Floats, at: int, knots: Sequence[float]) -> Floats:
    """Harrell's basis, in the unit of the variable (`rms::rcs` with norm = 2)."""

    def cube(knot: float) -> Any:
        return np.maximum(number - knot, 0.0) ** 3

    before, last = knots[-2], knots[-1]
    bent: Floats = (
        cube(knots[at])
        - cube(before) * (last - knots[at]) / (last - before)
        + cube(last) * (before - knots[at]) / (last - before)
    ) / (last - knots[0]) ** 2
    return bent
