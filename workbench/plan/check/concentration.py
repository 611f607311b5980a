"""Concentration: a number that nobody has less than nothing of."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort
from workbench.plan.check.quantiles import sought

__all__: list[str] = []


@asked.register
def _(node: nodes.Concentration, cohort: Cohort) -> Asked:
    cohort.number(node.variable)
    # Twentieths, and sums in a hundred times as many intervals.
    return Asked(sought(cohort.dimensions(node.by), 100))
