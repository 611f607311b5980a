"""Whether rounded counts can be inverted by whoever knows some exact totals besides.

From the rounded numbers alone a shown 0 stands for 0..base-1 and a shown base for 1..base. Exact
totals that were published elsewhere (or that everybody knows, as the number of a register) narrow
that; here each cell's range is solved with them, and a cell that becomes too narrow is named.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.suppression.solver import Time, optimum

__all__ = ["inverted"]

Int = NDArray[np.int64]


def inverted(
    shown: Int, base: int, known: sp.csr_matrix, totals: Int, *, width: int, seconds: float
) -> NDArray[np.intp]:
    """Cells (sorted) whose true count is known more closely than `width` steps.

    shown: int64, (cells,), rounded inner cells. known: (totals, cells) of 0 and 1, exact totals the
    intruder has. Only cells shown as 0 or base hide anything. Raises Refusal as Time does, and
    ValueError where no true table could be behind these numbers.
    """
    unsure = np.flatnonzero((shown == 0) | (shown == base))
    low = np.where(shown[unsure] == 0, 0, 1).astype(np.float64)
    high = np.where(shown[unsure] == 0, base - 1, base).astype(np.float64)
    system = known[:, unsure].tocsc().astype(np.float64)
    exact = shown.copy()
    exact[unsure] = 0
    right = (totals - known @ exact).astype(np.float64)
    # One more column carries the right side, fixed at 1.
    ties = sp.hstack([system, sp.csc_matrix(-right[:, None])], format="csc")
    bounds = (np.append(low, 1.0), np.append(high, 1.0))
    time = Time(seconds)
    touched = np.flatnonzero(np.diff(system.indptr))
    narrow = [] if base - 1 >= width else list(range(unsure.size))
    for cell in touched.tolist() if not narrow else []:
        price = np.zeros(unsure.size + 1)
        ends = []
        for sign in (1.0, -1.0):
            price[cell] = sign
            found = optimum(ties, price, bounds, time)
            if found is None:
                raise ValueError("no table has these rounded counts and totals")
            ends.append(found[cell])
        if np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) < width:
            narrow.append(cell)
    return unsure[narrow]
