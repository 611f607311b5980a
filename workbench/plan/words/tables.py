"""Tables of persons in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Crosstab) -> str:
    margins = " with margins" if node.margins else ""
    return f"Count the persons by {listed_by(node.by)}{margins}, among {say(node.cohort)}."


@say.register
def _(node: nodes.Count) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return f"Count the persons{by}, among {say(node.cohort)}."


@say.register
def _(node: nodes.Describe) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"Number, mean and standard deviation of {node.variable}{by}, over the persons with a "
        f"value, among {say(node.cohort)}."
    )
