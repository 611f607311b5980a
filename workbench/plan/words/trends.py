"""Trends in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import edge_text, listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Trend) -> str:
    by = f" and by {listed_by(node.by)}" if node.by else ""
    what = "The number of persons" if node.variable is None else f"Mean or share of {node.variable}"
    return (
        f"{what} by {node.every} of {node.date} from {node.first} to {node.last}{by}, with a test "
        f"for linear trend, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.LifeCourse) -> str:
    by = f" and by {listed_by(node.by)}" if node.by else ""
    ages = ", ".join(edge_text(one) for one in node.ages)
    return (
        f"Count the persons by age at {node.date} in intervals at {ages}{by}, among "
        f"{say(node.cohort)}."
    )
