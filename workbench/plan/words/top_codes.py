"""Most frequent categories in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import say

__all__: list[str] = []


@say.register
def _(node: nodes.TopCodes) -> str:
    rolled = f", by their first {node.characters} characters" if node.characters else ""
    return (
        f"The {node.most} categories of {node.variable} with the most persons{rolled}, among "
        f"{say(node.cohort)}."
    )
