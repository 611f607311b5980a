"""The types of what is made of dates."""

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, type_of
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Expression
from workbench.plan.types import Type
from workbench.plan.words import say

__all__ = ["date"]

_MOST = {"year": 0, "quarter": 4, "month": 12, "day": 31, "weekday": 7}


@type_of.register
def _(node: nodes.DatePart, scope: Scope) -> Type:
    operand = date(node.operand, scope)
    levels = tuple(str(value) for value in range(1, _MOST[node.part] + 1)) or None
    return Type("integer", operand.nullable, levels)


@type_of.register
def _(node: nodes.Between, scope: Scope) -> Type:
    start, end = date(node.start, scope), date(node.end, scope)
    return Type("integer", start.nullable or end.nullable)


@type_of.register
def _(node: nodes.Shift, scope: Scope) -> Type:
    date(node.operand, scope)
    by = type_of(node.by, scope)
    if by.kind != "integer":
        raise Refusal(
            "type_mismatch",
            f"{say(node.by)} is {by.words}; a date moves by whole {node.unit}.",
            "Make it whole first, as in .dt.add_days(rx.ddd.floor()).",
        )
    return Type("date")


@type_of.register
def _(node: nodes.StartOf, scope: Scope) -> Type:
    return Type("date", date(node.operand, scope).nullable)


def date(node: Expression, scope: Scope) -> Type:
    """The type of an expression that must be a date; Refusal otherwise."""
    found = type_of(node, scope)
    if found.kind != "date":
        raise Refusal(
            "type_mismatch",
            f"{say(node)} is a {found.kind} value, not a date.",
            "Use a variable of type date; numbers of days can be subtracted as they are.",
        )
    return found
