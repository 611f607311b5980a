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
from workbench.engine.analyses.rows import CHUNK, Rows, crossed

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
    tied = own[:, 0] if ties == "efron" else np.zeros(died.size)
    logs, (hazard, part, zero, one, two) = _over_events(sums[:, 0], tied, died)
    risk, dead = sums[:, 1:], own[:, 1:]
    mean = risk * hazard[:, None] - dead * part[:, None]
    return Days(
        loglik=float(merged["add:events"][0] - logs),
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


def _over_events(risk: Floats, tied: Floats, died: NDArray[np.int64]) -> tuple[float, Floats]:
    """With c = risk − f·tied for f = 0, 1/d, …: Σ log c over all events, and over those of each day
    Σ 1/c, Σ f/c, Σ 1/c², Σ f/c², Σ f²/c². f is 0 where nobody is tied, as with Breslow."""
    logs, found = 0.0, np.zeros((5, died.size))
    some = np.flatnonzero(died)
    ends = np.cumsum(died[some])
    for days in np.split(some, np.searchsorted(ends, np.arange(CHUNK, ends[-1:].sum(), CHUNK))):
        if not days.size:
            continue
        count = died[days]
        first = np.cumsum(count) - count
        share = np.arange(count.sum()) - np.repeat(first, count)
        share = share * np.repeat(np.where(tied[days] > 0, 1.0 / count, 0.0), count)
        below = np.repeat(risk[days], count) - share * np.repeat(tied[days], count)
        logs += float(np.log(below).sum())
        each = 1.0 / below
        square, shared = each * each, share * each
        sums = (each, shared, square, shared * each, shared * shared)
        found[:, days] = [np.add.reduceat(values, first) for values in sums]
    return logs, found


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
