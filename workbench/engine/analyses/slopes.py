"""Linear trends over equally spaced periods, from counts, shares or means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.special as sc

__all__ = ["Slope", "of_counts", "of_means", "of_shares"]


@dataclass(frozen=True)
class Slope:
    """Change a period, its standard error, t (or z without df), degrees of freedom, p two-sided."""

    slope: float
    se: float
    statistic: float
    df: int | None
    p: float

    def row(self) -> list[float | int | None]:
        """The five numbers in order."""
        return [self.slope, self.se, self.statistic, self.df, self.p]


def of_counts(counts: Sequence[int]) -> Slope | None:
    """Least squares of the counts on the period's number; None with fewer than three, or when they
    lie on a line."""
    k = len(counts)
    if k < 3:
        return None
    time, count = np.arange(k) - (k - 1) / 2, np.array(counts, float)
    spread = float(time @ time)
    slope = float(time @ count) / spread
    residual = count - count.mean() - slope * time
    return _t(slope, float(residual @ residual), spread, k - 2)


def of_means(rows: Sequence[tuple[int, int, float, float]]) -> Slope | None:
    """Least squares over persons, from (period's number, persons, mean, sd) of each period."""
    if len(rows) < 2:
        return None
    time, n, mean, sd = np.array(rows, float).T
    centre = float(n @ time) / n.sum()
    spread = float(n @ (time - centre) ** 2)
    middle = float(n @ mean) / n.sum()
    slope = float(n @ ((time - centre) * mean)) / spread
    off = mean - middle - slope * (time - centre)
    residual = float((n - 1) @ sd**2 + n @ off**2)
    return _t(slope, residual, spread, int(n.sum()) - 2)


def of_shares(persons: Sequence[int], events: Sequence[int]) -> Slope | None:
    """The Cochran–Armitage test (Armitage 1955), without a correction for continuity."""
    n, yes = np.array(persons, float), np.array(events, float)
    time = np.arange(len(n), dtype=float)
    if n.sum() < 2 or not 0 < yes.sum() < n.sum():
        return None
    share = yes.sum() / n.sum()
    centred = time - float(n @ time) / n.sum()
    spread = float(n @ centred**2)
    if not spread:
        return None
    slope = float(centred @ yes) / spread
    error = math.sqrt(share * (1 - share) / spread)
    z = slope / error
    return Slope(slope, error, z, None, float(2 * sc.ndtr(-abs(z))))


def _t(slope: float, residual: float, spread: float, df: int) -> Slope | None:
    if df < 1 or not residual > 0:
        return None
    error = math.sqrt(residual / df / spread)
    statistic = slope / error
    return Slope(slope, error, statistic, df, float(2 * sc.stdtr(df, -abs(statistic))))
