"""Expressions: one value a row. What a name means depends on the frame that they stand in."""

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.base import Edge, Name, Node, Scalar, Text

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression

__all__ = [
    "Arithmetic",
    "AsCode",
    "Bins",
    "Case",
    "Cast",
    "Coalesce",
    "Column",
    "Compare",
    "DateValue",
    "FillNull",
    "IsIn",
    "IsNull",
    "Logic",
    "Not",
    "StartsWith",
    "Value",
    "When",
]


class Column(Node):
    """A variable of the frame that the expression stands in."""

    k: Literal["column"] = "column"
    name: Name


class Value(Node):
    """A constant."""

    k: Literal["value"] = "value"
    value: Scalar


class DateValue(Node):
    """A constant date."""

    k: Literal["date"] = "date"
    value: date


class Compare(Node):
    """left op right; null when either is null."""

    k: Literal["compare"] = "compare"
    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: "Expression"
    right: "Expression"


class Arithmetic(Node):
    """left op right on numbers; null when either is null or the result is not a finite number."""

    k: Literal["arithmetic"] = "arithmetic"
    op: Literal["+", "-", "*", "/", "//"]
    left: "Expression"
    right: "Expression"


class Logic(Node):
    """Three-valued (Kleene) and / or."""

    k: Literal["logic"] = "logic"
    op: Literal["and", "or"]
    operands: Annotated[tuple["Expression", ...], Field(min_length=2, max_length=64)]


class Not(Node):
    """Three-valued negation: null stays null."""

    k: Literal["not"] = "not"
    operand: "Expression"


class IsIn(Node):
    """Whether the operand is one of the listed values; null when it is null."""

    k: Literal["is_in"] = "is_in"
    operand: "Expression"
    values: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=2000)]


class StartsWith(Node):
    """Whether the text begins with one of the prefixes; null when it is null."""

    k: Literal["starts_with"] = "starts_with"
    operand: "Expression"
    prefixes: Annotated[tuple[Text, ...], Field(min_length=1, max_length=200)]


class IsNull(Node):
    """Whether the operand is null; itself never null."""

    k: Literal["is_null"] = "is_null"
    operand: "Expression"


class FillNull(Node):
    """The operand, or `value` where it is null."""

    k: Literal["fill_null"] = "fill_null"
    operand: "Expression"
    value: "Expression"


class Case(Node):
    """One arm of a `When`."""

    when: "Expression"
    then: "Expression"


class When(Node):
    """The first arm whose condition is true (null is not true), else `otherwise`, else null."""

    k: Literal["when"] = "when"
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=64)]
    otherwise: "Expression | None" = None


class Bins(Node):
    """Which interval between public edges a number lies in: closed to the left, open to the right.

    n edges make n + 1 categories, the first and the last without end.
    """

    k: Literal["bins"] = "bins"
    operand: "Expression"
    edges: Annotated[tuple[Edge, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _ascending(self) -> "Bins":
        if any(b <= a for a, b in pairwise(self.edges)):
            raise ValueError("edges ascend")
        return self


class AsCode(Node):
    """The operand as a category out of a public list; null where it is none of them."""

    k: Literal["as_code"] = "as_code"
    operand: "Expression"
    codes: Annotated[tuple[Text, ...], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _distinct(self) -> "AsCode":
        if len(set(self.codes)) != len(self.codes) or "" in self.codes:
            raise ValueError("codes are distinct and not empty")
        return self


class Coalesce(Node):
    """The first operand that is not null; null when all are."""

    k: Literal["coalesce"] = "coalesce"
    operands: Annotated[tuple["Expression", ...], Field(min_length=2, max_length=16)]


class Cast(Node):
    """A number or yes/no value as another type; yes is 1. float to integer cuts towards zero."""

    k: Literal["cast"] = "cast"
    to: Literal["integer", "float", "string"]
    operand: "Expression"
