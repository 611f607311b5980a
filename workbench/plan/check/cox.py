"""Cox regression: days, an event, a design without an intercept, strata with public lists."""

from dataclasses import dataclass, replace
from math import prod

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.check.design import CheckedDesign, checked_design
from workbench.plan.check.regression import remembered
from workbench.plan.errors import Refusal

__all__ = ["STRATA_LIMIT", "CheckedCox"]

STRATA_LIMIT = 100
"""Strata: each has risk sets of its own on every day of an event."""


@dataclass(frozen=True)
class CheckedCox:
    """A model that may be fitted. strata: their categories; clusters: of the persons alike."""

    design: CheckedDesign
    strata: tuple[CheckedDimension, ...]
    clusters: CheckedDimension | None


@asked.register
def _(node: nodes.Cox, cohort: Cohort) -> Asked:
    if not node.design.terms or not node.design.intercept:
        raise Refusal(
            "empty_model",
            "A Cox model has terms and no intercept: its baseline takes that place.",
            'Name what moves the hazard: frame.cox("days", "died", "age + sex").',
        )
    outcome = {node.time, node.event, node.entry}
    if outcome & {*node.design.reads, *node.strata} or set(node.strata) & set(node.design.reads):
        raise Refusal(
            "outcome_in_model",
            "A variable is the outcome or a stratum, and stands in the formula too.",
            "Name each variable once: as time, event, entry, stratum or term.",
        )
    for name in (node.time, node.entry):
        if name is not None:
            remedy = "Count whole days: frame.last.dt.days_since(frame.first)."
            cohort.of_kind(name, "integer", remedy=remedy)
    cohort.of_kind(
        node.event,
        "boolean",
        remedy=f"Say which value is the event: "
        f'frame.with_columns(happened=frame.{node.event} == "…"), then event="happened".',
    )
    design = checked_design(node.design, cohort)
    strata = tuple(replace(one, missing=False) for one in cohort.dimensions(node.strata))
    if prod(len(one.levels) for one in strata) > STRATA_LIMIT:
        raise Refusal(
            "too_many_cells",
            f"The strata make more than {STRATA_LIMIT} baselines.",
            "Use fewer or coarser strata, or take one of them into the formula.",
        )
    clusters = None if node.cluster is None else cohort.dimension(node.cluster)
    axes = [cohort.dimension(node.event), *strata, *design.categories.values()]
    return Asked(remembered(axes), CheckedCox(design, strata, clusters))
