"""Dates in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, say

__all__: list[str] = []


@say.register
def _(node: nodes.DatePart) -> str:
    return f"the {node.part} of {inner(node.operand)}"


@say.register
def _(node: nodes.Between) -> str:
    return f"{node.unit} from {inner(node.start)} to {inner(node.end)}"


@say.register
def _(node: nodes.Shift) -> str:
    by = node.by
    if isinstance(by, nodes.Value) and isinstance(by.value, int):
        unit = node.unit.removesuffix("s") if abs(by.value) == 1 else node.unit
        return f"{abs(by.value)} {unit} {'before' if by.value < 0 else 'after'} {say(node.operand)}"
    return f"{inner(node.operand)} plus {inner(by)} {node.unit}"


@say.register
def _(node: nodes.StartOf) -> str:
    return f"the first day of the {node.unit} of {inner(node.operand)}"
