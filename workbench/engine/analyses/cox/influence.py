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
from numpy.typing import NDArray

from workbench.engine.analyses.cox.grid import Grid
from workbench.engine.analyses.cox.likelihood import expected
from workbench.engine.analyses.cox.newton import arrays
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.rows import Rows, crossed, turned

__all__ = ["Last", "judged"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Last:
    """What the last round needs of the days, ready for the buckets: made once of its state.

    so_far, told: for k = 0, 1, 2 the hazard times gᵏ so far by bin, and by code less a day's own
    part; trend: by code, g of an event and 0 of others; centre: the mean of the columns at the
    events. robust: means, told_mean: of Σ h·m as so_far and told are of the hazard; mean: (G, p).
    """

    beta: Floats
    inverse: Floats
    so_far: tuple[Floats, ...]
    told: tuple[Floats, ...]
    trend: Floats
    centre: Floats
    robust: tuple[Floats, Floats, Floats] | None

    @classmethod
    def of(cls, state: Mapping[str, Any], grid: Grid) -> "Last":
        """From the state; look's "trend" is (G,) g at each day of an event."""
        beta, trend = np.array(state["beta"]), np.array(state["look"]["trend"])
        days = arrays(state, beta.size)
        so_far = tuple(grid.so_far(days["hazard"] * trend**power) for power in (0, 1, 2))
        robust = None
        if "mean" in days:
            means = grid.so_far(days["hazard_mean"])
            robust = means, grid.by_code(means, days["part_mean"]), days["mean"]
        of_event = np.zeros(grid.codes)
        of_event[grid.codes // 2 + grid.bin_of] = trend
        return cls(
            beta,
            np.array(state["inverse"]),
            so_far,
            tuple(
                grid.by_code(one, days["part"] * trend**power) for power, one in enumerate(so_far)
            ),
            of_event,
            days["centre"],
            robust,
        )


def judged(
    rows: Rows, columns: Scaling, grid: Grid, last: Last, clusters: int
) -> dict[str, NDArray[Any]]:
    """Of some buckets at the state's coefficients.

    product0 … 2: Σ v·x·xᵀ·gᵏ; slope: Σ g·δ·x; meat: Σ of outer products of residuals, or Σ
    residuals by cluster (the rows' "k"); most: the largest share of one person in a column that
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
    for chunk in rows.chunks():
        x = columns.columns(chunk)
        weight = np.exp(x @ last.beta)
        spent = weight * expected(chunk, last.so_far[0], last.told[0])
        found["add:product0"] += crossed(x, spent[:, None] * x)
        for power in (1, 2):
            weighted = weight * expected(chunk, last.so_far[power], last.told[power])
            found[f"add:product{power}"] += crossed(x, weighted[:, None] * x)
        found["add:slope"] += last.trend[chunk["code"]] @ x
        _largest(x, chunk["y"], spent, last, found)
        if last.robust is not None:
            residual = _residual(chunk, x, weight, spent, grid, last.robust)
            if clusters:
                np.add.at(found["add:meat"], chunk["k"], residual)
                found["add:cluster"] += np.bincount(chunk["k"], minlength=clusters)
            else:
                found["add:meat"] += crossed(residual, residual)
    return found


def _largest(
    x: Floats, y: Floats, spent: Floats, last: Last, found: dict[str, NDArray[Any]]
) -> None:
    """The largest of one person, of these and of those before."""
    apart = turned(x, last.inverse)
    apart -= last.centre @ last.inverse
    told = np.einsum("ij,ij->i", apart, x) - apart @ last.centre
    surprise = y - spent
    leverage = float((np.maximum(spent, surprise * surprise) * told).max())
    found["most:leverage"] = np.maximum(found["most:leverage"], leverage)
    apart *= apart
    apart *= spent[:, None]
    found["most:part"] = np.maximum(found["most:part"], apart.max(axis=0))


def _residual(
    rows: Rows,
    x: Floats,
    weight: Floats,
    spent: Floats,
    grid: Grid,
    robust: tuple[Floats, Floats, Floats],
) -> Floats:
    means, told, mean = robust
    residual: Floats = weight[:, None] * expected(rows, means, told) - spent[:, None] * x
    event = np.flatnonzero(rows["y"])
    place = np.searchsorted(grid.bin_of, rows["code"][event] - grid.codes // 2)
    residual[event] += x[event] - mean[place]
    return np.asfortranarray(residual)
