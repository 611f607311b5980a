"""Periods in a notebook: episodes of events, the follow-up of persons, and how they are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from workbench.plan import nodes
from workbench.sdk.expressions import Expr, lit
from workbench.sdk.refused import Refused
from workbench.sdk.words import moment

if TYPE_CHECKING:
    from workbench.sdk.frames import Frame

__all__ = ["PeriodWords"]

Given = TypeVar("Given")


class PeriodWords:
    """Intervals from `start` up to but not on `end`, with their `days`."""

    _node: nodes.Frame

    def split(
        self,
        since: object,
        unit: Literal["days", "months", "years"] = "years",
        **edges: Sequence[int],
    ) -> Self:
        """Cut where the time since a date passes the edges:

        time.split(since=cohort.birth, age=[40, 60]) gives `age`: <40, 40–<60, ≥60.
        """
        name, at = _named(edges, "age=[40, 60]")
        here: Any = self
        origin = lit(moment(since))._make(here)
        return self._cut(nodes.Split, name=name, edges=tuple(at), unit=unit, origin=origin)

    def split_calendar(self, **edges: Sequence[int]) -> Self:
        """Cut at 1 January of the years: time.split_calendar(period=[2010, 2015])."""
        name, at = _named(edges, "period=[2010, 2015]")
        return self._cut(nodes.Split, name=name, edges=tuple(at))

    def exposed(self, **by: Frame) -> Self:
        """Cut where other periods of the person begin and end; the name is then true inside them:

        time.exposed(statin=dispensings.episodes(gap=30, end="supply_end")).
        """
        name, other = _named(by, "statin=dispensings.episodes(gap=30)")
        if not hasattr(other, "_node"):
            raise Refused(
                "wrong_frame",
                "Exposure is told by periods.",
                'As in time.exposed(statin=dispensings.episodes(gap=30, end="supply_end")).',
            )
        return self._cut(nodes.Exposed, name=name, by=other._node)

    def total(self, *conditions: Expr) -> Expr:
        """The days of the person's periods in which the conditions hold, summed; 0 without one."""
        rows = self.filter(*conditions)
        node = nodes.Reduce(op="sum", frame=rows._node, value=nodes.Column(name="days"))
        return Expr(lambda _frame: node)

    def _cut(self, kind: Any, **fields: object) -> Self:
        try:
            node = kind(frame=self._node, **fields)
        except ValueError:
            raise Refused(
                "malformed_plan",
                "Periods cannot be cut at these edges.",
                "Edges are whole numbers that ascend, at most 60 of them and within 200 years; "
                "those of the calendar are years.",
            ) from None
        return self._grown(node)

    if TYPE_CHECKING:  # what a frame brings

        def filter(self, *conditions: Expr) -> Self:
            """See Frame."""

        def _grown(self, node: nodes.Frame) -> Self: ...


def _named(given: Mapping[str, Given], example: str) -> tuple[str, Given]:
    if len(given) != 1:
        raise Refused(
            "malformed_plan", "One split has one name.", f"Name it and say at what: {example}."
        )
    return next(iter(given.items()))
