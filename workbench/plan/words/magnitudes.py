"""Sums and ratios in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Totals) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"Sum, mean, standard deviation and coefficient of variation of {node.variable}{by}, over "
        f"the persons with a value, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Ratio) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"The sum of {node.numerator} over the sum of {node.denominator}{by}, over the persons "
        f"with both, among {say(node.cohort)}."
    )
