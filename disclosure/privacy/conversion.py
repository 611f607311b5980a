"""What ρ is in (ε, δ): the simple bound, and the tight one that is known for zCDP.

Both are upper bounds: whatever is ρ-zCDP is (ε, δ)-differentially private for every δ and the ε
given here.
"""

import math
from fractions import Fraction

__all__ = ["epsilon", "tight_epsilon"]

_UP = 1.0 + 1e-9
"""What rounding in the last digits could take away is put on top."""


def epsilon(rho: Fraction, delta: float) -> float:
    """ε such that ρ-zCDP implies (ε, δ)-differential privacy (Bun & Steinke 2016, prop. 1.3)."""
    _check(rho, delta)
    return float(rho) + 2 * math.sqrt(float(rho) * math.log(1 / delta))


def tight_epsilon(rho: Fraction, delta: float) -> float:
    """The least ε that follows from ρ-zCDP by its Rényi divergences, within a billionth.

    Canonne, Kamath & Steinke 2020, proposition 12 with divergences of order α at most αρ: for every
    α > 1, ε = αρ + (log(1/δ) + (α − 1) log(1 − 1/α) − log α) / (α − 1). The least over α is sought;
    any α gives a bound that holds, so that a search which ends early is never unsafe.
    """
    _check(rho, delta)
    cost = float(rho)
    if cost == 0.0:
        return 0.0
    wide = math.log(1 / delta)

    def bound(shift: float) -> float:
        """The bound for α = 1 + exp(shift)."""
        over = math.exp(shift)
        alpha = 1.0 + over
        return alpha * cost + (wide - math.log(alpha)) / over - math.log1p(1.0 / over)

    middle = math.log(math.sqrt(wide / cost))
    low, high = middle - 6.0, middle + 6.0
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(90):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if bound(left) < bound(right):
            high = right
        else:
            low = left
    return max(min(bound((low + high) / 2), epsilon(rho, delta)) * _UP, 0.0)


def _check(rho: Fraction, delta: float) -> None:
    if rho < 0:
        raise ValueError("rho is not negative")
    if not 0 < delta < 1:
        raise ValueError("delta lies between 0 and 1")
