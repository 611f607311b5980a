"""Shares: yes/no variables, and cross tables in per cent."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort

__all__: list[str] = []


@asked.register
def _(node: nodes.Proportion, cohort: Cohort) -> Asked:
    cohort.of_kind(
        node.variable,
        "boolean",
        remedy=f"Make it one: with_columns(yes=frame.{node.variable} == …), then "
        '.proportion("yes").',
    )
    return Asked(cohort.dimensions((*node.by, node.variable)))


@asked.register
def _(node: nodes.Shares, cohort: Cohort) -> Asked:
    return Asked(cohort.dimensions((node.row, node.column)))
