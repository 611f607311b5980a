"""Persons over calendar time, and over their own life."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.analyses.distributions import Edges
from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["LifeCourse", "Trend"]

Year = Annotated[int, Field(ge=1800, le=2200)]


class Trend(AnalysisNode):
    """Persons by the calendar period of a date, from the first year to the last.

    variable: a yes/no variable (its share in each period) or a number (its mean) instead of the
    number of persons.
    """

    k: Literal["trend"] = "trend"
    date: Name
    first: Year
    last: Year
    every: Literal["year", "quarter", "month"] = "year"
    variable: Name | None = None
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "Trend":
        if self.last < self.first:
            raise ValueError("the first year comes first")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.date, *(() if self.variable is None else (self.variable,)))


class LifeCourse(AnalysisNode):
    """Persons by their age in completed years at a date, in intervals at `ages`."""

    k: Literal["life_course"] = "life_course"
    birth: Name
    date: Name
    ages: Edges = tuple(range(10, 100, 10))
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.birth, self.date)
