"""Texts and codes in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, say, some

__all__: list[str] = []


@say.register
def _(node: nodes.Contains) -> str:
    return f"{inner(node.operand)} holds {some(node.pieces)}"


@say.register
def _(node: nodes.EndsWith) -> str:
    return f"{inner(node.operand)} ends with {some(node.suffixes)}"


@say.register
def _(node: nodes.TextLength) -> str:
    return f"the length of {inner(node.operand)}"


@say.register
def _(node: nodes.Slice) -> str:
    return f"characters {node.start + 1} to {node.start + node.length} of {inner(node.operand)}"


@say.register
def _(node: nodes.ReadText) -> str:
    kind = {"integer": "whole number", "float": "number", "date": "date"}[node.to]
    return f"{inner(node.operand)} read as a {kind}"
