"""From the last round of a Cox regression to its coefficients, errors and tests."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from disclosure.results.regression import Fit
from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.regression.look import Scaling
from workbench.plan.nodes import Cox

__all__ = ["fitted", "trends"]

Floats = NDArray[np.float64]
Trend = tuple[str, int, float, float]


def fitted(node: Cox, model: Scaling, merged: Parts, state: Mapping[str, Any]) -> Fit:
    """The model at the last round's coefficients, corrected once more by its slope there."""
    columns = model.coding.columns
    p = len(columns)
    events = int(state["look"]["events"][0])
    inverse = np.linalg.inv(merged["add:product0"] - _means(state, 0))
    beta = np.array(state["beta"]) + inverse @ np.array(state["days"]["score"])
    clusters = int(np.count_nonzero(merged["add:cluster"])) if node.cluster else None
    covariance = inverse
    if clusters is not None or node.robust:
        meat = merged["add:meat"]
        covariance = inverse @ (meat.T @ meat if clusters is not None else meat) @ inverse
    back = 1.0 / model.scale
    estimate = back * beta
    covariance = covariance * np.outer(back, back)
    part = np.maximum(merged["most:part"], np.finfo(np.float64).tiny)
    summary: dict[str, float | None] = {
        "loglik": float(state["loglik"]),
        "aic": float(-2.0 * state["loglik"] + 2.0 * p),
    }
    if clusters is not None:
        summary["clusters"] = float(clusters)
    return Fit(
        terms=tuple(one.term for one in columns),
        levels=tuple(one.level for one in columns),
        estimate=estimate,
        error=np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        spread=np.array(
            [
                1.0 if one.indicator else float(scale)
                for one, scale in zip(columns, model.scale, strict=True)
            ]
        ),
        supported=np.diag(inverse) / part,
        leverage=float(merged["most:leverage"][0]),
        freedom=events - p,
        parameters=p,
        summary=summary,
        tests=_wald(model, estimate, covariance),
        clusters=clusters,
    )


def trends(model: Scaling, merged: Parts, state: Mapping[str, Any]) -> tuple[Trend, ...]:
    """Of each term and of all: name, degrees of freedom, χ² and p of a trend of its effect."""
    plain, first, second = (
        merged[f"add:product{power}"] - _means(state, power) for power in (0, 1, 2)
    )
    inverse = np.linalg.inv(plain)
    slope = merged["add:slope"] - np.array(state["days"]["centre1"])
    slope -= first @ inverse @ np.array(state["days"]["score"])
    apart = second - first @ inverse @ first
    columns = model.coding.columns
    asked = {
        term: [at for at, one in enumerate(columns) if one.term == term]
        for term in dict.fromkeys(one.term for one in columns)
    }
    found = []
    for term, at in [*asked.items(), ("Σ", list(range(len(columns))))]:
        try:
            value = float(slope[at] @ np.linalg.solve(apart[np.ix_(at, at)], slope[at]))
        except np.linalg.LinAlgError:
            continue
        found.append((term, len(at), value, float(chdtrc(len(at), max(value, 0.0)))))
    return tuple(found)


def _means(state: Mapping[str, Any], power: int) -> Floats:
    return np.array(state["days"]["means" if power == 0 else f"means{power}"])


def _wald(
    model: Scaling, estimate: Floats, covariance: Floats
) -> tuple[tuple[str, str, int, float, float], ...]:
    """Wald's test of each term: that none of its columns matters."""
    columns = model.coding.columns
    found = []
    for term in dict.fromkeys(one.term for one in columns):
        at = [place for place, one in enumerate(columns) if one.term == term]
        try:
            wald = float(estimate[at] @ np.linalg.solve(covariance[np.ix_(at, at)], estimate[at]))
        except np.linalg.LinAlgError:
            continue
        found.append((term, "χ²", len(at), wald, float(chdtrc(len(at), max(wald, 0.0)))))
    return tuple(found)
