"""Small counts become nothing or the base, so chosen that all totals stay near the true ones.

Only inner cells of 1..base-1 persons are touched, and totals are sums of what is shown: there is
nothing between two published numbers that the inner cells do not tell as well, so that no total
inverts the rounding (independent rounding of cells and totals does invert). The method is that of
SmallCountRounding (Langsrud & Heldal 2018): cells are raised one by one, each time the one that
brings all published sums nearest to the truth.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal

__all__ = ["Rounded", "rounded"]

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Rounded:
    """inner, published: int64, as shown. furthest: the largest deviation of a published number;
    typical: the root of their mean square. Both may be told: they follow from no cell alone."""

    inner: Int
    published: Int
    furthest: int
    typical: float


def rounded(inner: Int, sums: sp.csr_matrix, base: int) -> Rounded:
    """Round inner cells (int64, (cells,)) for publication of sums (published, cells) of 0 and 1.

    sums must hold all that will ever be published of these cells, in one call. Raises
    Refusal("not_rounded") for negative counts, a base below 3 or sums of another width.
    """
    if base < 3 or (inner < 0).any() or sums.shape[1] != inner.size:
        raise Refusal(
            "not_rounded",
            "Small counts are rounded to a base of at least 3, and no count is negative.",
            "Correct the base or the counts.",
        )
    weights = sums.astype(np.float64).tocsr()
    small = (inner > 0) & (inner < base)
    shown = np.where(small, 0, inner).astype(np.int64)
    rest: NDArray[np.float64] = weights @ (inner - shown).astype(np.float64)
    columns = weights.tocsc()
    size = np.diff(columns.indptr)
    candidates = np.flatnonzero(small)
    while candidates.size:
        gain = 2 * (weights.T @ rest)[candidates] - base * size[candidates]
        best = int(np.argmax(gain + inner[candidates] * 1e-6))
        if gain[best] <= 0:
            break
        cell = int(candidates[best])
        shown[cell] = base
        rest[columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]]] -= base
        candidates = np.delete(candidates, best)
    off = np.abs(rest)
    return Rounded(
        inner=shown,
        published=np.asarray(sums @ shown, np.int64),
        furthest=int(off.max(initial=0)),
        typical=float(np.sqrt(np.square(off).mean())) if off.size else 0.0,
    )
