"""Persons over calendar time, and over their own life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from workbench.sdk.release import Release

__all__ = ["Trends"]


class Trends(Asking):
    """Analyses over time."""

    def trend(
        self,
        date: str,
        first: int,
        last: int,
        *,
        every: Literal["year", "quarter", "month"] = "year",
        of: str | None = None,
        by: str | None = None,
    ) -> Release:
        """Persons by calendar period of a date, with a test for linear trend.

        of: a yes/no variable (its share in each period, Cochran–Armitage test) or a number (its
        mean, least squares over persons); without, the number of persons (least squares).

            cohort.trend("first_mi", 2010, 2020, by="sex")
            cohort.trend("first_mi", 2010, 2020, of="died_within_30_days")
        """
        return self._run(
            nodes.Trend,
            date=date,
            first=first,
            last=last,
            every=every,
            variable=of,
            by=names(by),
        )

    def life_course(
        self,
        birth: str,
        date: str,
        *,
        ages: Sequence[float] = tuple(range(10, 100, 10)),
        by: str | None = None,
    ) -> Release:
        """Persons by their age in completed years at a date, and the share by then.

        cohort.life_course("birth_date", "first_mi", ages=[40, 50, 60, 70, 80], by="sex")
        """
        return self._run(nodes.LifeCourse, birth=birth, date=date, ages=tuple(ages), by=names(by))
