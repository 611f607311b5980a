"""Log partial likelihood, score and information at given coefficients, ties by Efron or Breslow.

With d events on a day, S the sums of w, w·x over the risk set and D those over the d persons,
Efron's denominators are S0 − f·D0 for f = 0, 1/d, …, (d−1)/d; Breslow's are S0, d times. The
information is Σ w·x·xᵀ·(A − δ·b) − Σ m·mᵀ, where A is the sum of 1/denominator up to a person's
last day, b that of f/denominator on it, and m the weighted mean at each denominator. So it takes
two rounds: sums over the days first, then one weighted product of the columns.
Source: Therneau & Grambsch, Modeling Survival Data, 2000, §3.1–3.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.cox.columns import Columns
from workbench.engine.analyses.cox.grid import Grid

__all__ = ["CHUNK", "Days", "Lives", "days_of", "expected", "lives", "product_of", "risk_sums"]

Floats = NDArray[np.float64]
Ties = Literal["efron", "breslow"]
SPREAD = 8
CHUNK = 16_384
"""Rows that are worked on at a time: their columns stay in the processor's cache."""


@dataclass(frozen=True)
class Lives:
    """Some persons of a bucket: columns (rows, p), when they left and entered the risk sets (bins),
    the rows of those with an event, and the place of that day on the grid."""

    columns: Floats
    left: NDArray[np.intp]
    entered: NDArray[np.intp] | None
    event: NDArray[np.intp]
    place: NDArray[np.intp]


def lives(frame: pl.DataFrame, columns: Columns, grid: Grid) -> Iterator[Lives]:
    """The persons of a frame (day, entry, s, y and the design's columns), CHUNK at a time."""
    arrays: dict[str, NDArray[Any]] = {name: frame[name].to_numpy() for name in frame.columns}
    for start in range(0, frame.height, CHUNK):
        rows = slice(start, min(start + CHUNK, frame.height))
        stratum = arrays["s"][rows]
        left = grid.bins(stratum, arrays["day"][rows])
        event = np.flatnonzero(arrays["y"][rows])
        entered = grid.bins(stratum, arrays["entry"][rows]) if "entry" in arrays else None
        place = left[event] - stratum[event] - 1
        yield Lives(columns.made(arrays, rows), left, entered, event, place)


def risk_sums(found: Iterator[Lives], beta: Floats, grid: Grid) -> dict[str, NDArray[Any]]:
    """What a bucket adds: sums of w and w·x by bin, and over the events of each day.

    bins: (bins, 1 + p); deaths: (G, 1 + p); died: (G,) persons; events: (1 + p,) Σ x·β and Σ x.
    """
    p = beta.size
    bins, deaths = np.zeros((1 + p, grid.size + SPREAD)), np.zeros((1 + p, grid.day.size))
    died, events = np.zeros(grid.day.size), np.zeros(1 + p)
    for one in found:
        linear = one.columns @ beta
        weight = np.exp(linear)
        dead, own = one.columns[one.event], weight[one.event]
        left = _spread(one.left, grid)
        for at in range(1 + p):
            column = None if at == 0 else one.columns[:, at - 1]
            weighted = weight if column is None else weight * column
            bins[at] += np.bincount(left, weights=weighted, minlength=bins.shape[1])
            if one.entered is not None:
                entered = np.bincount(one.entered, weights=weighted, minlength=bins.shape[1])
                bins[at] -= entered
            lost = own if at == 0 else own * dead[:, at - 1]
            deaths[at] += np.bincount(one.place, weights=lost, minlength=grid.day.size)
        events[0] += linear[one.event].sum()
        events[1:] += dead.sum(axis=0)
        died += np.bincount(one.place, minlength=grid.day.size)
    bins[:, grid.size - 1] += bins[:, grid.size :].sum(axis=1)
    bins = bins[:, : grid.size]
    return {"add:bins": bins.T, "add:deaths": deaths.T, "add:died": died, "add:events": events}


def _spread(left: NDArray[np.intp], grid: Grid) -> NDArray[np.intp]:
    """The bins, with those who outlive all events spread over SPREAD more: a processor waits for
    each sum that the one before went into, and half of a cohort may be there."""
    turn = grid.size + np.arange(left.size) % SPREAD
    return np.where(left == grid.size - 1, turn, left)


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
    sums, own = grid.at_risk(merged["add:bins"]), merged["add:deaths"]
    died = np.rint(merged["add:died"]).astype(np.int64)
    size = grid.day.size
    day = np.repeat(np.arange(size), died)
    first = np.cumsum(died) - died
    rank = np.arange(day.size) - first[day]
    share = rank / died[day] if ties == "efron" else np.zeros(day.size)
    below = sums[day, 0] - share * own[day, 0]

    def summed(values: Floats) -> Floats:
        return np.bincount(day, weights=values, minlength=size).astype(np.float64)

    hazard, part = summed(1 / below), summed(share / below)
    zero, one, two = (summed(share**power / below**2) for power in (0, 1, 2))
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
    found: Iterator[Lives], beta: Floats, grid: Grid, hazard: Floats, part: Floats
) -> Floats:
    """(p, p): what a bucket adds to Σ w·x·xᵀ·(A − δ·b)."""
    whole, so_far = np.zeros((beta.size, beta.size)), grid.so_far(hazard)
    for one in found:
        weight = np.exp(one.columns @ beta) * expected(one, so_far, part)
        whole += (one.columns * weight[:, None]).T @ one.columns
    return whole


def expected(one: Lives, so_far: Floats, part: Floats) -> Floats:
    """(rows, …): A − δ·b, of the hazard so far by bin and a day's own part."""
    spent: Floats = so_far[one.left]
    if one.entered is not None:
        spent = spent - so_far[one.entered]
    spent[one.event] -= part[one.place]
    return spent
