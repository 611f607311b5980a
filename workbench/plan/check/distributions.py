"""Distributions: numbers between public edges."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort
from workbench.plan.check.intervals import intervals, known_bounds

__all__: list[str] = []


@asked.register
def _(node: nodes.Histogram, cohort: Cohort) -> Asked:
    by = cohort.dimensions(node.by)
    return Asked(
        cohort.table(*by, intervals(cohort, node.variable, node.edges, node.bins, "tails"))
    )


@asked.register
def _(node: nodes.Density, cohort: Cohort) -> Asked:
    by = cohort.dimensions(node.by)
    axes = cohort.table(*by, intervals(cohort, node.variable, node.edges, node.bins, "all"))
    return Asked(axes, known_bounds(cohort, node.variable))


@asked.register
def _(node: nodes.Heatmap, cohort: Cohort) -> Asked:
    return Asked(
        cohort.table(
            intervals(cohort, node.y, node.y_edges, node.bins, "tails"),
            intervals(cohort, node.x, node.x_edges, node.bins, "tails"),
        )
    )
