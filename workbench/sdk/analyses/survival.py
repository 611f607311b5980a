"""Survival: how long until an event, for persons who are followed for different times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.sdk.release import Release

__all__ = ["Survival"]


class Survival(Asking):
    """Analyses of a time (whole days) until an event (yes/no) or the end of follow-up."""

    def kaplan_meier(
        self,
        time: str,
        event: str,
        by: str | list[str] | None = None,
        *,
        step: int = 91,
        until: int = 3653,
        times: Sequence[int] | None = None,
        landmark: int | None = None,
    ) -> Release:
        """Survival by the Kaplan–Meier estimator, with 95 % limits, medians and a log-rank test.

        time: a variable of whole days from the start of follow-up; event: a yes/no variable, true
        when the event ended it, false when the person was lost to follow-up (censored). The curve
        is told at public times: every `step` days (a week or more) until `until`, or at `times`.
        landmark=365 takes those who are still followed after a year, and counts from there.

        Blocks: `curve` (survival with log-log limits), `at_risk`, `summary` (persons, events,
        median), `test` (log-rank) when there are groups.

            cohort = persons.with_columns(died=persons.status == "dead")
            cohort.kaplan_meier("followup_days", "died", by="sex", times=[365, 1826, 3652])
        """
        at = _grid(step, until, times)
        return self._run(
            nodes.KaplanMeier, time=time, event=event, by=names(by), times=at, landmark=landmark
        )

    def nelson_aalen(
        self,
        time: str,
        event: str,
        by: str | list[str] | None = None,
        *,
        step: int = 91,
        until: int = 3653,
        times: Sequence[int] | None = None,
        landmark: int | None = None,
    ) -> Release:
        """Cumulative hazard by the Nelson–Aalen estimator; arguments as for `kaplan_meier`.

        Blocks: `curve` (hazard with limits on the log scale), `at_risk`, `summary`, `test`.
        """
        at = _grid(step, until, times)
        return self._run(
            nodes.NelsonAalen, time=time, event=event, by=names(by), times=at, landmark=landmark
        )

    def cumulative_incidence(
        self,
        time: str,
        event: str,
        by: str | list[str] | None = None,
        *,
        censored: str,
        step: int = 91,
        until: int = 3653,
        times: Sequence[int] | None = None,
        landmark: int | None = None,
    ) -> Release:
        """Cumulative incidence of each of several causes, when one excludes the others.

        event: a variable with public categories that says what ended the follow-up; censored: its
        category of those whom no event did. One minus Kaplan–Meier would overstate each cause: it
        treats who died of another as if they might still get this one.

        Blocks: `curve` (one a cause), `at_risk`, `summary`.

            ended = wb.when(persons.relapse).then("relapse").when(persons.died).then("death")
            cohort = persons.with_columns(ended=ended.otherwise("none"))
            cohort.cumulative_incidence("days", "ended", by="sex", censored="none")
        """
        at = _grid(step, until, times)
        return self._run(
            nodes.CumulativeIncidence,
            time=time,
            event=event,
            by=names(by),
            times=at,
            landmark=landmark,
            censored=censored,
        )

    def life_table(
        self,
        time: str,
        event: str,
        by: str | list[str] | None = None,
        *,
        step: int = 365,
        until: int = 3653,
        times: Sequence[int] | None = None,
        landmark: int | None = None,
    ) -> Release:
        """The actuarial life table: persons entering each interval, events, censored, survival.

        Who is censored in an interval counts half of it. Intervals with few events or few censored
        are merged with the next. Block: `life_table`.

            cohort.life_table("followup_days", "died", step=365, until=3650)
        """
        at = _grid(step, until, times)
        return self._run(
            nodes.LifeTable, time=time, event=event, by=names(by), times=at, landmark=landmark
        )

    def restricted_mean(
        self,
        time: str,
        event: str,
        by: str | list[str] | None = None,
        *,
        until: int,
        landmark: int | None = None,
    ) -> Release:
        """Mean time without the event during the first `until` days, and differences of groups.

        Blocks: `means` and, with groups, `differences` (each against the first).

            cohort.restricted_mean("followup_days", "died", by="treated", until=1826)
        """
        return self._run(
            nodes.RestrictedMean,
            time=time,
            event=event,
            by=names(by),
            until=until,
            landmark=landmark,
        )

    def logrank(
        self,
        time: str,
        event: str,
        by: str | list[str],
        *,
        strata: str | list[str] | None = None,
        weights: Literal["logrank", "wilcoxon", "tarone_ware"] = "logrank",
        landmark: int | None = None,
    ) -> Release:
        """A test that groups have the same survival, within strata where there are any.

        weights: "wilcoxon" (Gehan) and "tarone_ware" look more at early events. Blocks: `test`,
        `groups` (persons, observed and expected events).

            cohort.logrank("followup_days", "died", by="treated", strata="sex")
        """
        return self._run(
            nodes.LogRank,
            time=time,
            event=event,
            by=names(by),
            strata=names(strata),
            weights=weights,
            landmark=landmark,
        )


def _grid(step: int, until: int, times: Sequence[int] | None) -> tuple[int, ...]:
    if times is not None:
        return tuple(times)
    return tuple(range(step, until + 1, step)) if step > 0 else ()
