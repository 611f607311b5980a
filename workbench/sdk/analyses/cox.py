"""Proportional hazards, asked for by formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.plan import nodes
from workbench.sdk.analyses.asking import Asking, names
from workbench.sdk.formula import right_side
from workbench.sdk.refused import Refused

if TYPE_CHECKING:
    from workbench.plan.types import FrameType
    from workbench.sdk.release import Release

__all__ = ["Hazards"]


class Hazards(Asking):
    """Models of the rate of an event."""

    _type: FrameType

    def cox(
        self,
        time: str,
        event: str,
        terms: str,
        *,
        strata: str | list[str] | None = None,
        entry: str | None = None,
        ties: Literal["efron", "breslow"] = "efron",
        cluster: str | None = None,
        robust: bool = False,
    ) -> Release:
        """Cox regression: hazard ratios of the terms, with a baseline that is left open.

        time: whole days of follow-up; event: a yes/no variable, see `kaplan_meier`.
        terms: the right side of a formula, as for `regress`: "age + sex", "rcs(age, [40, 60, 80])".
        strata: categories that have a baseline of their own; their effect is not estimated.
        entry: the day from which a person is followed (left truncation), 0 for most.
        ties: how days with several events count. cluster: a category within which persons may be
        alike; robust: errors that hold where the model does not quite.

        Blocks: "coefficients" (with hazard ratios), "terms" (Wald tests), "fit", "proportional"
        (tests that effects stay the same over time).

            cohort = persons.with_columns(died=persons.status == "dead")
            cohort.cox("followup_days", "died", "age + sex", strata="region")
        """
        found = right_side(terms.partition("~")[2] or terms, self._type)
        if found.exposure is not None or found.offset is not None:
            raise Refused(
                "bad_formula",
                "A Cox model has no offset.",
                "Leave offset(…) out; time at risk is its first argument.",
            )
        return self._run(
            nodes.Cox,
            time=time,
            event=event,
            design=found.design,
            strata=names(strata),
            entry=entry,
            ties=ties,
            cluster=cluster,
            robust=robust,
        )
