"""Newton's steps towards the most likely coefficients, by sums over buckets.

The columns are scaled (see look.Scaling), so one measure of nearness fits all of them. Each round
is one pass over the data.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.regression.families import FAMILIES, Family, Pointwise
from workbench.engine.analyses.regression.look import Scaling
from workbench.engine.analyses.rows import Rows, crossed

__all__ = [
    "Trouble", "ahead", "dependent", "first_guess", "fit", "linear", "moved_to", "parameters",
    "slope_and_bend", "summed",
]  # fmt: skip

Floats = NDArray[np.float64]
NEAR_ENOUGH, NEAREST = 2e-5, 1e-10
"""Steps, as weighted standard deviations of what they change in η, that end the rounds: the next
error is of the order of its square, and the last round corrects it once more. The expected bend of
models with another than the canonical link (SCORED) shrinks errors by a factor only: to NEAREST."""
SCORED = ("probit", "log_binomial", "gamma")
ROUNDS, HALVINGS = 40, 25
DEPENDENT = 1e-9
"""Share of a column's variance that must not follow from the columns before it."""


class Trouble(Exception):
    """A model that has no answer: a code, and the term to blame where it is safe to say."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.about = about


def first_guess(model: str, scaling: Scaling, seen: Mapping[str, Any]) -> dict[str, Any]:
    """The state of the first round of fitting: the mean outcome and no effects ("guessed")."""
    total, at_risk, n = seen["outcome"]
    beta = np.zeros(len(scaling.coding.columns))
    if scaling.coding.columns and not scaling.coding.columns[0].pieces:
        rate = total / (at_risk if model in ("poisson", "negative_binomial", "gamma") else n)
        beta[0] = _family(model).link(rate)
    return {
        "phase": "fit",
        "beta": beta.tolist(),
        "extra": 0.0 if model == "negative_binomial" else None,
        "loglik": None,
        "step": None,
        "halved": 0,
        "rounds": 0,
        "guessed": True,
    }


def fit(rows: Rows, model: str, scaling: Scaling, state: Mapping[str, Any]) -> Parts:
    """Log-likelihood, slope and bend of some buckets at the state's coefficients."""
    beta = np.array(state["beta"])
    size = beta.size + (state["extra"] is not None)
    loglik, slope, bend = 0.0, np.zeros(size), np.zeros((size, size))
    for chunk in rows.chunks():
        x = scaling.columns(chunk)
        more, g, h = slope_and_bend(model, x, chunk["y"], linear(chunk, x, beta), state["extra"])
        loglik, slope, bend = loglik + more, slope + g, bend + h
    return {"sum:loglik": np.array([loglik]), "sum:slope": slope, "sum:bend": bend}


def linear(rows: Rows, x: Floats, beta: Floats) -> Floats:
    """η: (rows,), what is added to it included."""
    eta: Floats = x @ beta
    if "o" in rows:
        eta += rows["o"]
    return eta


def slope_and_bend(
    model: str, x: Floats, y: Floats, eta: Floats, extra: float | None
) -> tuple[float, Floats, Floats]:
    """Σl, its first derivatives and minus its (expected) second ones in all parameters."""
    if extra is None:
        return summed(x, FAMILIES[model].at(y, eta))
    return _negative_binomial(x, y, eta, extra)


def summed(x: Floats, at: Pointwise) -> tuple[float, Floats, Floats]:
    """The same from what a family without a parameter of its own says of each person."""
    return at.loglik, at.score @ x, crossed(x, at.weight[:, None] * x)


def ahead(
    model: str,
    scaling: Scaling,
    merged: Parts,
    state: Mapping[str, Any],
    enough: float | None = None,
) -> dict[str, Any]:
    """The next state: another round of fitting, or the last round ("judge"). Raises Trouble.

    enough: a step that ends the rounds; by default one that leaves an error of no account.
    """
    loglik, slope, bend = (merged[f"sum:{name}"] for name in ("loglik", "slope", "bend"))
    here = parameters(state)
    if not _better(float(loglik[0]), state):
        if state["step"] is None or state["halved"] >= HALVINGS:
            raise Trouble(_stuck(model))
        shorter = np.array(state["step"]) / 2.0
        return moved_to(here - shorter, {**state, "step": shorter.tolist()}, state["halved"] + 1)
    if state["rounds"] >= ROUNDS:
        raise Trouble(_stuck(model))
    if not np.isfinite(bend).all():
        raise Trouble(_stuck(model))
    blamed = dependent(bend[: len(state["beta"]), : len(state["beta"])])
    if blamed is not None:
        first = state["step"] is None
        column = scaling.coding.columns[blamed].name
        raise Trouble("dependent", column) if first else Trouble("separated")
    step = np.linalg.solve(bend, slope)
    moved = moved_to(here + step, {**state, "step": step.tolist(), "loglik": float(loglik[0])}, 0)
    size = float(np.sqrt(max(step @ slope, 0.0) / np.diag(bend).max()))
    if enough is None:
        enough = NEAREST if model in SCORED else NEAR_ENOUGH
    if size < enough or model == "linear":
        inverse = np.linalg.inv(bend)
        return moved | {"phase": "judge", "inverse": inverse.tolist()}
    return moved


def dependent(bend: Floats) -> int | None:
    """The first column that follows from those before it; None when there is none."""
    size = np.sqrt(np.maximum(np.diag(bend), np.finfo(np.float64).tiny))
    scaled = bend / np.outer(size, size)
    for at in range(len(scaled)):
        left = scaled[at, at]
        if left < DEPENDENT:
            return at
        later = scaled[at + 1 :, at]
        scaled[at + 1 :, at + 1 :] -= np.outer(later, later) / left
    return None


def parameters(state: Mapping[str, Any]) -> Floats:
    """A state's coefficients, and the parameter more that a model may have."""
    extra = [] if state["extra"] is None else [state["extra"]]
    return np.array([*state["beta"], *extra])


def moved_to(to: Floats, state: Mapping[str, Any], halved: int) -> dict[str, Any]:
    """The state with other parameters, a round later."""
    beta, extra = (to, None) if state["extra"] is None else (to[:-1], float(to[-1]))
    return {
        **state,
        "beta": beta.tolist(),
        "extra": extra,
        "halved": halved,
        "rounds": state["rounds"] + 1,
    }


def _better(loglik: float, state: Mapping[str, Any]) -> bool:
    if not np.isfinite(loglik):
        return False
    before = state["loglik"]
    return before is None or loglik >= before - 1e-9 * (abs(before) + 1.0)


def _stuck(model: str) -> str:
    """Why there is no best fit: of these two nothing else can be the reason."""
    return "separated" if model in ("logistic", "probit") else "not_converged"


def _family(model: str) -> Family:
    return FAMILIES["poisson" if model == "negative_binomial" else model]


def _negative_binomial(
    x: Floats, y: Floats, eta: Floats, log_alpha: float
) -> tuple[float, Floats, Floats]:
    """NB2 (variance μ + αμ²) in β and log α, with the observed second derivatives."""
    mean, r = np.exp(eta), np.exp(-log_alpha)
    both = r + mean
    loglik = (
        gammaln(y + r)
        - gammaln(r)
        - gammaln(y + 1.0)
        + r * np.log(r / both)
        + y * (eta - np.log(both))
    )
    by_r = digamma(y + r) - digamma(r) + np.log(r / both) + 1.0 - (r + y) / both
    by_rr = (
        polygamma(1, y + r) - polygamma(1, r) + 1.0 / r - 1.0 / both - (mean - y) / (both * both)
    )
    weight = r * mean * (r + y) / (both * both)
    mixed = -r * mean * (y - mean) / (both * both)
    slope = np.append((r * (y - mean) / both) @ x, -r * by_r.sum())
    bend = np.zeros((slope.size, slope.size))
    bend[:-1, :-1] = crossed(x, weight[:, None] * x)
    bend[:-1, -1] = bend[-1, :-1] = -(mixed @ x)
    bend[-1, -1] = -(r * r * by_rr.sum() + r * by_r.sum())
    return float(loglik.sum()), slope, bend
