"""Survival: how long persons are followed, and what ends it."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from workbench.plan.nodes.base import AnalysisNode, Name, Text

__all__ = [
    "LONGEST",
    "WEEK",
    "CumulativeIncidence",
    "Curve",
    "FollowUp",
    "KaplanMeier",
    "LifeTable",
    "LogRank",
    "NelsonAalen",
    "RestrictedMean",
]

WEEK = 7
LONGEST = 100_000
"""Days that a follow-up may last: 273 years. A longer one counts as missing."""
Day = Annotated[int, Field(ge=1, le=LONGEST)]
Times = Annotated[tuple[Day, ...], Field(min_length=1, max_length=200)]


class FollowUp(AnalysisNode):
    """Persons followed for `time` whole days until `event` (yes/no) or censoring.

    Only persons with a time of 0 to 100,000 days, a known event and known groups take part. With a
    landmark only those who are still followed after that day, counted from it.
    """

    time: Name
    event: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    landmark: Day | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return tuple(dict.fromkeys((*self.by, self.event, self.time)))


class Curve(FollowUp):
    """A curve over public times: days in ascending order, at least a week apart."""

    times: Times

    @field_validator("times")
    @classmethod
    def _weeks_apart(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(late - early < WEEK for early, late in pairwise((0, *value))):
            raise ValueError("times ascend by a week or more")
        return value


class KaplanMeier(Curve):
    """Survival by the product-limit estimator, with log-log limits, medians and log-rank test."""

    k: Literal["kaplan_meier"] = "kaplan_meier"


class NelsonAalen(Curve):
    """Cumulative hazard by the Nelson–Aalen estimator."""

    k: Literal["nelson_aalen"] = "nelson_aalen"


class CumulativeIncidence(Curve):
    """Cumulative incidence of each cause where one excludes the others (Aalen–Johansen).

    event: a variable with public categories; `censored` is the one that says no event ended it.
    """

    k: Literal["cumulative_incidence"] = "cumulative_incidence"
    censored: Text


class LifeTable(Curve):
    """The actuarial life table over the intervals between the times."""

    k: Literal["life_table"] = "life_table"


class RestrictedMean(FollowUp):
    """Mean time without the event during the first `until` days, and differences of groups."""

    k: Literal["restricted_mean"] = "restricted_mean"
    until: Annotated[int, Field(ge=WEEK, le=LONGEST)]

    @property
    def times(self) -> tuple[int, ...]:
        """The one public time."""
        return (self.until,)


class LogRank(FollowUp):
    """A test that groups have the same survival, within strata where there are any."""

    k: Literal["log_rank"] = "log_rank"
    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=2)]
    strata: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    weights: Literal["logrank", "wilcoxon", "tarone_ware"] = "logrank"

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return tuple(dict.fromkeys((*self.strata, *super().reads)))
