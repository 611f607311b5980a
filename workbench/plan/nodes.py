"""The plan language: closed, frozen, versioned nodes; JSON on the wire.

A frame is rows, an expression is one value a row, an analysis is one table about persons. What a
name means depends on the frame that an expression stands in; the person key has no name. Every
node is told apart by `k`.
"""

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "Analysis",
    "Arithmetic",
    "AsCode",
    "Between",
    "Bins",
    "Case",
    "Column",
    "Compare",
    "Count",
    "CountRows",
    "Crosstab",
    "Dataset",
    "DatePart",
    "DateValue",
    "Derive",
    "Derived",
    "Describe",
    "DpCount",
    "Exists",
    "Expression",
    "FillNull",
    "Filter",
    "Frame",
    "IsIn",
    "IsNull",
    "Logic",
    "Name",
    "Node",
    "Not",
    "Persons",
    "Plan",
    "Reduce",
    "Scalar",
    "Sort",
    "StartsWith",
    "Take",
    "Value",
    "When",
]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Text = Annotated[str, Field(max_length=128)]
Whole = Annotated[int, Field(ge=-(1 << 53), le=1 << 53)]
Scalar = bool | Whole | float | Text
Edge = Whole | float


class Node(BaseModel):
    """A closed, frozen node; unknown fields, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


# ---- expressions: one value a row
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


class DatePart(Node):
    """The year, month (1–12) or day (1–31) of a date."""

    k: Literal["date_part"] = "date_part"
    part: Literal["year", "month", "day"]
    operand: "Expression"


class Between(Node):
    """Days, or completed years, from `start` to `end`; negative when `end` comes first."""

    k: Literal["between"] = "between"
    unit: Literal["days", "years"]
    start: "Expression"
    end: "Expression"


class Exists(Node):
    """Whether the person has a row in the frame; false, never null, without one."""

    k: Literal["exists"] = "exists"
    frame: "Frame"


class CountRows(Node):
    """How many rows the person has in the frame; 0, never null, without one."""

    k: Literal["count_rows"] = "count_rows"
    frame: "Frame"


class Take(Node):
    """The value in the person's first or last row of a sorted frame; null without one.

    Rows whose sort key is null take no part. Among equal keys `first` takes the least value and
    `last` the greatest, a null only when there is nothing else. A person frame needs no sorting.
    """

    k: Literal["take"] = "take"
    which: Literal["first", "last"]
    frame: "Frame"
    value: "Expression"


class Reduce(Node):
    """Sum, mean, least or greatest of the person's values, nulls left out.

    The sum without any value is 0; the others are null.
    """

    k: Literal["reduce"] = "reduce"
    op: Literal["sum", "mean", "min", "max"]
    frame: "Frame"
    value: "Expression"


# ---- frames: rows
class Dataset(Node):
    """All rows of a dataset of the view; FIXED ones have one row a person."""

    k: Literal["dataset"] = "dataset"
    name: Name


class Persons(Node):
    """Every person of the view, each in one row without a variable of its own."""

    k: Literal["persons"] = "persons"


class Filter(Node):
    """The rows for which `where` is true; null is not true."""

    k: Literal["filter"] = "filter"
    frame: "Frame"
    where: "Expression"


class Sort(Node):
    """An order of an event frame, for first and last."""

    k: Literal["sort"] = "sort"
    frame: "Frame"
    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]
    descending: bool = False


class Derived(Node):
    """A new variable; all of one `Derive` see the frame as it was before."""

    name: Name
    value: "Expression"


class Derive(Node):
    """A person frame with derived variables; a name that is taken is refused."""

    k: Literal["derive"] = "derive"
    frame: "Frame"
    columns: Annotated[tuple[Derived, ...], Field(min_length=1, max_length=64)]


Frame = Annotated[Dataset | Persons | Filter | Sort | Derive, Field(discriminator="k")]
Expression = Annotated[
    Column
    | Value
    | DateValue
    | Compare
    | Arithmetic
    | Logic
    | Not
    | IsIn
    | StartsWith
    | IsNull
    | FillNull
    | When
    | Bins
    | AsCode
    | DatePart
    | Between
    | Exists
    | CountRows
    | Take
    | Reduce,
    Field(discriminator="k"),
]


# ---- analyses: one table about the persons of a frame
class Crosstab(Node):
    """Persons by one to three dimensions."""

    k: Literal["crosstab"] = "crosstab"
    cohort: Frame
    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=3)]
    margins: bool = True


class Count(Node):
    """How many persons, in all or by up to two dimensions."""

    k: Literal["count"] = "count"
    cohort: Frame
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()


class Describe(Node):
    """Number, mean and standard deviation of a numeric variable over the persons that have it."""

    k: Literal["describe"] = "describe"
    cohort: Frame
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    margins: bool = False


class DpCount(Node):
    """Persons by up to two dimensions with calibrated noise, at the privacy cost ρ (exact)."""

    k: Literal["dp_count"] = "dp_count"
    cohort: Frame
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    rho: Annotated[str, Field(pattern=r"^[0-9]{1,6}(/[1-9][0-9]{0,8})?$")]

    @field_validator("rho")
    @classmethod
    def _exact(cls, value: str) -> str:
        if not 0 < Fraction(value) <= 100:
            raise ValueError("rho lies above 0 and at most at 100")
        return str(Fraction(value))


Analysis = Annotated[Crosstab | Count | Describe | DpCount, Field(discriminator="k")]


class Plan(Node):
    """What is asked, and in which version of the language."""

    v: Literal[1] = 1
    analysis: Analysis


for _union in (Expression, Frame):
    for _kind in get_args(get_args(_union)[0]):
        _kind.model_rebuild()
Case.model_rebuild()
Derived.model_rebuild()
