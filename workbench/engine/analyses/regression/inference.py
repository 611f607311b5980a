"""From the last round of a model to its coefficients, errors and tests.

Models of numbers and amounts are read with the t distribution, as R does, the others with the
normal one; cluster-robust errors of a linear model with as many degrees of freedom as clusters
less one, as Stata does. Robust: MacKinnon and White (1985); clusters: Liang and Zeger (1986).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from disclosure.results.regression import Fit
from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.regression.influence import YES_OR_NO
from workbench.engine.analyses.regression.look import Scaling
from workbench.plan.nodes import Regression

__all__ = ["fitted"]

Floats = NDArray[np.float64]


_TINY = float(np.finfo(np.float64).tiny)


def fitted(node: Regression, scaling: Scaling, merged: Parts, state: Mapping[str, Any]) -> Fit:
    """The model at the last round's coefficients, corrected once more by that round's slope."""
    columns = scaling.coding.columns
    p, n = len(columns), int(state["look"]["persons"][0])
    inverse = np.linalg.inv(merged["sum:bend"])
    correction = inverse @ merged["sum:slope"]
    beta = np.array(state["beta"]) + correction[:p]
    freedom = n - p
    squares, pearson, gamma_loss, logs, spread = merged["sum:residual"]
    residual = {"linear": squares, "gamma": pearson}.get(node.model)
    dispersion = 1.0 if residual is None else residual / max(freedom, 1)
    clusters = int(np.count_nonzero(merged["sum:cluster"])) if node.cluster else None
    bread = inverse[:p, :p]
    covariance = bread * dispersion
    if clusters is not None or node.errors != "classical":
        covariance = bread @ _meat(node, merged, n, p, clusters) @ bread
    back = scaling.unscaled
    estimate, covariance = back @ beta, back @ covariance @ back.T
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    reading = _freedom(node, freedom, clusters)
    raw = back @ bread @ back.T
    part = np.maximum(merged["most:part"] ** 2, np.finfo(np.float64).tiny)
    shares = _shares(node, merged)
    summary = _summary(
        node,
        merged,
        state,
        scaling,
        freedom,
        dispersion,
        (squares, pearson, gamma_loss, logs),
        float(spread),
    )
    if node.model == "negative_binomial":
        alpha = float(np.exp(state["extra"] + correction[-1]))
        summary |= {"alpha": alpha, "alpha_se": alpha * float(np.sqrt(inverse[-1, -1]))}
    if clusters is not None:
        summary |= {"clusters": float(clusters)}
    return Fit(
        terms=tuple(one.term for one in columns),
        levels=tuple(one.level for one in columns),
        estimate=estimate,
        error=error,
        spread=np.array(
            [
                0.0 if not one.pieces else 1.0 if one.indicator else float(scale)
                for one, scale in zip(columns, scaling.scale, strict=True)
            ]
        ),
        supported=np.diag(raw) / part,
        leverage=float(merged["most:leverage"][0]),
        freedom=freedom,
        parameters=len(inverse),
        summary=summary,
        tests=_tests(scaling, estimate, covariance, reading),
        share_one=shares[0],
        share_two=shares[1],
        largest=shares[2],
        clusters=clusters,
        t_freedom=reading,
        residual_share=float(merged["most:residual"][0]) / max(float(squares), _TINY),
    )


def _meat(node: Regression, merged: Parts, n: int, p: int, clusters: int | None) -> Floats:
    meat: Floats = merged["sum:meat"]
    if clusters is not None:
        small = clusters / max(clusters - 1, 1) * (n - 1) / max(n - p, 1)
        return small * (meat.T @ meat)
    return meat * (n / max(n - p, 1)) if node.errors == "HC1" else meat


def _freedom(node: Regression, freedom: int, clusters: int | None) -> int | None:
    """Degrees of freedom of the t distribution; None for the normal one."""
    if node.model not in ("linear", "gamma"):
        return None
    return freedom if clusters is None else max(clusters - 1, 1)


def _shares(node: Regression, merged: Parts) -> tuple[Floats | None, Floats | None, Floats]:
    """Of each coefficient what one and two persons add at most, against all others; the largest.

    What persons add sums to zero where the model has found its best fit, so that one who is all of
    it is met by as much from the others together: never more than half of the whole.
    """
    first, second = merged["top:influence"]
    if node.model in YES_OR_NO:
        return None, None, first
    others = merged["sum:influence"] - first
    return (
        first / np.maximum(others, _TINY),
        (first + second) / np.maximum(others - second, _TINY),
        first,
    )


def _tests(
    scaling: Scaling, estimate: Floats, covariance: Floats, freedom: int | None
) -> tuple[tuple[str, str, int, float, float], ...]:
    """Wald's test of each term: that none of its columns matters."""
    columns = scaling.coding.columns
    found = []
    for term in dict.fromkeys(one.term for one in columns if one.pieces):
        at = [place for place, one in enumerate(columns) if one.term == term]
        own = covariance[np.ix_(at, at)]
        try:
            wald = float(estimate[at] @ np.linalg.solve(own, estimate[at]))
        except np.linalg.LinAlgError:
            continue
        if freedom is None:
            found.append((term, "χ²", len(at), wald, float(stats.chi2.sf(wald, len(at)))))
        else:
            f = wald / len(at)
            found.append((term, "F", len(at), f, float(stats.f.sf(f, len(at), freedom))))
    return tuple(found)


def _summary(
    node: Regression,
    merged: Parts,
    state: Mapping[str, Any],
    scaling: Scaling,
    freedom: int,
    dispersion: float,
    residual: tuple[float, float, float, float],
    about_mean: float,
) -> dict[str, float | None]:
    """Numbers that describe the fit, by name; what the model does not have is left out."""
    n, p = int(state["look"]["persons"][0]), len(scaling.coding.columns)
    squares, pearson, gamma_loss, logs = residual
    loglik = float(merged["sum:loglik"][0])
    found: dict[str, float | None] = {}
    if node.model == "linear":
        loglik = -0.5 * n * (np.log(2.0 * np.pi * squares / n) + 1.0)
        found["sigma"] = float(np.sqrt(dispersion))
        if node.design.intercept and p > 1:
            full = 1.0 - squares / about_mean
            found |= {"r2": full, "r2_adjusted": 1.0 - (1.0 - full) * (n - 1) / max(freedom, 1)}
    elif node.model == "gamma":
        shape = 1.0 / dispersion
        loglik = -shape * gamma_loss + n * (shape * np.log(shape) - gammaln(shape))
        loglik += (shape - 1.0) * logs
        found["dispersion"] = dispersion
    elif node.model == "poisson":
        found["dispersion"] = pearson / max(freedom, 1)
    if node.model == "poisson" and _yes_no(state):
        return {}
    events = float(state["look"]["events"][0])
    if (
        node.model in ("logistic", "probit", "log_binomial")
        and node.offset is None
        and (node.exposure is None and node.design.intercept and p > 1)
    ):
        share = events / n
        null = n * (share * np.log(share) + (1.0 - share) * np.log(1.0 - share))
        found["r2_mcfadden"] = 1.0 - loglik / float(null)
    k = len(merged["sum:slope"])
    return {
        "loglik": float(loglik),
        "aic": float(-2.0 * loglik + 2.0 * k),
        "bic": float(-2.0 * loglik + np.log(n) * k),
    } | found


def _yes_no(state: Mapping[str, Any]) -> bool:
    """Whether a count is 0 or 1 for everybody: a Poisson model of it has no likelihood."""
    total, squares = state["look"]["moments"][0]
    return bool(total == squares == state["look"]["events"][0])
