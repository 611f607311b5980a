"""The types of what is asked of texts and codes."""

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, type_of
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Expression
from workbench.plan.types import BOOLEANS, Type
from workbench.plan.words import say

__all__ = ["text"]


@type_of.register(nodes.StartsWith)
@type_of.register(nodes.EndsWith)
@type_of.register(nodes.Contains)
def _(node: nodes.StartsWith | nodes.EndsWith | nodes.Contains, scope: Scope) -> Type:
    return Type("boolean", text(node.operand, scope).nullable, BOOLEANS)


@type_of.register
def _(node: nodes.TextLength, scope: Scope) -> Type:
    return Type("integer", text(node.operand, scope).nullable)


@type_of.register
def _(node: nodes.Slice, scope: Scope) -> Type:
    return Type("string", text(node.operand, scope).nullable)


@type_of.register
def _(node: nodes.ReadText, scope: Scope) -> Type:
    text(node.operand, scope)
    return Type(node.to)


def text(node: Expression, scope: Scope) -> Type:
    """The type of an expression that must be a text; Refusal otherwise."""
    found = type_of(node, scope)
    if found.kind != "string":
        raise Refusal(
            "type_mismatch",
            f"{say(node)} is {found.words}; only texts begin, end and hold letters.",
            'Compare it with ==, use .is_in([...]), or make a text of it: .cast("string").',
        )
    return found
