"""Functions of numbers in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, say

__all__: list[str] = []

_FUNCTIONS = {
    "abs": "the absolute value of",
    "exp": "e to the power of",
    "log": "the natural logarithm of",
    "log10": "the logarithm (base 10) of",
    "sqrt": "the square root of",
    "floor": "the whole number at or below",
    "ceil": "the whole number at or above",
}


@say.register
def _(node: nodes.Math) -> str:
    return f"{_FUNCTIONS[node.fn]} {inner(node.operand)}"


@say.register
def _(node: nodes.Round) -> str:
    to = "a whole number" if not node.digits else f"{node.digits} decimals"
    return f"{inner(node.operand)} rounded to {to}"


@say.register
def _(node: nodes.Clip) -> str:
    low = "" if node.low is None else f" at least {node.low:g}"
    high = "" if node.high is None else f" at most {node.high:g}"
    return f"{inner(node.operand)} clipped to{' and'.join(one for one in (low, high) if one)}"


@say.register
def _(node: nodes.Extreme) -> str:
    return f"the {node.op} of {', '.join(say(one) for one in node.operands)}"
