"""The types of what is made of many rows a person."""

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, type_of
from workbench.plan.errors import Refusal
from workbench.plan.types import BOOLEANS, Type
from workbench.plan.words import say

__all__: list[str] = []

_NEEDS = {
    "sum": ("integer", "float"),
    "mean": ("integer", "float"),
    "median": ("integer", "float"),
    "std": ("integer", "float"),
    "min": ("integer", "float", "date"),
    "max": ("integer", "float", "date"),
    "any": ("boolean",),
    "all": ("boolean",),
    "n_unique": ("string", "integer", "float", "date", "boolean"),
}


@type_of.register
def _(node: nodes.Exists, scope: Scope) -> Type:
    scope.of(node.frame)
    return Type("boolean", nullable=False, levels=BOOLEANS)


@type_of.register
def _(node: nodes.CountRows, scope: Scope) -> Type:
    scope.of(node.frame)
    return Type("integer", nullable=False)


@type_of.register
def _(node: nodes.Take, scope: Scope) -> Type:
    inner = scope.of(node.frame)
    if inner.frame.kind == "event":
        _ordered(inner, node.which)
    return type_of(node.value, inner).or_null()


@type_of.register
def _(node: nodes.Nth, scope: Scope) -> Type:
    inner = scope.of(node.frame)
    if inner.frame.kind != "event":
        raise Refusal(
            "wrong_frame",
            f"{inner.frame.dataset} has one row a person, so there is no n-th one.",
            'Name the variable itself, as in frame.age, or use frame.first("age").',
        )
    _ordered(inner, "n-th")
    return type_of(node.value, inner).or_null()


@type_of.register
def _(node: nodes.Reduce, scope: Scope) -> Type:
    value = type_of(node.value, scope.of(node.frame))
    if value.kind not in _NEEDS[node.op]:
        wanted = "a condition" if node.op in ("any", "all") else "a number"
        raise Refusal(
            "type_mismatch",
            f"{say(node.value)} is a {value.kind} value; .{node.op}() needs {wanted}.",
            "Use .count() or .exists() over a filter instead.",
        )
    if node.op in ("any", "all"):
        return Type("boolean", nullable=False, levels=BOOLEANS)
    if node.op == "n_unique":
        return Type("integer", nullable=False)
    if node.op in ("min", "max"):
        return value.or_null()
    if node.op == "sum":
        return Type(value.kind, nullable=value.kind == "float")
    return Type("float")


def _ordered(scope: Scope, which: str) -> None:
    if not scope.frame.sorted:
        raise Refusal(
            "wrong_frame",
            f"{scope.frame.dataset} is not sorted, so it has no {which} row.",
            'Sort it first: frame.sort("…").first("…").',
        )
