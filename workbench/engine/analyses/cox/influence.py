"""The last round: the information once more, robust sums, trends of effects, what one person is.

A person's score residual is δ(x − m̄) − w[x·A − Σ h·m] + δ·w[x·b − Σ f·m/denominator]; robust
errors are sums of its squares, within clusters of its sums. A trend of an effect is a column times
g(t), tested by its score (Grambsch & Therneau 1994, as R's survival has it since version 3).

With v = w(A − δ·b), the events that were expected of a person, a Cox model is a Poisson model of
weights v: of that the leverage and the part of a column that no other tells are taken, around the
mean at the events. Where the residual δ − v is larger than v its square takes its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.engine.analyses.cox.columns import Columns
from workbench.engine.analyses.cox.grid import Grid
from workbench.engine.analyses.cox.likelihood import Lives, expected, lives
from workbench.engine.analyses.cox.newton import arrays

__all__ = ["Last", "judged"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Last:
    """What the last round needs of the days, ready for the buckets: made once of its state.

    until, parts: the hazard by bin and a day's own part, times gᵏ for k = 0, 1, 2; means: Σ h·m by
    bin; centre: the mean of the columns at the events.
    """

    beta: Floats
    inverse: Floats
    trend: Floats
    days: Mapping[str, Floats]
    until: tuple[Floats, ...]
    parts: tuple[Floats, ...]
    means: Floats
    centre: Floats

    @classmethod
    def of(cls, state: Mapping[str, Any], grid: Grid) -> "Last":
        """From the state; look's "trend" is (G,) g at each day of an event."""
        beta, trend = np.array(state["beta"]), np.array(state["look"]["trend"])
        days = arrays(state, beta.size)
        return cls(
            beta,
            np.array(state["inverse"]),
            trend,
            days,
            tuple(grid.so_far(days["hazard"] * trend**power) for power in (0, 1, 2)),
            tuple(days["part"] * trend**power for power in (0, 1, 2)),
            grid.so_far(days["hazard_mean"]),
            grid.deaths @ days["mean"] / grid.deaths.sum(),
        )


def judged(
    frame: pl.DataFrame,
    columns: Columns,
    grid: Grid,
    last: Last,
    clusters: int,
    *,
    robust: bool,
) -> dict[str, NDArray[Any]]:
    """Of one bucket at the state's coefficients.

    product0 … 2: Σ v·x·xᵀ·gᵏ; slope: Σ g·δ·(x − m̄); meat: Σ of outer products of residuals, or Σ
    residuals by cluster (the frame's "k"); most: the largest share of one person in a column that
    no other tells, and of all coefficients together.
    """
    p = last.beta.size
    found: dict[str, NDArray[Any]] = {
        **{f"add:product{power}": np.zeros((p, p)) for power in (0, 1, 2)},
        "add:slope": np.zeros(p),
        "add:meat": np.zeros((clusters, p) if clusters else (p, p)),
        "add:cluster": np.zeros(clusters),
        "most:part": np.zeros(p),
        "most:leverage": np.zeros(1),
    }
    start = 0
    for one in lives(frame, columns, grid):
        weight = np.exp(one.columns @ last.beta)
        spent = weight * expected(one, last.until[0], last.parts[0])
        found["add:product0"] += (one.columns * spent[:, None]).T @ one.columns
        for power in (1, 2):
            weighted = weight * expected(one, last.until[power], last.parts[power])
            found[f"add:product{power}"] += (one.columns * weighted[:, None]).T @ one.columns
        gaps = one.columns[one.event] - last.days["mean"][one.place]
        found["add:slope"] += last.trend[one.place] @ gaps
        _largest(one, spent, last, found)
        if clusters or robust:
            residual = _residual(one, weight, gaps, last)
            if clusters:
                k = frame["k"].slice(start, weight.size).to_numpy()
                np.add.at(found["add:meat"], k, residual)
                found["add:cluster"] += np.bincount(k, minlength=clusters)
            else:
                found["add:meat"] += residual.T @ residual
        start += weight.size
    return found


def _largest(one: Lives, spent: Floats, last: Last, found: dict[str, NDArray[Any]]) -> None:
    """The largest of one person, of these and of those before."""
    apart = one.columns @ last.inverse
    apart -= last.centre @ last.inverse
    told = np.einsum("ij,ij->i", apart, one.columns) - apart @ last.centre
    surprise = spent.copy()
    surprise[one.event] = 1.0 - spent[one.event]
    leverage = float((np.maximum(spent, surprise * surprise) * told).max())
    found["most:leverage"] = np.maximum(found["most:leverage"], leverage)
    apart *= apart
    apart *= spent[:, None]
    found["most:part"] = np.maximum(found["most:part"], apart.max(axis=0))


def _residual(one: Lives, weight: Floats, gaps: Floats, last: Last) -> Floats:
    spent = expected(one, last.until[0], last.days["part"])[:, None] * one.columns
    spent -= expected(one, last.means, last.days["part_mean"])
    residual: Floats = -weight[:, None] * spent
    residual[one.event] += gaps
    return residual
