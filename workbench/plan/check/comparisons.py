"""Tests whether groups are alike: groups from public lists, numbers to compare."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.errors import Refusal

__all__: list[str] = []


@asked.register
def _(node: nodes.ChiSquared, cohort: Cohort) -> Asked:
    dimensions = cohort.dimensions((node.rows, node.columns))
    for one in dimensions:
        _several(one)
    return Asked(dimensions)


@asked.register(nodes.MeanTest)
@asked.register(nodes.RankTest)
def _(node: nodes.MeanTest | nodes.RankTest, cohort: Cohort) -> Asked:
    dimensions = cohort.dimensions((node.by,))
    _several(dimensions[0])
    cohort.number(node.variable)
    return Asked(dimensions)


def _several(dimension: CheckedDimension) -> None:
    if len(dimension.levels) < 2:
        raise Refusal(
            "one_group",
            f"{dimension.name} has only one category, so there is nothing to compare.",
            f"Name two or more: {dimension.name}_2 = frame.{dimension.name}.bins([40, 60]), say.",
        )
