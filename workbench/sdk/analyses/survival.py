"""Survival: how long until an event, for persons who are followed for different times."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        median), `logrank` when there are groups.

            cohort = persons.with_columns(died=persons.status == "dead")
            cohort.kaplan_meier("followup_days", "died", by="sex", times=[365, 1826, 3652])
        """
        at = _grid(step, until) if times is None else tuple(times)
        return self._run(
            nodes.KaplanMeier, time=time, event=event, by=names(by), times=at, landmark=landmark
        )


def _grid(step: int, until: int) -> tuple[int, ...]:
    return tuple(range(step, until + 1, step)) if step > 0 else ()
