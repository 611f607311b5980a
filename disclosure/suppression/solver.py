"""How far a withheld cell can go in the intruder's eyes, by linear programming.

The only importer of highspy. One model serves a whole table: a column a published cell (its change
against the true table), a row a line that must keep its sum. Shown cells are fixed at zero, so
withholding or showing a cell only moves two bounds and the simplex starts warm.
"""

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal

__all__ = ["Reach", "Solver"]

WHOLE = 1e-6


@dataclass(frozen=True)
class Reach:
    """How far a cell went: `size` steps, changing the cells in `support` by whole numbers."""

    size: int
    support: frozenset[int]


class Solver:
    """Extreme changes of single cells under the lines of one table."""

    def __init__(self, lines: sp.csr_matrix, seconds: float) -> None:
        """lines: (rows, cells), see Lattice.lines; seconds: of solving in all, then Refusal."""
        self._highs = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("presolve", "off"),
            ("simplex_strategy", 4),
            ("threads", 1),
            ("time_limit", seconds),
        ):
            self._highs.setOptionValue(option, value)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = int(lines.shape[1]), int(lines.shape[0])
        nothing = np.zeros(lines.shape[1])
        model.col_cost_ = model.col_lower_ = model.col_upper_ = nothing
        model.row_lower_ = model.row_upper_ = np.zeros(model.num_row_)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = lines.indptr
        model.a_matrix_.index_ = lines.indices
        model.a_matrix_.value_ = lines.data.astype(np.float64)
        model.sense_ = highspy.ObjSense.kMaximize
        self._highs.passModel(model)

    def bounds(self, cell: int, down: int, up: int) -> None:
        """Let a cell change by -down to +up; (0, 0) for a cell that is shown."""
        self._highs.changeColBounds(cell, float(-down), float(up))

    def reach(self, cell: int, direction: int) -> Reach:
        """The furthest change of one cell, up (+1) or down (-1), within the bounds.

        The vertices of one- and two-dimensional tables are whole (their equations are those of a
        network). Where the simplex ends at fractions all the same, nothing is claimed: size 0.
        Raises Refusal("too_hard_to_protect") when the time is spent.
        """
        change = self._solve(cell, direction)
        rounded = np.rint(change)
        if np.abs(change - rounded).max(initial=0.0) > WHOLE:
            return Reach(0, frozenset())
        support = frozenset(np.flatnonzero(rounded).tolist())
        return Reach(int(direction * rounded[cell]), support)

    def _solve(self, cell: int, direction: int) -> NDArray[np.float64]:
        self._highs.changeColCost(cell, float(direction))
        self._highs.run()
        status = self._highs.getModelStatus()
        change = np.asarray(self._highs.getSolution().col_value)
        self._highs.changeColCost(cell, 0.0)
        if status != highspy.HighsModelStatus.kOptimal or not change.size:
            raise Refusal(
                "too_hard_to_protect",
                "The audit of this table did not finish in its time limit.",
                "Use fewer or broader categories, or leave out the margins.",
            )
        return change
