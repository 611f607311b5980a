"""Means: as many digits as leave the largest contribution open.

A mean that is rounded to d digits fixes the sum to ± n · 0.5 · 10^-d. Digits are capped so that
this is at least p% of the largest contribution: whoever knows all the others learns no more of it
than the p% rule allows. A standard deviation fixes the sum of squares, and the cap follows from
how far that moves with the largest contribution.
"""

import math

from disclosure.policy import Policy

__all__ = ["capped", "mean_digits", "sd_digits"]

FINEST = 6


def mean_digits(n: int, largest: float, policy: Policy) -> int:
    """Decimals of a mean over n persons whose largest |x| is `largest` (-1: tens)."""
    return _digits(float(policy.p_percent) * largest / n)


def sd_digits(n: int, total: float, total_sq: float, largest: float, policy: Policy) -> int:
    """Decimals of a standard deviation over n persons (Σx, Σx², largest |x|)."""
    mean = total / n
    one_sign = total_sq <= largest * abs(total) * (1 + 1e-9)
    reach = max(abs(mean), largest - abs(mean)) if one_sign else largest + abs(mean)
    deviation = math.sqrt(max(total_sq - n * mean * mean, 0.0) / (n - 1))
    if deviation == 0:
        return mean_digits(n, largest, policy)
    step = float(policy.p_percent) * largest * reach / ((n - 1) * deviation)
    return min(_digits(step), mean_digits(n, largest, policy))


def capped(value: float, digits: int) -> float:
    """The value rounded to so many decimals (0.0 rather than -0.0)."""
    return round(value, digits) + 0.0


def _digits(half_width: float) -> int:
    """The most decimals d with 0.5 · 10^-d ≥ half_width, at most FINEST."""
    if half_width <= 0:
        return FINEST
    return min(FINEST, math.floor(-math.log10(2 * half_width)))
