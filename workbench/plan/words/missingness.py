"""Missing values in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Missingness) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"How many persons lack a value of {listed_by(node.variables)}{by}, among "
        f"{say(node.cohort)}."
    )
