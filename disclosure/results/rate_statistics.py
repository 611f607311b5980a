"""What follows of events and person-years: limits, ratios, standardised rates. No data but these.

Exact limits: Garwood 1936. Mantel–Haenszel ratio of rates: Greenland & Robins 1985.
Directly standardised rates: Fay & Feuer 1997, by the gamma distribution.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

__all__ = ["difference", "exact", "mantel_haenszel", "ratio", "standardised"]

Z = 1.959963984540054
ALPHA = 0.05
Floats = NDArray[np.float64]
Three = tuple[float, float, float]


def exact(events: float) -> tuple[float, float]:
    """95 % limits of a Poisson mean of which so many events were seen."""
    lower = 0.0 if events <= 0 else float(gammaincinv(events, ALPHA / 2))
    return lower, float(gammaincinv(events + 1, 1 - ALPHA / 2))


def ratio(events: Sequence[int], years: Sequence[float]) -> Three:
    """The second group's rate by the first's, both with events; limits on the log scale."""
    value = events[1] / years[1] / (events[0] / years[0])
    reach = math.exp(Z * math.sqrt(1 / events[0] + 1 / events[1]))
    return value, value / reach, value * reach


def difference(events: Sequence[int], years: Sequence[float]) -> Three:
    """The second group's rate less the first's; limits by the normal distribution."""
    value = events[1] / years[1] - events[0] / years[0]
    reach = Z * math.sqrt(sum(d / y**2 for d, y in zip(events, years, strict=True)))
    return value, value - reach, value + reach


def mantel_haenszel(events: NDArray[np.int64], years: Floats) -> Three | None:
    """events, years: (2, strata). The ratio of the second group's rates to the first's.

    None when no stratum compares anything.
    """
    total = years.sum(axis=0)
    some = total > 0
    events, years, total = events[:, some], years[:, some], total[some]
    over = float((events[1] * years[0] / total).sum())
    under = float((events[0] * years[1] / total).sum())
    if over <= 0 or under <= 0:
        return None
    spread = float((events.sum(axis=0) * years[0] * years[1] / total**2).sum())
    reach = math.exp(Z * math.sqrt(spread / (over * under)))
    return over / under, over / under / reach, over / under * reach


def standardised(events: Floats, years: Floats, weights: Sequence[float]) -> tuple[Three, float]:
    """Σ w·d/y with its limits, and its variance; weights add up to 1, every y is above zero."""
    share = np.asarray(weights) / years
    value, variance = float(share @ events), float(share**2 @ events)
    widest = float(share.max())
    lower = 0.0
    if value > 0:
        lower = variance / value * float(gammaincinv(value**2 / variance, ALPHA / 2))
    more, spread = value + widest, variance + widest**2
    upper = spread / more * float(gammaincinv(more**2 / spread, 1 - ALPHA / 2))
    return (value, lower, upper), variance
