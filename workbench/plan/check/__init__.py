"""A plan against a schema: every name known and permitted, every type right, or a refusal."""

from math import prod

from workbench.plan.check import (
    aggregates,
    associations,
    codes,
    comparisons,
    concentration,
    cox,
    dates,
    distributions,
    magnitudes,
    missingness,
    numbers,
    private,
    proportions,
    quantiles,
    rates,
    regression,
    survival,
    tables,
    texts,
    top_codes,
    trends,
)
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import CELL_LIMIT, Asked, CheckedDimension, CheckedPlan, Cohort
from workbench.plan.check.frames import frame_type
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Plan
from workbench.plan.schema import Schema

__all__ = [
    "CELL_LIMIT",
    "Asked",
    "CheckedDimension",
    "CheckedPlan",
    "Cohort",
    "aggregates",
    "associations",
    "check",
    "codes",
    "comparisons",
    "concentration",
    "cox",
    "dates",
    "distributions",
    "frame_type",
    "magnitudes",
    "missingness",
    "numbers",
    "private",
    "proportions",
    "quantiles",
    "rates",
    "regression",
    "survival",
    "tables",
    "texts",
    "top_codes",
    "trends",
]


def check(plan: Plan, schema: Schema) -> CheckedPlan:
    """Check a plan; raises Refusal with the nearest known name, the rule, and a way out."""
    analysis = plan.analysis
    frame = frame_type(analysis.cohort, schema)
    if frame.kind != "person":
        raise Refusal(
            "wrong_frame",
            f"{frame.dataset} has many rows a person; an analysis needs one row a person.",
            "Start from a person frame and derive variables, as in "
            f"person.with_columns(n = {frame.dataset}.count()).",
        )
    cohort = Cohort(frame, schema)
    found = asked(analysis, cohort)
    return CheckedPlan(
        plan=plan,
        dimensions=found.dimensions,
        cells=prod(len(one.codes) for one in found.dimensions),
        variables={name: cohort.column(name) for name in analysis.reads},
        described=cohort.described(analysis.reads),
        model=found.model,
    )
