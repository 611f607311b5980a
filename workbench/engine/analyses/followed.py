"""Persons who are followed until an event: their day, their group, the cause that ended it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from workbench.engine.analyses.computation import Computation, Parts, State, codes_of
from workbench.engine.analyses.lifetimes import Lifetimes, counted, lifetimes, merged
from workbench.plan import CheckedPlan
from workbench.plan.check import CheckedDimension
from workbench.plan.nodes.analyses.survival import LONGEST, FollowUp
from workbench.sdk.compile import CELL, Scan, cells, place_among

__all__ = ["DAY", "Followed", "known"]

DAY = "day"


class Followed(Computation):
    """Persons by group and cause, each with the day on which the follow-up ended."""

    def __init__(self, checked: CheckedPlan) -> None:
        super().__init__(checked)
        self.asked = _follow_up(checked)
        self.times: tuple[int, ...] = getattr(self.asked, "times", ())
        told = checked.dimensions[: -1 if self.times else None]
        self.told = told
        self.causes = len(told[-1].codes) - 1
        self.groups = int(np.prod([len(one.codes) for one in told[:-1]], dtype=np.int64))

    def measured(self) -> Mapping[str, pl.Expr]:
        """The day; and the place in each group and cause, null where the data have none."""
        time = pl.col(self.asked.time)
        day = pl.when((time >= 0) & (time <= LONGEST)).then(time)
        if self.asked.landmark is not None:
            day = pl.when(day > self.asked.landmark).then(day - self.asked.landmark)
        return {DAY: day.cast(pl.Int32)} | {f"in_{one.name}": known(one) for one in self.told}

    def numbers(self) -> tuple[str, ...]:
        """The day; groups and causes are cells."""
        return (DAY,)

    def frame(self, scan: Scan) -> pl.LazyFrame:
        """See Computation. Where there are public times, the interval is the last axis."""
        frame = cells(replace(self.checked, dimensions=self.told), scan, self.measured())
        if self.times:
            place = pl.sum_horizontal([(pl.col(DAY) > at).cast(pl.Int32) for at in self.times])
            cell = pl.col(CELL) * (len(self.times) + 1) + place
            frame = frame.with_columns(cell.cast(pl.Int32).alias(CELL))
        return frame

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """See lifetimes.counted."""
        code = frame[CELL].to_numpy() // (len(self.times) + 1 if self.times else 1)
        codes = self.groups * (self.causes + 1)
        return counted(code, frame[DAY].to_numpy().astype(np.int64), codes)

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """See lifetimes.merged."""
        return merged(parts)

    def lives(self, merged: Parts) -> Lifetimes:
        """Ends of follow-up by day of each group."""
        return lifetimes(merged, self.groups, self.causes)

    @property
    def by(self) -> tuple[str, ...]:
        """The names of the grouping variables."""
        return tuple(one.name for one in self.told[:-1])

    def group_codes(self) -> tuple[tuple[str, ...], ...]:
        """The codes of each group, C order."""
        return codes_of(self.told[:-1])


def known(dimension: CheckedDimension) -> pl.Expr:
    """The place among the codes; null for a value that is none of them."""
    return place_among(pl.col(dimension.name), dimension)


def _follow_up(checked: CheckedPlan) -> FollowUp:
    analysis = checked.plan.analysis
    if not isinstance(analysis, FollowUp):
        raise TypeError("only a follow-up has lifetimes")
    return analysis
