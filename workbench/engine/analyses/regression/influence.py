"""The last round of a model: its errors, and how much of it any one person is.

With V the inverse of the bend, x_i a person's columns and w_i its weight: the leverage of a person
is w_i x_iᵀVx_i; √w_i (x_iᵀV)_j is, but for its length √V_jj, the part of column j that no other
column tells, so its largest square over V_jj is the largest share of one person in coefficient j.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.regression.families import FAMILIES, Pointwise
from workbench.engine.analyses.regression.look import Scaling, largest_two
from workbench.engine.analyses.regression.newton import linear, slope_and_bend, summed
from workbench.engine.analyses.rows import Rows, crossed, turned

__all__ = ["judged", "pointwise"]

Floats = NDArray[np.float64]
YES_OR_NO = ("logistic", "probit", "log_binomial")


def judged(
    rows: Rows,
    model: str,
    errors: str,
    clusters: int,
    scaling: Scaling,
    state: Mapping[str, Any],
) -> Parts:
    """Of some buckets at the state's coefficients.

    clusters: how many there are (0: none are asked for); a person's stands in the rows as "k".
    """
    beta, inverse = np.array(state["beta"]), np.array(state["inverse"])
    p = beta.size
    full = inverse.shape[0]
    own = inverse[:p, :p]
    shifted = scaling.centre / scaling.scale
    extra = state["extra"]
    mean = state["look"]["outcome"][0] / state["look"]["outcome"][2]
    found: dict[str, NDArray[Any]] = {
        "sum:loglik": np.zeros(1),
        "sum:slope": np.zeros(full),
        "sum:bend": np.zeros((full, full)),
        "sum:meat": np.zeros((max(clusters, 1), p) if clusters else (p, p)),
        "sum:cluster": np.zeros(clusters, dtype=np.int64),
        "sum:residual": np.zeros(5),
        "sum:influence": np.zeros(p),
        "most:leverage": np.zeros(1),
        "most:residual": np.zeros(1),
        "most:part": np.zeros(p),
        "top:influence": np.zeros((2, p)),
    }
    for chunk in rows.chunks():
        x, y = scaling.columns(chunk), chunk["y"]
        eta = linear(chunk, x, beta)
        at = pointwise(model, y, eta, extra)
        loglik, slope, bend = (
            summed(x, at) if extra is None else slope_and_bend(model, x, y, eta, extra)
        )
        found["sum:loglik"] += loglik
        found["sum:slope"] += slope
        found["sum:bend"] += bend
        residual = np.square(y - at.mean).max(initial=0.0)
        found["most:residual"] = np.maximum(found["most:residual"], residual)
        parts = turned(x, own)
        leverage = at.weight * np.einsum("ij,ij->i", parts, x)
        found["most:leverage"] = np.maximum(found["most:leverage"], leverage.max(initial=0.0))
        if shifted.any():
            parts[:, 0] -= parts @ shifted
        _contributions(found, model, parts, y - mean if model == "linear" else at.score)
        parts *= np.sqrt(at.weight)[:, None]
        largest = np.maximum(parts.max(axis=0, initial=0.0), -parts.min(axis=0, initial=0.0))
        found["most:part"] = np.maximum(found["most:part"], largest)
        found["sum:residual"] += _residuals(model, y, at, mean)
        if clusters:
            k = chunk["k"]
            np.add.at(found["sum:meat"], k, at.score[:, None] * x)
            found["sum:cluster"] += np.bincount(k, minlength=clusters).astype(np.int64)
        elif errors != "classical":
            square = at.score**2 / _shrunk(errors, leverage)
            found["sum:meat"] += crossed(x, square[:, None] * x)
    for name in ("most:part", "sum:influence", "top:influence"):
        found[name] = found[name] / scaling.scale
    return found


def pointwise(model: str, y: Floats, eta: Floats, extra: float | None) -> Pointwise:
    """What a family says of each person at η; of the negative binomial, too."""
    if extra is None:
        return FAMILIES[model].at(y, eta)
    mean, r = np.exp(eta), np.exp(-extra)
    return Pointwise(mean, 0.0, r * (y - mean) / (r + mean), r * mean / (r + mean))


def _contributions(
    found: dict[str, NDArray[Any]], model: str, parts: Floats, outcome: Floats
) -> None:
    """What each person's outcome adds to each coefficient: the sum of sizes, the two largest.

    Of a yes/no outcome the largest alone: nobody's one event is most of what many make up.
    """
    moved = parts * outcome[:, None]
    if model in YES_OR_NO:
        largest = np.maximum(moved.max(axis=0, initial=0.0), -moved.min(axis=0, initial=0.0))
        found["top:influence"][0] = np.maximum(found["top:influence"][0], largest)
        return
    moved = np.abs(moved)
    found["sum:influence"] += moved.sum(axis=0)
    found["top:influence"] = largest_two(found["top:influence"], moved)


def _shrunk(errors: str, leverage: Floats) -> Floats:
    left = np.maximum(1.0 - leverage, 1e-6)
    return {"HC2": left, "HC3": left**2}.get(errors, np.ones_like(left))


def _residuals(model: str, y: Floats, at: Pointwise, mean: float) -> Floats:
    """Σ of squared residuals, Pearson's χ², y/μ + log μ, log y (gamma), (y - ȳ)²."""
    squares = np.square(y - at.mean)
    variance = FAMILIES.get(model, FAMILIES["poisson"]).variance(at.mean)
    pearson = float((squares / np.maximum(variance, np.finfo(np.float64).tiny)).sum())
    loss, logs = (-at.loglik, np.log(y).sum()) if model == "gamma" else (0.0, 0.0)
    return np.array([squares.sum(), pearson, loss, logs, np.square(y - mean).sum()])
