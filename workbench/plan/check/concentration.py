"""Concentration: a number that nobody has less than nothing of."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort

__all__: list[str] = []


@asked.register
def _(node: nodes.Concentration, cohort: Cohort) -> Asked:
    cohort.number(node.variable)
    return Asked(cohort.dimensions(node.by))
