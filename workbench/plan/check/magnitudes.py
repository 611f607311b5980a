"""Sums and ratios: numbers."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort
from workbench.plan.errors import Refusal

__all__: list[str] = []


@asked.register
def _(node: nodes.Totals, cohort: Cohort) -> Asked:
    dimensions = cohort.dimensions(node.by)
    cohort.number(node.variable)
    return Asked(dimensions)


@asked.register
def _(node: nodes.Ratio, cohort: Cohort) -> Asked:
    dimensions = cohort.dimensions(node.by)
    cohort.number(node.numerator)
    cohort.number(node.denominator)
    if node.numerator == node.denominator:
        raise Refusal(
            "same_variable_twice",
            "A number over itself is one.",
            f'Name two variables, as in .ratio("{node.numerator}", "…").',
        )
    return Asked(dimensions)
