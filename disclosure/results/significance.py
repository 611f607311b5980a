"""Tests from sums: t, F, U and H of groups, each as one row with what it has to tell."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.digits import p_value, significant
from disclosure.rules.means import capped

__all__ = ["kruskal_wallis", "mann_whitney", "many_means", "told", "two_means"]

Floats = NDArray[np.float64]
Text = dict[str, str]

TITLE: Text = {"en": "Test", "nb": "Test"}
_LABELS: dict[str, Text] = {
    "test": {"en": "Test", "nb": "Test"},
    "statistic": {"en": "Statistic", "nb": "Testobservator"},
    "df": {"en": "Degrees of freedom", "nb": "Frihetsgrader"},
    "df2": {"en": "… of the error", "nb": "… for feilen"},
    "p": {"en": "p", "nb": "p"},
    "effect": {"en": "Effect", "nb": "Effekt"},
    "effect_size": {"en": "Its size", "nb": "Størrelsen"},
    "low": {"en": "95 % lower", "nb": "95 % nedre"},
    "high": {"en": "95 % upper", "nb": "95 % øvre"},
}


def two_means(n: Floats, mean: Floats, variance: Floats, digits: int, *, equal: bool) -> Block:
    """Student's t or Welch's: persons, means and variances of two groups.

    digits: decimals of the difference and its limits.
    """
    apart = float(mean[0] - mean[1])
    if equal:
        df = float(n.sum() - 2)
        pooled = float(((n - 1) * variance).sum() / df)
        error, name = math.sqrt(pooled * float((1 / n).sum())), "Student t"
    else:
        each = variance / n
        df = float(each.sum() ** 2 / (each**2 / (n - 1)).sum())
        error, name = math.sqrt(float(each.sum())), "Welch t"
    t = apart / error
    wide = float(stats.t.ppf(0.975, df)) * error
    low, high = (capped(one, digits) for one in (apart - wide, apart + wide))
    effect = ("difference", capped(apart, digits), low, high)
    return told(name, t, df, None, float(2 * stats.t.sf(abs(t), df)), effect)


def many_means(n: Floats, mean: Floats, variance: Floats, *, equal: bool) -> Block:
    """Fisher's F, or Welch's (1951)."""
    k = len(n)
    if equal:
        grand = float((n * mean).sum() / n.sum())
        between = float((n * (mean - grand) ** 2).sum())
        within = float(((n - 1) * variance).sum())
        df = float(n.sum() - k)
        f = between / (k - 1) / (within / df)
        effect = ("η²", between / (between + within), None, None)
        return told("Fisher F", f, k - 1.0, df, float(stats.f.sf(f, k - 1, df)), effect)
    weight = n / variance
    centre = float((weight * mean).sum() / weight.sum())
    spread = float(((1 - weight / weight.sum()) ** 2 / (n - 1)).sum())
    above = float((weight * (mean - centre) ** 2).sum() / (k - 1))
    f = above / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    df = (k**2 - 1) / (3 * spread)
    return told("Welch F", f, k - 1.0, df, float(stats.f.sf(f, k - 1, df)), None)


def mann_whitney(n: Floats, sums: Floats, ties: float) -> Block:
    """Normal approximation with the correction for ties and for continuity."""
    whole = n.sum()
    u = float(sums[0] - n[0] * (n[0] + 1) / 2)
    middle = float(n[0] * n[1] / 2)
    error = math.sqrt(float(n[0] * n[1] / 12 * (whole + 1 - ties / (whole * (whole - 1)))))
    z = (abs(u - middle) - 0.5) / error
    effect = ("P(X > Y)", u / float(n[0] * n[1]), None, None)
    return told("Mann–Whitney U", u, None, None, float(min(1.0, 2 * stats.norm.sf(z))), effect)


def kruskal_wallis(n: Floats, sums: Floats, correction: float) -> Block:
    """Divided by `correction` for ties: 1 - Σ(t³ - t) / (n³ - n)."""
    whole = float(n.sum())
    h = 12 / (whole * (whole + 1)) * float((sums**2 / n).sum()) - 3 * (whole + 1)
    h /= correction
    df = len(n) - 1.0
    effect = ("ε²", h / (whole - 1), None, None)
    return told("Kruskal–Wallis H", h, df, None, float(stats.chi2.sf(h, df)), effect)


def told(
    name: str,
    statistic: float,
    df: float | None,
    df2: float | None,
    p: float,
    effect: tuple[str, float, float | None, float | None] | None,
) -> Block:
    """One test in one row, with the columns that it has; effect: name, size, lower, upper."""
    size = effect or ("", math.nan, None, None)
    row: tuple[Value, ...] = (
        name,
        significant(statistic),
        None if df is None else significant(df, 5),
        None if df2 is None else significant(df2, 5),
        p_value(p),
        size[0] or None,
        *(None if one is None else significant(one) for one in size[1:]),
    )
    kinds = {"test": "text", "effect": "text"}
    names = ("test", "statistic", "df", "df2", "p", "effect", "effect_size", "low", "high")
    columns = tuple(
        BlockColumn(one, "text" if one in kinds else "number", _LABELS[one]) for one in names
    )
    kept = [at for at, value in enumerate(row) if value is not None]
    return Block("test", TITLE, tuple(columns[at] for at in kept), (tuple(row[at] for at in kept),))
