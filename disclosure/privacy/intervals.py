"""Limits of what was measured with noise: where the number without noise lies, with 95 %."""

import math

__all__ = ["Z975", "quotient"]

Z975 = 2.241403
"""The two-sided 97.5 % quantile of the normal distribution: two such intervals hold with 95 %."""


def quotient(
    above: float, above_sd: float, below: float, below_sd: float, z: float, most: float
) -> tuple[float, float]:
    """Limits of the quotient of two numbers that are each known with independent normal noise.

    most: the quotient lies within ± most, whatever the data. Fieller 1954: all values θ for which
    above − θ · below lies within z standard deviations of 0, which holds for the true θ with the
    probability of z, whatever the numbers are. Never raises; without information ± most.
    """
    square = below * below - z * z * below_sd * below_sd
    if square <= 0 or below <= 0:
        return -most, most
    middle = above * below / square
    inside = middle * middle - (above * above - z * z * above_sd * above_sd) / square
    wide = math.sqrt(max(inside, 0.0))
    low, high = (min(max(end, -most), most) for end in (middle - wide, middle + wide))
    return low, high
