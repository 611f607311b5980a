"""Ends of follow-up counted by day, how they add up over buckets, and the estimators over them.

Everything that survival analyses tell of a cohort follows from how many persons of each group
ended their follow-up on each day by each cause; these counts are whole, so buckets merge exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.tallies import tallied

__all__ = [
    "Lifetimes",
    "aalen_johansen",
    "at_times",
    "counted",
    "greenwood",
    "lifetimes",
    "merged",
    "nelson_aalen",
    "product_limit",
    "restricted_mean",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def counted(code: NDArray[Any], day: NDArray[Any], codes: int) -> Parts:
    """Of one bucket, how many persons of each code ended on each day; only what occurs is told.

    code: group and cause in one number below `codes`; day: whole days. Returns int64 arrays code,
    day, count, ordered by code and day.
    """
    width = int(day.max(initial=0)) + 1
    found = np.bincount(code.astype(np.int64) * width + day, minlength=codes * width)
    some = np.flatnonzero(found)
    return {"code": some // width, "day": some % width, "count": found[some].astype(np.int64)}


def merged(parts: Sequence[Parts]) -> Parts:
    """All buckets together, as `counted` would have counted them at once."""
    code, day, count = (
        np.concatenate([one[name] for one in parts]) for name in ("code", "day", "count")
    )
    code, day, count = tallied(code, day, count)
    return {"code": code, "day": day, "count": count}


@dataclass(frozen=True)
class Lifetimes:
    """days: (J,) ascending, on which any follow-up ended; ended: (groups, causes + 1, J) persons,
    cause 0 being the end without any event (censored)."""

    days: Ints
    ended: Ints

    @cached_property
    def at_risk(self) -> Ints:
        """(groups, J): persons still followed just before each day."""
        total = self.ended.sum(axis=1)
        risk: Ints = np.cumsum(total[:, ::-1], axis=-1)[:, ::-1]
        return risk

    @cached_property
    def events(self) -> Ints:
        """(groups, J): persons with an event of any cause on each day."""
        happened: Ints = self.ended[:, 1:].sum(axis=1)
        return happened


def lifetimes(parts: Parts, groups: int, causes: int) -> Lifetimes:
    """The counts of all buckets over the days that occur; code = group · (causes + 1) + cause."""
    days, place = np.unique(parts["day"], return_inverse=True)
    ended = np.zeros((groups * (causes + 1), days.size), dtype=np.int64)
    ended[parts["code"], place] = parts["count"]
    return Lifetimes(days.astype(np.int64), ended.reshape(groups, causes + 1, days.size))


def product_limit(events: Ints, at_risk: Ints) -> Floats:
    """Π (1 − d/n) over the last axis, the survival just after each day (1 where nobody is)."""
    ratio = np.divide(events, at_risk, out=np.zeros(events.shape), where=at_risk > 0)
    return np.cumprod(1.0 - ratio, axis=-1, dtype=np.float64)


def greenwood(events: Ints, at_risk: Ints) -> Floats:
    """Σ d / (n (n − d)): the variance of log survival; infinite once everybody had the event."""
    left = at_risk * (at_risk - events)
    some = events > 0
    terms = np.where(some & (left == 0), np.inf, 0.0)
    return np.cumsum(np.divide(events, left, out=terms, where=left > 0), axis=-1)


def at_times(curve: Floats, days: Ints, times: Sequence[int], before: float) -> Floats:
    """A step function's value at the times (last axis), `before` where no day has come yet."""
    padded = np.concatenate([np.full((*curve.shape[:-1], 1), before), curve], axis=-1)
    return padded[..., np.searchsorted(days, np.asarray(times), side="right")]


def nelson_aalen(events: Ints, at_risk: Ints) -> tuple[Floats, Floats]:
    """Σ d/n over the last axis, and its variance Σ d/n² (Aalen)."""
    some = at_risk > 0
    hazard = np.divide(events, at_risk, out=np.zeros(events.shape), where=some)
    terms = np.divide(hazard, at_risk, out=np.zeros(events.shape), where=some)
    return np.cumsum(hazard, axis=-1), np.cumsum(terms, axis=-1)


def aalen_johansen(ended: Ints, at_risk: Ints) -> tuple[Floats, Floats]:
    """Cumulative incidence of each cause and its variance by the delta method.

    ended: (causes + 1, J), cause 0 censored; at_risk: (J,). Returns (causes, J) twice. With F the
    incidence, S the survival before a day and d of n persons with an event, dₖ of the cause:
    Σ (F(t) − F)² d/(n(n − d)) + Σ S² dₖ(n − dₖ)/n³ − 2 Σ (F(t) − F) S dₖ/n².
    Source: Marubini & Valsecchi, Analysing Survival Data, 1995, §10.3.
    """
    own, every = ended[1:], ended[1:].sum(axis=0)
    n = np.maximum(at_risk, 1).astype(np.float64)
    before = np.concatenate([[1.0], product_limit(every, at_risk)[:-1]])
    incidence = np.cumsum(before * own / n, axis=-1)
    left = n * (n - every)
    lost = np.divide(every, left, out=np.zeros(n.size), where=left > 0)
    cross = before * own / n**2
    variance = (
        incidence**2 * np.cumsum(lost)
        - 2 * incidence * np.cumsum(incidence * lost, axis=-1)
        + np.cumsum(incidence**2 * lost, axis=-1)
        + np.cumsum(before**2 * own * (n - own) / n**3, axis=-1)
        - 2 * (incidence * np.cumsum(cross, axis=-1) - np.cumsum(incidence * cross, axis=-1))
    )
    return incidence, np.maximum(variance, 0.0)


def restricted_mean(events: Ints, at_risk: Ints, days: Ints, until: int) -> tuple[float, float]:
    """∫ S over 0..until of one group, and its variance Σ (∫ₜ S)² d/(n(n − d))."""
    inside = days < until
    ends = np.concatenate([[0], days[inside], [until]])
    survival = np.concatenate([[1.0], product_limit(events, at_risk)[inside]])
    area = survival * np.diff(ends)
    left = np.cumsum(area[::-1])[::-1][1:]
    n, d = at_risk[inside], events[inside]
    stays = n * (n - d)
    terms = np.divide(d, stays, out=np.zeros(d.size), where=stays > 0)
    return float(area.sum()), float((left**2 * terms).sum())
