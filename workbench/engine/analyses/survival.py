"""Survival of groups over public times: from counts by day to what the gate is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import chdtrc

from disclosure.results.survival import CurveEvidence, TestEvidence
from workbench.engine.analyses.computation import Computation, Parts, State, computes
from workbench.engine.analyses.lifetimes import (
    Lifetimes,
    at_times,
    counted,
    greenwood,
    lifetimes,
    merged,
    product_limit,
)
from workbench.engine.analyses.logrank import GroupTest, group_test
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan
from workbench.plan.check import CheckedDimension
from workbench.plan.nodes import KaplanMeier
from workbench.plan.nodes.analyses.survival import LONGEST, Curve, FollowUp
from workbench.sdk.compile import CELL, Scan, cells

__all__ = ["Curves"]

DAY = "day"


class Followed(Computation):
    """Persons by group and cause, each with the day on which the follow-up ended."""

    def __init__(self, checked: CheckedPlan) -> None:
        super().__init__(checked)
        self.asked = _follow_up(checked)
        self.times = self.asked.times if isinstance(self.asked, Curve) else ()
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
        return {DAY: day.cast(pl.Int32)} | {f"in_{one.name}": _known(one) for one in self.told}

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

    def group_codes(self) -> tuple[tuple[str, ...], ...]:
        """The codes of each group, C order."""
        return tuple(product(*(one.codes for one in self.told[:-1])))

    def cell_codes(self) -> tuple[tuple[str, ...], ...]:
        """The codes of each inner cell, C order."""
        return tuple(product(*(one.codes for one in self.checked.dimensions)))


@computes(KaplanMeier)
class Curves(Followed):
    """A curve of each group at the public times, and a test between the groups."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> CurveEvidence:
        """Estimates at the public times only; whom they are about by interval."""
        lives = self.lives(merged)
        value = product_limit(lives.events, lives.at_risk)
        spread = np.sqrt(greenwood(lives.events, lives.at_risk))
        return CurveEvidence(
            groups=self.cell_codes(),
            n=placed.n,
            population=placed.population,
            view_population=view_population,
            kind=self.asked.k,  # type: ignore[attr-defined]  # every node has its kind
            by=tuple(one.name for one in self.told[:-1]),
            codes=self.group_codes(),
            times=self.times,
            value=_at(value, lives, self.times, 1.0),
            spread=_at(spread, lives, self.times, 0.0),
            test=_tested(group_test([lives])) if self.groups > 1 else None,
        )


def _at(
    curve: NDArray[np.float64], lives: Lifetimes, times: tuple[int, ...], before: float
) -> NDArray[np.float64]:
    """(groups, causes, times)."""
    return at_times(curve, lives.days, times, before)[:, None, :]


def _tested(found: GroupTest) -> TestEvidence:
    p = float(chdtrc(found.dof, found.chi2)) if found.dof else float("nan")
    return TestEvidence("logrank", found.observed, found.expected, found.chi2, found.dof, p)


def _known(dimension: CheckedDimension) -> pl.Expr:
    """The place among the codes; null for a value that is none of them."""
    levels = pl.Enum(list(dimension.levels))
    return pl.col(dimension.name).cast(pl.String).cast(levels, strict=False).to_physical()


def _follow_up(checked: CheckedPlan) -> FollowUp:
    analysis = checked.plan.analysis
    if not isinstance(analysis, FollowUp):
        raise TypeError("only a follow-up has lifetimes")
    return analysis
