"""Rates: events per person-time, by groups, ages and periods, and standardised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.plan.nodes.analyses.rates import Standard
    from workbench.sdk.release import Release

__all__ = ["Rates"]


class Rates(Asking):
    """Analyses of events per person-time at risk; time in whole days, or between two dates."""

    def incidence_rate(
        self,
        event: str,
        days: str | None = None,
        by: str | list[str] | None = None,
        *,
        start: str | None = None,
        end: str | None = None,
        per: int = 1000,
    ) -> Release:
        """Events per person-years with exact limits; ratios and differences to the first group.

        event: a yes/no variable; days: time at risk in whole days, or give the dates start and end.

        Blocks: `rates`, `ratios`.

            cohort.incidence_rate("died", "followup_days", by="sex", per=1000)
        """
        return self._rates(event, days=days, start=start, end=end, by=by, per=per)

    def person_time(
        self,
        event: str,
        start: str,
        end: str,
        by: str | list[str] | None = None,
        *,
        birth: str | None = None,
        ages: Sequence[int] = (),
        periods: Sequence[int] = (),
        per: int = 1000,
    ) -> Release:
        """Person-time split by age as it is passed and by calendar period (Lexis), and its rates.

        birth, ages: the date of birth and the lower edges of age bands; periods: the years in which
        periods begin, the last one where they end. The event was on the date `end`, and belongs to
        the band of the day before. With groups the Mantel–Haenszel ratio over all bands.

            cohort.person_time("died", "included", "left", by="sex", birth="birth",
                               ages=[40, 60, 80], periods=[2000, 2010, 2020])
        """
        return self._rates(
            event, start=start, end=end, by=by, birth=birth, ages=ages, periods=periods, per=per
        )

    def standardised_rate(  # noqa: PLR0913 - a study's own words, all but three of them named
        self,
        event: str,
        days: str | None = None,
        by: str | list[str] | None = None,
        *,
        ages: Sequence[int],
        age: str | None = None,
        birth: str | None = None,
        start: str | None = None,
        end: str | None = None,
        standard: Standard = "european_2013",
        per: int = 100_000,
    ) -> Release:
        """Rates weighted to a standard population (direct standardisation), and their ratios.

        ages: lower edges of age bands, multiples of five; of `age` at the start with `days`, or
        with dates of `birth`, `start` and `end` of the age as it is passed.
        standard: "european_2013", "european_1976", "who_world", "segi_world" or "nordic_2000".
        Bands with few events in some group are joined with the next, in all groups alike.

        Blocks: `rates`, `standardised`.

            cohort.standardised_rate("died", "days", by="region", age="age", ages=[0, 40, 60, 80])
        """
        return self._rates(
            event, days=days, start=start, end=end, by=by, age=age, birth=birth, ages=ages,
            standard=standard, per=per,
        )  # fmt: skip

    def standardised_ratio(  # noqa: PLR0913 - as above
        self,
        event: str,
        days: str | None = None,
        by: str | list[str] | None = None,
        *,
        ages: Sequence[int],
        reference: Sequence[float],
        age: str | None = None,
        birth: str | None = None,
        start: str | None = None,
        end: str | None = None,
    ) -> Release:
        """Observed events by those expected at reference rates (SIR, SMR; indirect), exact limits.

        reference: the rate of each age band per person-year, in the order of `ages`.

        Blocks: `rates` (all ages), `expected`.

            cohort.standardised_ratio("cancer", "days", age="age", ages=[0, 50, 70],
                                      reference=[0.0004, 0.006, 0.02])
        """
        return self._rates(
            event, days=days, start=start, end=end, by=by, age=age, birth=birth, ages=ages,
            reference=tuple(float(one) for one in reference),
        )  # fmt: skip

    def _rates(
        self, event: str, *, by: str | list[str] | None, ages: Sequence[int] = (),
        periods: Sequence[int] = (), **fields: Any,
    ) -> Release:  # fmt: skip
        return self._run(
            nodes.Rates, event=event, by=names(by), ages=tuple(ages), periods=tuple(periods),
            **fields,
        )  # fmt: skip
