"""The body of a release: what the researcher sees, as JSON that the SDK lays out."""

from typing import Any

from disclosure.certificate import cells_json, findings_json
from disclosure.findings import Decision
from disclosure.privacy.mechanisms import NoisyCounts
from workbench.plan import CheckedPlan, explain
from workbench.plan.nodes import Describe

__all__ = ["body_of"]


def body_of(
    checked: CheckedPlan, decision: Decision, noise: NoisyCounts | None = None
) -> dict[str, Any]:
    """{"v", "kind", "explained", "dimensions", "statistics", "variable", "cells", "findings",
    "noise"}; nothing in it but what the decision shows."""
    analysis = checked.plan.analysis
    described = isinstance(analysis, Describe)
    return {
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
        "statistics": ["n", "mean", "sd"] if described else ["n"],
        "variable": analysis.variable if isinstance(analysis, Describe) else None,
        "cells": cells_json(decision.cells),
        "findings": findings_json(decision.findings),
        "noise": None
        if noise is None
        else {
            "rho": str(noise.rho),
            "scale": noise.scale,
            "accuracy_95": noise.accuracy_95,
        },
    }
