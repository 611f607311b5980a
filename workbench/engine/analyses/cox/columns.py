"""The columns of a Cox regression, made chunk by chunk: 0 and 1 as they are, numbers scaled.

A baseline takes what any shift of a column adds, so only numbers are moved to mean 0 and variance
1, for the sake of exact sums; coefficients of 0/1 columns need no way back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.design import CATEGORY, NUMBER, Coding, matrix_of
from workbench.engine.analyses.regression.look import Scaling

__all__ = ["Columns"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """coding: the columns, no intercept among them. centre, scale: (p,), 0 and 1 where a column is
    0 or 1; spread: (p,) the standard deviation of each as it is made here."""

    coding: Coding
    centre: Floats
    scale: Floats
    spread: Floats

    @classmethod
    def of(cls, found: Scaling) -> "Columns":
        """From the scaling of a design with its intercept."""
        coding = found.coding
        kept = coding.columns[1:]
        indicator = np.array([one.indicator for one in kept], dtype=bool)
        return cls(
            replace(coding, columns=kept, places=coding.places[1:]),
            np.where(indicator, 0.0, found.centre[1:]),
            np.where(indicator, 1.0, found.scale[1:]),
            np.where(indicator, found.scale[1:], 1.0),
        )

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.coding.columns)

    def made(self, arrays: Mapping[str, NDArray[Any]], rows: slice) -> Floats:
        """(rows, p) of some rows of a frame's arrays, column by column in memory."""
        found = np.empty((rows.stop - rows.start, self.size), order="F")
        for at, column in enumerate(self.coding.columns):
            piece = column.pieces[0]
            alone = len(column.pieces) == 1
            if alone and piece.kind == "level":
                found[:, at] = arrays[CATEGORY.format(piece.variable)][rows] == piece.place
                continue
            if alone and piece.kind == "power" and piece.place == 1:
                value = arrays[NUMBER.format(piece.variable)][rows]
            else:
                value = matrix_of(arrays, rows, [column])[:, 0]
            np.subtract(value, self.centre[at], out=found[:, at])
            found[:, at] /= self.scale[at]
        return found
