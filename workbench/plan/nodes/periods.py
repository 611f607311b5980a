"""Periods: event frames of intervals from `start` up to but not on `end`, with their `days`.

They come from episodes of events or from the follow-up of persons, and are split at ages, at
calendar years, at the time since a date, and where an exposure begins and ends.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.base import Name, Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression, Frame

__all__ = ["Episodes", "Exposed", "Spans", "Split"]


class Episodes(Node):
    """The person's rows merged: those that overlap, touch or lie at most `gap` days apart.

    start, end: dates of the rows; without an `end` each row is a moment. Rows that lack one, or end
    before they start, take no part. Gives start and end of each episode, its days (end less start),
    how many rows it is made of, and the days that at least one of them covers.
    """

    k: Literal["episodes"] = "episodes"
    frame: "Frame"
    start: Name
    end: Name | None = None
    gap: Annotated[int, Field(ge=0, le=36_500)] = 0


class Spans(Node):
    """One period a person, from one date of a person frame to another, with some variables.

    Persons who lack a date, or whose end is not after their start, have none.
    """

    k: Literal["spans"] = "spans"
    frame: "Frame"
    start: Name
    end: Name
    keep: Annotated[tuple[Name, ...], Field(max_length=32)] = ()


class Split(Node):
    """Periods cut where a time scale passes public edges; `name` says between which a piece is.

    The scale is the days, completed months or completed years since `origin`, a date of the person,
    or without one the calendar year. `name` is null, and the period whole, where `origin` is null.
    """

    k: Literal["split"] = "split"
    frame: "Frame"
    name: Name
    edges: Annotated[
        tuple[Annotated[int, Field(ge=-60_000, le=60_000)], ...], Field(min_length=1, max_length=60)
    ]
    unit: Literal["days", "months", "years"] = "years"
    origin: "Expression | None" = None

    @model_validator(mode="after")
    def _ascending(self) -> "Split":
        if any(b <= a for a, b in pairwise(self.edges)):
            raise ValueError("edges ascend")
        far = {"days": 60_000, "months": 2_400, "years": 200}[self.unit]
        if self.origin is None:
            if self.unit != "years" or self.edges[0] < 1 or self.edges[-1] > 9999:
                raise ValueError("the edges of the calendar are years from 1 to 9999")
        elif max(abs(edge) for edge in self.edges) > far:
            raise ValueError("the edges lie within 200 years")
        return self


class Exposed(Node):
    """Periods cut where those of `by` begin and end; `name` says whether a piece lies in one.

    Periods of `by` that overlap or touch count as one; those without a day take no part.
    """

    k: Literal["exposed"] = "exposed"
    frame: "Frame"
    name: Name
    by: "Frame"
