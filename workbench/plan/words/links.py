"""Links between persons in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Linked) -> str:
    keep = f" with {listed_by(node.keep)}" if node.keep else ""
    return f"the rows{keep} of {inner(node.frame)} as their {node.link}’s"


@say.register
def _(node: nodes.Back) -> str:
    return f"({say(node.frame)}) as their own persons’ again"
