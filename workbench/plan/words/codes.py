"""Roll-ups of codes in words."""

from workbench.plan import nodes
from workbench.plan.codelists import SCHEMES
from workbench.plan.words.speech import inner, say

__all__: list[str] = []


@say.register
def _(node: nodes.RollUp) -> str:
    return f"{SCHEMES[node.to].what} of {inner(node.operand)}"
