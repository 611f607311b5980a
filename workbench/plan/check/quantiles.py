"""Quantiles: a number, and probabilities out of a public list."""

from math import prod

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.errors import Refusal

__all__ = ["PROBABILITIES", "sought"]

MOST = 2000
"""Quantiles that are sought at once, over all groups."""

PROBABILITIES = (0.01, *(at / 100 for at in range(5, 100, 5)), 0.99)
"""What may be asked for. Closer ones, taken together, would count the persons between them."""


@asked.register(nodes.Quantiles)
@asked.register(nodes.Boxplot)
@asked.register(nodes.Summary)
def _(node: nodes.Quantiles | nodes.Boxplot | nodes.Summary, cohort: Cohort) -> Asked:
    cohort.number(node.variable)
    for one in node.at:
        if one not in PROBABILITIES:
            near = min(PROBABILITIES, key=lambda known: abs(known - one))
            raise Refusal(
                "unknown_quantile",
                f"{one:g} is none of the quantiles that may be released: every twentieth, and the "
                "first and last hundredth.",
                f"The nearest is {near:g}, as in at=[{near:g}].",
            )
    if len(set(node.at)) != len(node.at):
        raise Refusal(
            "unknown_quantile", "A quantile is named twice.", "Name each once, as in at=[0.5]."
        )
    return Asked(sought(cohort.dimensions(node.by), len(node.at)))


def sought(axes: tuple[CheckedDimension, ...], quantiles: int) -> tuple[CheckedDimension, ...]:
    """The same axes; Refusal when too many quantiles would be sought."""
    groups = prod(len(one.codes) for one in axes)
    if groups * quantiles > MOST:
        raise Refusal(
            "too_many_cells",
            f"{groups} groups have {groups * quantiles} quantiles; the most is {MOST}.",
            "Use fewer or coarser groups, or .median(...).",
        )
    return axes
