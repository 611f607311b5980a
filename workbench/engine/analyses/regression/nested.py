"""Two models of which one has fewer terms: the larger one is fitted first, then the smaller one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from disclosure.results.regression import Fit, NestedEvidence, RegressionEvidence
from workbench.engine.analyses.computation import Computation, Parts, State, computes
from workbench.engine.analyses.regression.computation import Regressed
from workbench.engine.analyses.rows import Rows
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan, Plan
from workbench.plan.check.regression import CheckedPair
from workbench.plan.nodes import NestedModels

__all__ = ["Nested"]


@computes(NestedModels)
class Nested(Computation):
    """The test of the terms that the smaller model leaves out."""

    rounds = True
    joined = True

    def __init__(self, checked: CheckedPlan) -> None:
        super().__init__(checked)
        node, model = checked.plan.analysis, checked.model
        if not isinstance(node, NestedModels) or not isinstance(model, CheckedPair):
            raise TypeError("no pair of models")
        self.models = tuple(
            Regressed(replace(checked, plan=Plan(analysis=one), model=part))
            for one, part in (
                (node.larger_model, model.larger),
                (node.smaller_model, model.smaller),
            )
        )

    def measured(self) -> Mapping[str, pl.Expr]:
        """What the larger model reads: both are of the same persons."""
        return self.models[0].measured()

    def start(self) -> State:
        """The larger model first."""
        return {"at": 0, "inner": self.models[0].start(), "first": None}

    def held(self, frames: Sequence[pl.DataFrame]) -> list[Any]:
        """What both models read."""
        return self.models[0].held(frames)

    def partial(self, rows: Rows, state: State) -> Parts:
        """That of the model in hand."""
        return self.models[state["at"]].partial(rows, state["inner"])

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """Alike for both."""
        return self.models[0].merge(parts)

    def advance(self, merged: Parts, state: State) -> State | None:
        """On with the model in hand, then to the smaller one, then to the end."""
        inner = self.models[state["at"]].advance(merged, state["inner"])
        if inner is not None:
            return {**state, "inner": inner}
        if state["at"] or state["inner"]["phase"] != "judge":
            return None
        kept = {name: values.tolist() for name, values in merged.items()}
        first = {"inner": state["inner"], "merged": kept}
        return {"at": 1, "inner": self.models[1].start(), "first": first}

    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> NestedEvidence:
        """The evidence of the larger model, and the smaller one beside it."""
        larger, smaller = self.models
        if state["first"] is None:
            found = larger.evidence(placed, merged, state["inner"], view_population)
            return _together(found, None, None)
        kept = {name: np.array(values) for name, values in state["first"]["merged"].items()}
        found = larger.evidence(placed, kept, state["first"]["inner"], view_population)
        second = smaller.evidence(placed, merged, state["inner"], view_population)
        return _together(found, second, (found.fit, second.fit))


def _together(
    found: RegressionEvidence,
    second: RegressionEvidence | None,
    fits: tuple[Fit | None, Fit | None] | None,
) -> NestedEvidence:
    fields: dict[str, Any] = {
        name: getattr(found, name) for name in RegressionEvidence.__dataclass_fields__
    }
    if second is not None and second.trouble is not None:
        fields |= {"trouble": second.trouble, "fit": None}
    if fits is None or fits[0] is None or fits[1] is None:
        return NestedEvidence(**fields, smaller=None, test=None)
    return NestedEvidence(**fields, smaller=fits[1], test=_test(found.model, fits[0], fits[1]))


def _test(model: str, larger: Fit, smaller: Fit) -> tuple[str, int, float, float]:
    """Kind, degrees of freedom, statistic and p."""
    more = larger.parameters - smaller.parameters
    if model == "linear":
        squares = [(one.summary["sigma"] or 0.0) ** 2 * one.freedom for one in (larger, smaller)]
        f = (squares[1] - squares[0]) / more / (squares[0] / larger.freedom)
        return "F", more, f, float(stats.f.sf(f, more, larger.freedom))
    logliks = [one.summary["loglik"] or 0.0 for one in (larger, smaller)]
    ratio = 2.0 * (logliks[0] - logliks[1])
    return "χ²", more, ratio, float(stats.chi2.sf(ratio, more))
