"""The body of a release: what the researcher sees, as JSON that the SDK lays out."""

from typing import Any

from disclosure.certificate import cells_json, findings_json
from disclosure.findings import Decision
from disclosure.privacy.mechanisms import NoisyCounts
from disclosure.results import blocks_json
from workbench.plan import CheckedPlan, explain
from workbench.plan.nodes import Describe

__all__ = ["body_of"]


def body_of(
    checked: CheckedPlan, decision: Decision, noise: NoisyCounts | None = None
) -> dict[str, Any]:
    """What is released; nothing in it but what the decision shows.

    {"v", "kind", "explained", "dimensions", "variables", "findings", "noise"} and, of a table,
    {"statistics", "variable", "cells"}, of any other result {"blocks"}.
    """
    analysis = checked.plan.analysis
    body: dict[str, Any] = {
        "v": 1,
        "kind": analysis.k,
        "explained": explain(checked.plan),
        "dimensions": [
            {
                "name": one.name,
                "label": dict(one.label),
                "codes": list(one.codes),
                "labels": {code: dict(text) for code, text in one.labels.items()},
            }
            for one in checked.dimensions
        ],
        "variables": {
            name: {"label": dict(label), "unit": unit}
            for name, (label, unit) in checked.described.items()
        },
        "findings": findings_json(decision.findings),
        "noise": None
        if noise is None
        else {
            "rho": str(noise.rho),
            "scale": noise.scale,
            "accuracy_95": noise.accuracy_95,
        },
    }
    if decision.blocks:
        return body | {"blocks": blocks_json(decision.blocks)}
    described = isinstance(analysis, Describe)
    return body | {
        "statistics": ["n", "mean", "sd"] if described else ["n"],
        "variable": analysis.variable if isinstance(analysis, Describe) else None,
        "cells": cells_json(decision.cells),
    }
