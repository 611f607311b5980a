"""Tables of persons: counts and described numbers."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort

__all__: list[str] = []


@asked.register(nodes.Crosstab)
@asked.register(nodes.Count)
def _(node: nodes.Crosstab | nodes.Count, cohort: Cohort) -> Asked:
    return Asked(cohort.dimensions(node.by))


@asked.register
def _(node: nodes.Describe, cohort: Cohort) -> Asked:
    dimensions = cohort.dimensions(node.by)
    cohort.number(node.variable)
    return Asked(dimensions)
