"""The types of functions of numbers."""

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, joined, type_of
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Expression
from workbench.plan.types import Type
from workbench.plan.words import say

__all__: list[str] = []


@type_of.register
def _(node: nodes.Math, scope: Scope) -> Type:
    operand = _number(node.operand, scope)
    if node.fn in ("floor", "ceil"):
        return Type("integer", operand.nullable or operand.kind == "float")
    if node.fn == "abs":
        return Type(operand.kind, operand.nullable)
    return Type("float")


@type_of.register
def _(node: nodes.Round, scope: Scope) -> Type:
    operand = _number(node.operand, scope)
    return Type(operand.kind, operand.nullable or operand.kind == "float")


@type_of.register
def _(node: nodes.Clip, scope: Scope) -> Type:
    operand = _number(node.operand, scope)
    broken = isinstance(node.low, float) or isinstance(node.high, float)
    return Type("float" if broken else operand.kind, operand.nullable)


@type_of.register
def _(node: nodes.Extreme, scope: Scope) -> Type:
    found = tuple(type_of(one, scope) for one in node.operands)
    if any(not one.numeric and one.kind != "date" for one in found):
        raise Refusal(
            "type_mismatch",
            f"{say(node)} needs numbers, or dates.",
            "Leave out texts and yes/no values, or make numbers of them with wb.when(...).",
        )
    kind = joined(found, node).kind
    return Type(kind, all(one.nullable for one in found))


def _number(node: Expression, scope: Scope) -> Type:
    found = type_of(node, scope)
    if not found.numeric:
        raise Refusal(
            "type_mismatch",
            f"{say(node)} is {found.words}, not a number.",
            'Cast it first, as in frame.value.cast("float"); a yes/no value becomes 1 or 0.',
        )
    return found
