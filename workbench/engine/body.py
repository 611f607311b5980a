"""The body of a release: what the researcher sees, as JSON that the SDK lays out."""

from typing import Any

from disclosure.certificate import cells_json, findings_json
from disclosure.findings import Decision
from disclosure.ontology import described
from disclosure.privacy import Private
from disclosure.results import blocks_json
from workbench.engine.analyses import computation_of
from workbench.engine.released import Released, shown_codes
from workbench.plan import CheckedPlan, explain

__all__ = ["body_of"]


def body_of(
    checked: CheckedPlan, decision: Decision, noise: Private | None = None
) -> dict[str, Any]:
    """What is released; nothing in it but what the decision shows.

    {"v", "kind", "explained", "ontology", "dimensions", "variables", "findings", "noise"} and, of a
    table, {"statistics", "variable", "cells"} and maybe {"blocks"} that follow from it, of any
    other result {"blocks"}; of one with noise {"variable"} too.
    """
    analysis = checked.plan.analysis
    codes = shown_codes(checked, decision.cells)
    body: dict[str, Any] = {
        "v": 1,
        "kind": analysis.k,
        "explained": explain(checked.plan),
        "ontology": described(analysis.k, tuple(one.rule for one in decision.findings)),
        "dimensions": [
            {
                "name": one.name,
                "label": dict(one.label),
                "codes": codes[one.name],
                "labels": {code: dict(text) for code, text in one.labels.items()},
            }
            for one in checked.dimensions
        ],
        "variables": {
            name: {"label": dict(label), "unit": unit}
            for name, (label, unit) in checked.described.items()
        },
        "findings": findings_json(decision.findings),
        "noise": None if noise is None else noise.told(),
    }
    if decision.blocks:
        about = {} if noise is None else {"variable": getattr(analysis, "variable", None)}
        return body | about | {"blocks": blocks_json(decision.blocks)}
    body |= {
        "statistics": list(decision.cells[0].values),
        "variable": getattr(analysis, "variable", None),
        "cells": cells_json(decision.cells),
    }
    within = None if noise is None else noise.accuracy
    told = computation_of(checked).follows(Released(checked, decision.cells, within))
    return body | {"blocks": blocks_json(told)} if told else body
