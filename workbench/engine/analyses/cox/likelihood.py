"""Log partial likelihood, score and information at given coefficients, ties by Efron or Breslow.

With d events on a day, S the sums of w, w·x over the risk set and D those over the d persons,
Efron's denominators are S0 − f·D0 for f = 0, 1/d, …, (d−1)/d; Breslow's are S0, d times. The
information is Σ w·x·xᵀ·(A − δ·b) − Σ m·mᵀ, where A is the sum of 1/denominator up to a person's
last day, b that of f/denominator on it, and m the weighted mean at each denominator. So it takes
two rounds: sums over the days first, then one weighted product of the columns. Rows hold a code for
when they left the risk sets, and the bin in which they entered them: see Grid.
Source: Therneau & Grambsch, Modeling Survival Data, 2000, §3.1–3.3.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.cox.grid import Grid
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.rows import Rows, crossed

__all__ = ["Days", "days_of", "expected", "product_of", "risk_sums"]

Floats = NDArray[np.float64]
Ties = Literal["efron", "breslow"]


def risk_sums(rows: Rows, columns: Scaling, beta: Floats, grid: Grid) -> dict[str, NDArray[Any]]:
    """What some buckets add: sums of w and w·x by bin, and over the events of each day.

    bins: (1 + p, bins); deaths: (1 + p, G); died: (G,) persons; events: (1 + p,) Σ x·β and Σ x.
    """
    p = beta.size
    sums, late = np.zeros((1 + p, grid.codes)), np.zeros((1 + p, grid.size))
    persons, events = np.zeros(grid.codes), np.zeros(1 + p)
    for chunk in rows.chunks():
        x, y, code = columns.columns(chunk), chunk["y"], chunk["code"]
        linear = x @ beta
        weight = np.exp(linear)
        for at in range(1 + p):
            weighted = weight if at == 0 else weight * x[:, at - 1]
            sums[at] += np.bincount(code, weights=weighted, minlength=grid.codes)
            if "entered" in chunk:
                late[at] += np.bincount(chunk["entered"], weights=weighted, minlength=grid.size)
        persons += np.bincount(code, minlength=grid.codes)
        events[0] += y @ linear
        events[1:] += y @ x
    bins, deaths = grid.told_apart(sums)
    died = grid.told_apart(persons)[1]
    return {"add:bins": bins - late, "add:deaths": deaths, "add:died": died, "add:events": events}


@dataclass(frozen=True)
class Days:
    """What follows of the merged sums, over the days of events.

    loglik, score: at these coefficients. hazard: (G,) Σ 1/denominator; part: (G,) Σ f/denominator;
    means: (p, p) Σ m·mᵀ. hazard_mean, part_mean: (G, p) the first two with m; mean: (G, p) the
    mean of m over a day's denominators. `means_of` gives Σ m·mᵀ with a weight a day.
    """

    loglik: float
    score: Floats
    hazard: Floats
    part: Floats
    hazard_mean: Floats
    part_mean: Floats
    mean: Floats
    _risk: Floats
    _dead: Floats
    _squares: tuple[Floats, Floats, Floats]

    def means_of(self, weight: Floats | float = 1.0) -> Floats:
        """(p, p): Σ weight · m·mᵀ over all denominators."""
        zero, one, two = (weight * each for each in self._squares)
        mixed = (self._risk * one[:, None]).T @ self._dead
        whole: Floats = (self._risk * zero[:, None]).T @ self._risk - mixed - mixed.T
        whole += (self._dead * two[:, None]).T @ self._dead
        return whole


def days_of(merged: Parts, grid: Grid, ties: Ties) -> Days:
    """From the sums of all buckets."""
    sums, own = grid.at_risk(merged["add:bins"].T), merged["add:deaths"].T
    died = np.rint(merged["add:died"]).astype(np.int64)
    size = grid.day.size
    day = np.repeat(np.arange(size), died)
    if ties == "efron":
        rank = np.arange(day.size) - np.repeat(np.cumsum(died) - died, died)
        share = rank / np.repeat(died, died)
    else:
        share = np.zeros(day.size)
    below = np.repeat(sums[:, 0], died) - share * np.repeat(own[:, 0], died)

    def summed(values: Floats) -> Floats:
        return np.bincount(day, weights=values, minlength=size).astype(np.float64)

    each = 1.0 / below
    hazard, part = summed(each), summed(share * each)
    square = each * each
    zero, one, two = summed(square), summed(share * square), summed(share * share * square)
    risk, dead = sums[:, 1:], own[:, 1:]
    mean = risk * hazard[:, None] - dead * part[:, None]
    return Days(
        loglik=float(merged["add:events"][0] - np.log(below).sum()),
        score=merged["add:events"][1:] - mean.sum(axis=0),
        hazard=hazard,
        part=part,
        hazard_mean=risk * zero[:, None] - dead * one[:, None],
        part_mean=risk * one[:, None] - dead * two[:, None],
        mean=mean / np.maximum(died, 1)[:, None],
        _risk=risk,
        _dead=dead,
        _squares=(zero, one, two),
    )


def product_of(
    rows: Rows, columns: Scaling, beta: Floats, grid: Grid, hazard: Floats, part: Floats
) -> Floats:
    """(p, p): what some buckets add to Σ w·x·xᵀ·(A − δ·b)."""
    whole, so_far = np.zeros((beta.size, beta.size)), grid.so_far(hazard)
    told = grid.by_code(so_far, part)
    for chunk in rows.chunks():
        x = columns.columns(chunk)
        weight = np.exp(x @ beta) * expected(chunk, so_far, told)
        whole += crossed(x, weight[:, None] * x)
    return whole


def expected(rows: Rows, so_far: Floats, told: Floats) -> Floats:
    """(rows, …): A − δ·b, of the hazard so far by bin, and by code less a day's own part."""
    spent: Floats = told[rows["code"]]
    if "entered" in rows:
        spent = spent - so_far[rows["entered"]]
    return spent
