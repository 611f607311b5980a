"""How far groups are apart, from their released counts or their n, mean and standard deviation."""

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["chi_squared", "difference_of_means", "difference_of_shares", "variance_ratio"]


def difference_of_means(groups: Sequence[tuple[int, float, float]]) -> float | None:
    """The largest standardised mean difference of two groups, from (n, mean, sd) of each: |m₁ − m₂|
    over the root of the mean of both variances (Austin 2009)."""
    found = [
        abs(a[1] - b[1]) / math.sqrt((a[2] ** 2 + b[2] ** 2) / 2)
        for at, a in enumerate(groups)
        for b in groups[at + 1 :]
        if a[2] or b[2]
    ]
    return max(found, default=None)


def difference_of_shares(counts: Sequence[Sequence[int | None]]) -> float | None:
    """The same of categories, from the counts of each group: the Mahalanobis distance of the shares
    of all categories but one (Yang and Dalton 2012)."""
    found = []
    for at, one in enumerate(counts):
        for other in counts[at + 1 :]:
            a, b = np.array(one, float), np.array(other, float)
            used = a + b > 0
            if not a.sum() or not b.sum() or used.sum() < 2:
                continue
            p, q = (a / a.sum())[used][1:], (b / b.sum())[used][1:]
            spread = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
            apart = p - q
            found.append(math.sqrt(max(float(apart @ np.linalg.pinv(spread) @ apart), 0.0)))
    return max(found, default=None)


def chi_squared(counts: Sequence[Sequence[int | None]]) -> float | None:
    """p of Pearson's test that the groups are alike, without a correction for continuity."""
    import scipy.special as sc  # a notebook that asks for no test need not wait for it

    table = np.array(counts, float)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    if df < 1:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(sc.chdtrc(df, ((table - expected) ** 2 / expected).sum()))


def variance_ratio(groups: Sequence[tuple[int, float, float]]) -> float | None:
    """p of the test that all means are alike: Welch's t of two groups, the F test of more."""
    import scipy.special as sc  # a notebook that asks for no test need not wait for it

    n, mean, sd = np.array(groups, float).T
    if len(groups) < 2 or not sd.any():
        return None
    if len(groups) == 2:
        parts = sd**2 / n
        t = (mean[0] - mean[1]) / math.sqrt(parts.sum())
        df = parts.sum() ** 2 / (parts**2 / (n - 1)).sum()
        return float(2 * sc.stdtr(df, -abs(t)))
    middle = (n @ mean) / n.sum()
    between, within = n @ (mean - middle) ** 2, (n - 1) @ sd**2
    above, below = len(groups) - 1, n.sum() - len(groups)
    return float(sc.fdtrc(above, below, between / above / (within / below)))
