"""Rates: events per person-time, by groups, ages and calendar periods, and standardised."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Rates", "Standard"]

Standard = Literal["european_2013", "european_1976", "who_world", "segi_world", "nordic_2000"]
Age = Annotated[int, Field(ge=0, le=120)]
Year = Annotated[int, Field(ge=1800, le=2200)]


class Rates(AnalysisNode):
    """Persons with an event (yes/no) per person-time at risk, times `per` person-years.

    The time is `days`, or runs from the date `start` up to the date `end`, when the event was if
    there was one. ages: lower edges of age bands, by the age at the start (`age`) or, with dates,
    by ages as they are passed (`birth`). periods: calendar years at which periods begin, the last
    one where they end. standard: rates are weighted to this population. reference: rates of a
    reference population per person-year in each age band, for a ratio of observed and expected.
    """

    k: Literal["rates"] = "rates"
    event: Name
    days: Name | None = None
    start: Name | None = None
    end: Name | None = None
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    age: Name | None = None
    birth: Name | None = None
    ages: Annotated[tuple[Age, ...], Field(max_length=30)] = ()
    periods: Annotated[tuple[Year, ...], Field(max_length=60)] = ()
    per: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    standard: Standard | None = None
    reference: Annotated[
        tuple[Annotated[float, Field(ge=0, le=100)], ...], Field(max_length=30)
    ] = ()

    @model_validator(mode="after")
    def _fits(self) -> "Rates":
        dated = self.start is not None and self.end is not None
        if (self.days is not None) == dated or (self.start is None) != (self.end is None):
            raise ValueError("days, or start and end")
        if any(b <= a for edges in (self.ages, self.periods) for a, b in pairwise(edges)):
            raise ValueError("edges ascend")
        known = (self.age is not None, dated and self.birth is not None)
        if bool(self.ages) != any(known) or all(known):
            raise ValueError("ages of an age at the start, or of a date of birth with dates")
        if (self.periods and not dated) or len(self.periods) == 1:
            raise ValueError("periods of dates, from one year to another")
        if (self.standard or self.reference) and (not self.ages or self.periods):
            raise ValueError("standardised over ages alone")
        if self.reference and (self.standard or len(self.reference) != len(self.ages)):
            raise ValueError("one rate an age band, or a standard population")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        every = (self.event, self.days, self.start, self.end, *self.by, self.age, self.birth)
        return tuple(dict.fromkeys(name for name in every if name is not None))
