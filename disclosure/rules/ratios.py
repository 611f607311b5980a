"""Ratios of two sums: as many digits as leave the largest contribution to either open.

Both numbers pass the rules of dominance by themselves; where one is withheld, so is the ratio.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.further import Further, Told
from disclosure.policy import Policy
from disclosure.rules.means import capped
from disclosure.statistics import Judged

__all__ = ["Ratio"]

FINEST = 6


@dataclass(frozen=True)
class Ratio(Further):
    """cross: (cells,), Σxy of the first and the second described number in each inner cell."""

    cross: NDArray[np.float64]

    def judged(self, judged: Sequence[Judged], policy: Policy) -> Told:
        """{ratio, se}: Σx/Σy and its standard error by linearisation (Cochran 1977, 6.4)."""
        top, bottom = (one.cells for one in judged)
        if top is None or bottom is None:
            raise ValueError("a ratio is of two described numbers")
        inner = np.flatnonzero(judged[0].lattice.inner.ravel())
        values: list[dict[str, float | int | None]] = [
            {"ratio": None, "se": None} for _ in range(judged[0].lattice.size)
        ]
        for at, cross in zip(inner.tolist(), self.cross.tolist(), strict=True):
            n, x, y = int(top.n.flat[at]), float(top.total.flat[at]), float(bottom.total.flat[at])
            if n < 2 or y == 0:
                continue
            ratio = x / y
            squares = (
                float(top.total_sq.flat[at])
                - 2 * ratio * cross
                + ratio**2 * float(bottom.total_sq.flat[at])
            )
            error = math.sqrt(max(squares, 0.0) / (n - 1) / n) / abs(y / n)
            reach = max(
                float(top.largest.flat[at]) / abs(y),
                float(bottom.largest.flat[at]) * abs(ratio) / abs(y),
            )
            digits = _digits(float(policy.p_percent) * reach)
            values[at] = {"ratio": capped(ratio, digits), "se": capped(error, digits)}
        return Told(values)


def _digits(half_width: float) -> int:
    """The most decimals d with 0.5 · 10^-d ≥ half_width, at most FINEST."""
    if half_width <= 0:
        return FINEST
    return min(FINEST, math.floor(-math.log10(2 * half_width)))
