"""From many rows a person to one value a person: the only way."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import OverRows

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression

__all__ = ["CountRows", "Exists", "Nth", "Reduce", "Take"]


class Exists(OverRows):
    """Whether the person has a row in the frame; false, never null, without one."""

    k: Literal["exists"] = "exists"


class CountRows(OverRows):
    """How many rows the person has in the frame; 0, never null, without one."""

    k: Literal["count_rows"] = "count_rows"


class Take(OverRows):
    """The value in the person's first or last row of a sorted frame; null without one.

    Rows whose sort key is null take no part. Among equal keys `first` takes the least value and
    `last` the greatest, a null only when there is nothing else. A person frame needs no sorting.
    """

    k: Literal["take"] = "take"
    which: Literal["first", "last"]
    value: "Expression"


class Nth(OverRows):
    """The value in the person's n-th row of a sorted event frame, 1 the first; null without one.

    Counted from the first or from the last row. The order is that of `Take`: by the keys, then by
    the value itself, nulls last; rows whose sort key is null take no part.
    """

    k: Literal["nth"] = "nth"
    n: Annotated[int, Field(ge=1, le=100)]
    counted_from: Literal["first", "last"] = "first"
    value: "Expression"


class Reduce(OverRows):
    """One value of all the person's values, nulls left out.

    Of no value at all: sum 0, n_unique 0, any false, all true, the others null. median: the mean of
    the two in the middle when they are even; std: of a sample, null for fewer than two values.
    """

    k: Literal["reduce"] = "reduce"
    op: Literal["sum", "mean", "min", "max", "median", "std", "n_unique", "any", "all"]
    value: "Expression"
