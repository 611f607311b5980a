"""The follow-up of persons: from entry to the event or to what ends it first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from workbench.sdk.dated import the_birth
from workbench.sdk.expressions import Expr, lit, when
from workbench.sdk.refused import Refused
from workbench.sdk.several import earliest
from workbench.sdk.words import moment

if TYPE_CHECKING:
    from workbench.plan.types import FrameType

__all__ = ["FollowWords"]


class FollowWords:
    """One row a person: ages, and time to an event."""

    _type: FrameType

    def age_at(self, when: object, born: str | None = None) -> Expr:
        """Completed years at a date; born: the date of birth, when its name does not tell it."""
        return self[the_birth(self._type, born)].dt.age_at(when)

    def with_follow_up(
        self,
        start: str | Expr,
        event: str | Expr,
        censored: Sequence[object],
        names: tuple[str, str, str] = ("exit", "time", "event"),
    ) -> Self:
        """The frame with the day that follow-up ends, its length in days, and whether in the event.

        Follow-up ends at the earliest of the event and of what censors it: variables, date
        expressions, or dates written "2020-12-31". On the same day the event counts. Time and event
        are missing for who has no start, no end, or an end before the start.

        cohort.with_follow_up("index", event="death", censored=["emigrated", "2020-12-31"])
        """
        if not censored:
            raise Refused(
                "malformed_plan",
                "Follow-up needs an end for those without the event.",
                'Say when it ends for everybody: censored=["2020-12-31"].',
            )
        exit_, time, happened = names
        begun, ended = self._dated(start), self._dated(event)
        last = earliest(ended, *(self._dated(one) for one in censored))
        frame = self.with_columns(**{exit_: last})
        left = frame[exit_]
        known = left >= begun
        return frame.with_columns(
            **{
                time: when(known).then(left.dt.days_since(begun)),
                happened: when(known).then((ended == left).fill_null(value=False)),
            }
        )

    def _dated(self, value: object) -> Expr:
        """A variable by name, a date in quotes, or an expression."""
        if isinstance(value, str) and not value[:1].isdigit():
            return self[value]
        return lit(moment(value))

    if TYPE_CHECKING:  # what a frame brings

        def __getitem__(self, name: str) -> Expr: ...

        def with_columns(self, **columns: object) -> Self:
            """See Frame."""
