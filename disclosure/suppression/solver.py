"""Linear programmes over withheld cells: how far one can go, and what letting it go costs.

The only importer of highspy. Two shapes of problem: the withheld cells around one cell, made anew
each time and small; and a grid between two layers of a table, made once and asked a thousand times.
"""

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal

__all__ = ["Grid", "Time", "optimum"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]
WHOLE = 1e-6
NODES, PATIENCE = 200, 1.0
"""Of a search for whole numbers, in nodes and seconds: beyond, nothing is claimed."""


@dataclass
class Time:
    """Seconds of solving that are left for a whole table."""

    left: float

    def spend(self, seconds: float) -> None:
        """Raises Refusal("too_hard_to_protect") when nothing is left."""
        self.left -= seconds
        if self.left <= 0:
            raise Refusal(
                "too_hard_to_protect",
                "The audit of this table did not finish in its time limit.",
                "Use fewer or broader categories, or leave out the margins.",
            )


def optimum(
    relations: sp.csc_matrix,
    price: Float,
    bounds: tuple[Float, Float],
    time: Time,
    *,
    whole: bool = False,
) -> Float | None:
    """The cheapest change x with relations · x = 0 within bounds; None when there is none.

    relations: (rows, columns); price, lower and upper bounds: (columns,). whole: x in whole
    numbers, None too where none is found among the first NODES of the search. Raises as Time does.
    """
    time.spend(0.0)
    rows = relations.tocsr()
    rows = rows[np.flatnonzero(np.diff(rows.indptr))]
    model = _model(rows, highspy.ObjSense.kMinimize)
    model.col_cost_, (model.col_lower_, model.col_upper_) = price, bounds
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * rows.shape[1]
    highs = _highs(min(time.left, PATIENCE) if whole else time.left)
    if whole:
        highs.setOptionValue("mip_max_nodes", NODES)
    highs.passModel(model)
    highs.run()
    time.spend(highs.getRunTime())
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        if status == highspy.HighsModelStatus.kTimeLimit and not whole:
            time.spend(time.left)
        return None
    return np.asarray(highs.getSolution().col_value)


class Grid:
    """Changes of a two-dimensional table, margins included, that keep all its sums.

    Its equations are those of a network, so the best change is in whole numbers.
    """

    def __init__(self, lines: sp.csr_matrix, time: Time) -> None:
        """lines: see Lattice.lines of a table of one or two dimensions."""
        self._time = time
        self._used = 0.0
        self._columns = np.arange(lines.shape[1], dtype=np.int32)
        self._highs = _highs(time.left)
        model = _model(lines, highspy.ObjSense.kMaximize)
        model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(lines.shape[1])
        self._highs.passModel(model)

    def push(self, weight: Float, down: Int, up: Int) -> Int:
        """The change of most weight, int64, with each cell between -down and +up."""
        many = len(self._columns)
        lower, upper = -down.astype(np.float64), up.astype(np.float64)
        self._highs.changeColsBounds(many, self._columns, lower, upper)
        self._highs.changeColsCost(many, self._columns, weight)
        self._highs.run()
        used, self._used = self._used, self._highs.getRunTime()
        self._time.spend(self._used - used)
        change = np.asarray(self._highs.getSolution().col_value)
        rounded = np.rint(change)
        if (
            self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal
            or np.abs(change - rounded).max(initial=0.0) > WHOLE
        ):
            return np.zeros(many, np.int64)
        whole: Int = rounded.astype(np.int64)
        return whole


def _highs(seconds: float) -> highspy.Highs:
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("presolve", "off"),
        ("simplex_strategy", 1),
        ("threads", 1),
        ("time_limit", seconds),
    ):
        highs.setOptionValue(option, value)
    return highs


def _model(rows: sp.csr_matrix, sense: highspy.ObjSense) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = int(rows.shape[1]), int(rows.shape[0])
    model.row_lower_ = model.row_upper_ = np.zeros(model.num_row_)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.indptr
    model.a_matrix_.index_ = rows.indices
    model.a_matrix_.value_ = rows.data.astype(np.float64)
    model.sense_ = sense
    return model
