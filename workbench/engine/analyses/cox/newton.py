"""Newton's steps towards the most likely coefficients: from one round's sums to the next state.

phase "sums" at some coefficients gives the likelihood and its slope, "product" the information, so
that a step takes two rounds. When steps are small, sums and "judge" follow once more, and the
evidence corrects the last error.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.cox.grid import Grid
from workbench.engine.analyses.cox.likelihood import Days, days_of
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.regression.newton import Trouble, dependent

__all__ = ["after_product", "after_sums", "arrays", "at_first"]

Floats = NDArray[np.float64]
NEAR_ENOUGH, NEAR_FOR_MANY, MANY = 1e-4, 3e-4, 200_000
"""Steps, in standard deviations of the columns, that end the rounds: what is left is of the order
of the square, and the last round squares it once more. Many persons have errors that are so much
smaller than a standard deviation."""
ROUNDS, HALVINGS, FAR = 40, 25, 15.0
"""A coefficient that moves on beyond FAR is on its way to infinity: the groups separate."""


def at_first(columns: int, persons: int) -> dict[str, Any]:
    """The state of the first round of fitting: no effects ("guessed")."""
    return {
        "phase": "sums",
        "beta": [0.0] * columns,
        "loglik": None,
        "step": None,
        "halved": 0,
        "rounds": 0,
        "near": False,
        "enough": NEAR_FOR_MANY if persons >= MANY else NEAR_ENOUGH,
        "guessed": True,
    }


def after_sums(
    merged: Parts, grid: Grid, ties: Any, state: Mapping[str, Any], *, robust: bool = False
) -> dict[str, Any]:
    """On to the product, or back by half a step when the likelihood fell. Raises Trouble."""
    days = days_of(merged, grid, ties)
    before = state["loglik"]
    fell = before is not None and days.loglik < before - 1e-9 * abs(before)
    if fell or not np.isfinite(days.loglik):
        if state["step"] is None or state["halved"] >= HALVINGS:
            raise Trouble("not_converged")
        shorter = np.array(state["step"]) / 2.0
        beta = np.array(state["beta"]) - shorter
        back = {"beta": beta.tolist(), "step": shorter.tolist(), "halved": state["halved"] + 1}
        return {**state, **back, "near": False}
    found = {**state, "loglik": days.loglik, "halved": 0}
    if not state["near"]:
        return found | {"phase": "product", "days": _step_state(days)}
    trend = np.array(state["look"]["trend"])
    return found | {"phase": "judge", "days": _judge_state(days, grid, trend, robust=robust)}


def after_product(merged: Parts, columns: Scaling, state: Mapping[str, Any]) -> dict[str, Any]:
    """The next coefficients. Raises Trouble for columns that depend on others, and separation."""
    information = merged["add:product"] - np.array(state["days"]["means"])
    blamed = dependent(information) if np.isfinite(information).all() else None
    if blamed is not None:
        first = not any(state["beta"])
        raise (
            Trouble("dependent", columns.coding.columns[blamed].name)
            if first
            else Trouble("separated")
        )
    if state["rounds"] >= ROUNDS:
        raise Trouble("not_converged")
    step = np.linalg.solve(information, np.array(state["days"]["score"]))
    beta = np.array(state["beta"]) + step
    size = float(np.abs(step).max())
    if not np.isfinite(size) or float(np.abs(beta).max()) > FAR:
        raise Trouble("separated")
    moved = {
        **state,
        "phase": "sums",
        "beta": beta.tolist(),
        "step": step.tolist(),
        "rounds": state["rounds"] + 1,
        "days": None,
    }
    inverse = np.linalg.inv(information)
    return moved | {"near": size < state["enough"], "inverse": inverse.tolist()}


def _step_state(days: Days) -> dict[str, Any]:
    """What a step needs of the days, as JSON."""
    return {
        "score": days.score.tolist(),
        "means": days.means_of().tolist(),
        "hazard": days.hazard.tolist(),
        "part": days.part.tolist(),
    }


def _judge_state(days: Days, grid: Grid, trend: Floats, *, robust: bool) -> dict[str, Any]:
    """What the last round and the evidence need.

    means1, means2: with the trend and its square; centre: the mean of the columns at the events,
    centre1: its sum with the trend.
    """
    found = _step_state(days) | {
        "means1": days.means_of(trend).tolist(),
        "means2": days.means_of(trend**2).tolist(),
        "centre": (grid.deaths @ days.mean / grid.deaths.sum()).tolist(),
        "centre1": ((grid.deaths * trend) @ days.mean).tolist(),
    }
    if robust:
        for name in ("hazard_mean", "part_mean", "mean"):
            found[name] = getattr(days, name).tolist()
    return found


def arrays(state: Mapping[str, Any], columns: int) -> dict[str, Floats]:
    """The days of a state as arrays; those with columns are (G, p)."""
    found = {name: np.array(values, dtype=np.float64) for name, values in state["days"].items()}
    for name in ("hazard_mean", "part_mean", "mean"):
        if name in found:
            found[name] = found[name].reshape(-1, columns)
    return found
