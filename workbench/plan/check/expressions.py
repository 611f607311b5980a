"""The types of expressions: one rule a node, each refusal with its remedy."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import singledispatch

from workbench.plan import nodes
from workbench.plan.errors import Refusal
from workbench.plan.names import listed, nearest
from workbench.plan.nodes import Expression, Frame, Node
from workbench.plan.schema import Schema
from workbench.plan.types import BOOLEANS, EVERYBODY, RESERVED, FrameType, Type
from workbench.plan.words import bin_labels, say

__all__ = ["Scope", "column", "conditions", "joined", "type_of"]


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its frame, the schema, and how to type another frame."""

    frame: FrameType
    schema: Schema
    enter: Callable[[Frame, Schema], FrameType]

    def of(self, frame: Frame) -> "Scope":
        """The scope of an expression inside an aggregate over another frame."""
        return replace(self, frame=self.enter(frame, self.schema))


def column(name: str, frame: FrameType, schema: Schema) -> Type:
    """The type of a variable of a frame; unknown_name or outside_permit when it may not be used."""
    found = frame.columns.get(name)
    closed = name not in frame.derived and f"{frame.dataset}.{name}" in schema.closed
    if found is not None and not closed:
        return found
    near = None if closed else nearest(name, frame.columns)
    if frame.dataset == EVERYBODY and near is None:
        raise Refusal(
            "unknown_name",
            f"The frame of all persons has no variable {name}; it has those that you derive.",
            f'Derive it first: p.persons().with_columns({name} = p["…"].count()), say.',
        )
    if near is not None:
        raise Refusal(
            "unknown_name",
            f"{frame.dataset} has no variable {name} in this permit.",
            f"Did you mean {near}? As in frame.{near}.",
        )
    opened = [one for one in frame.columns if f"{frame.dataset}.{one}" not in schema.closed]
    raise Refusal(
        "outside_permit",
        f"The permit opens no variable {name} in {frame.dataset}.",
        f"It opens {listed(opened)}; ask for an amendment to use others.",
    )


@singledispatch
def type_of(node: Node, scope: Scope) -> Type:  # noqa: ARG001 - each kind of node uses it
    """The type of an expression in a scope; raises Refusal when it has none."""
    raise TypeError(f"{type(node).__name__} is no expression")


@type_of.register
def _(node: nodes.Column, scope: Scope) -> Type:
    return column(node.name, scope.frame, scope.schema)


@type_of.register
def _(node: nodes.Value, _scope: Scope) -> Type:
    return _constant(node.value)


@type_of.register
def _(_node: nodes.DateValue, _scope: Scope) -> Type:
    return Type("date", nullable=False)


@type_of.register
def _(node: nodes.Compare, scope: Scope) -> Type:
    left, right = type_of(node.left, scope), type_of(node.right, scope)
    ordered = node.op not in ("==", "!=")
    if not _comparable(left, right) or (ordered and left.kind == "boolean"):
        raise _mismatch(node, left, right)
    if not ordered:
        for one, other, told in ((node.left, right, left), (node.right, left, right)):
            if isinstance(one, nodes.Value) and told.kind == other.kind:
                _known_code(one.value, other)
    return Type("boolean", left.nullable or right.nullable, BOOLEANS)


@type_of.register
def _(node: nodes.Arithmetic, scope: Scope) -> Type:
    left, right = type_of(node.left, scope), type_of(node.right, scope)
    if not (left.numeric and right.numeric):
        raise _mismatch(node, left, right)
    whole = left.kind == right.kind == "integer" and node.op != "/"
    certain = whole and node.op != "//" and not left.nullable and not right.nullable
    return Type("integer" if whole else "float", not certain)


@type_of.register
def _(node: nodes.Logic, scope: Scope) -> Type:
    return conditions(node.operands, scope, node.op)


@type_of.register
def _(node: nodes.Not, scope: Scope) -> Type:
    return conditions((node.operand,), scope, "not")


@type_of.register
def _(node: nodes.IsIn, scope: Scope) -> Type:
    operand = type_of(node.operand, scope)
    for value in node.values:
        if operand.kind == "float" or _constant(value).kind != operand.kind:
            raise Refusal(
                "type_mismatch",
                f"{say(node.operand)} is a {operand.kind} value; .is_in() takes a list of texts, "
                "whole numbers or yes/no values of its own type.",
                "Write the values as the variable has them, or use >= and <= for numbers.",
            )
        _known_code(value, operand)
    return Type("boolean", operand.nullable, BOOLEANS)


@type_of.register
def _(node: nodes.IsNull, scope: Scope) -> Type:
    type_of(node.operand, scope)
    return Type("boolean", nullable=False, levels=BOOLEANS)


@type_of.register
def _(node: nodes.FillNull, scope: Scope) -> Type:
    operand, value = type_of(node.operand, scope), type_of(node.value, scope)
    both = joined((operand, value), node)
    nullable = operand.nullable and (value.nullable or _strays(operand))
    return replace(both, nullable=nullable, origin=operand.origin)


@type_of.register
def _(node: nodes.When, scope: Scope) -> Type:
    conditions(tuple(one.when for one in node.cases), scope, "when")
    results = [type_of(one.then, scope) for one in node.cases]
    if node.otherwise is not None:
        results.append(type_of(node.otherwise, scope))
    return joined(tuple(results), node).or_null(node.otherwise is None)


@type_of.register
def _(node: nodes.Bins, scope: Scope) -> Type:
    operand = type_of(node.operand, scope)
    if not operand.numeric:
        raise Refusal(
            "type_mismatch",
            f"{say(node.operand)} is no number, so it cannot be cut into bins.",
            "For a date use .dt.year().bins([...]); for codes use .is_in([...]) or wb.when(...).",
        )
    return Type("string", operand.nullable, bin_labels(node.edges))


@type_of.register
def _(node: nodes.AsCode, scope: Scope) -> Type:
    operand = type_of(node.operand, scope)
    if operand.kind not in ("string", "integer", "boolean") or RESERVED & set(node.codes):
        raise Refusal(
            "type_mismatch",
            f"{say(node.operand)} cannot be cast to these codes.",
            "Cast texts, whole numbers or yes/no values, to codes other than “Σ”.",
        )
    return Type("string", nullable=True, levels=node.codes, origin=operand.origin)


@type_of.register
def _(node: nodes.Coalesce, scope: Scope) -> Type:
    found = tuple(type_of(one, scope) for one in node.operands)
    strays = any(one.nullable and _strays(one) for one in found)
    return replace(joined(found, node), nullable=strays or all(one.nullable for one in found))


@type_of.register
def _(node: nodes.Cast, scope: Scope) -> Type:
    operand = type_of(node.operand, scope)
    if operand.kind not in ("integer", "float", "boolean") or (
        node.to == "string" and operand.kind == "float"
    ):
        raise Refusal(
            "type_mismatch",
            f"{say(node.operand)} is {operand.words}; it cannot be cast to {Type(node.to).words}.",
            "Read a text with .str.to_integer() or .str.to_date(), take a date's parts with "
            ".dt.year(), and round a number before it becomes a text.",
        )
    levels = operand.levels if node.to in ("string", operand.kind) else None
    certain = operand.kind != "float" or node.to == "float"
    return Type(node.to, operand.nullable or not certain, levels)


def conditions(parts: tuple[Expression, ...], scope: Scope, word: str) -> Type:
    """The type of what joins conditions; Refusal when a part is none."""
    found = [type_of(one, scope) for one in parts]
    for part, one in zip(parts, found, strict=True):
        if one.kind != "boolean":
            raise Refusal(
                "type_mismatch",
                f"{word} needs conditions; {say(part)} is a {one.kind} value.",
                "Compare it with something, as in frame.age >= 18.",
            )
    return Type("boolean", any(one.nullable for one in found), BOOLEANS)


def joined(parts: tuple[Type, ...], node: Node) -> Type:
    """The type of a value that is any of the parts; Refusal when they do not go together."""
    first = parts[0]
    kinds = {one.kind for one in parts}
    if kinds == {"integer", "float"}:
        return Type("float", any(one.nullable for one in parts))
    if len(kinds) > 1:
        raise Refusal(
            "type_mismatch",
            f"The results of {say(node)} are of different types.",
            "Make all of them numbers, or all of them texts.",
        )
    levels: tuple[str, ...] | None = ()
    for one in parts:
        levels = None if levels is None or one.levels is None else (*levels, *one.levels)
    ordered = BOOLEANS if first.kind == "boolean" else levels and tuple(dict.fromkeys(levels))
    return Type(first.kind, any(one.nullable for one in parts), ordered)


def _constant(value: nodes.Scalar) -> Type:
    if isinstance(value, bool):
        return Type("boolean", nullable=False, levels=BOOLEANS)
    if isinstance(value, int):
        return Type("integer", nullable=False, levels=(str(value),))
    if isinstance(value, float):
        return Type("float", nullable=False)
    return Type("string", nullable=False, levels=None if value in RESERVED else (value,))


def _comparable(left: Type, right: Type) -> bool:
    return left.kind == right.kind or (left.numeric and right.numeric)


def _known_code(value: nodes.Scalar, operand: Type) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if operand.levels is None or text in operand.levels:
        return
    near = nearest(text, operand.levels)
    where = f" of {operand.origin}" if operand.origin else ""
    raise Refusal(
        "unknown_code",
        f"“{text[:64]}” is not in the code list{where}.",
        f"Did you mean “{near}”?" if near else f"The codes are {listed(operand.levels)}.",
    )


def _strays(found: Type) -> bool:
    """Whether it may hold a code outside its list, which counts as missing and stays so."""
    return found.origin is not None and found.kind in ("string", "integer")


def _mismatch(node: nodes.Compare | nodes.Arithmetic, left: Type, right: Type) -> Refusal:
    return Refusal(
        "type_mismatch",
        f"{say(node)} puts a {left.kind} value and a {right.kind} value together with {node.op}.",
        "Use values of one type; for dates use .dt.days_since(...) in place of minus.",
    )
