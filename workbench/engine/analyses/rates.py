"""Events and person-time by group, age band and calendar period."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.results.rates import RatesEvidence
from workbench.engine.analyses.computation import (
    Computation,
    Parts,
    State,
    codes_of,
    computes,
)
from workbench.engine.analyses.followed import known
from workbench.engine.analyses.moments import merged, moments
from workbench.engine.placed import Placed
from workbench.plan import CheckedPlan
from workbench.plan.check.rates import CheckedRates
from workbench.plan.nodes import Rates
from workbench.plan.nodes.analyses.survival import LONGEST
from workbench.sdk.compile import CELL, Scan, cells

__all__ = ["PersonTime"]

EPOCH = date(1970, 1, 1)
FAR = 1 << 30
"""A day after all others."""


@computes(Rates)
class PersonTime(Computation):
    """Whole days of each person in each band and period; the event where its last day was."""

    def __init__(self, checked: CheckedPlan) -> None:
        super().__init__(checked)
        node, model = checked.plan.analysis, checked.model
        if not isinstance(node, Rates) or not isinstance(model, CheckedRates):
            raise TypeError("no rate")
        self.node = node
        self.model = model
        self.strata = len(model.bands) * len(model.periods)

    def measured(self) -> Mapping[str, pl.Expr]:
        """happened; first and last (a day's number, last not included); born_0, … where bands
        begin; a person without time at risk, or whose age at the start is in no band, is left out.
        """
        node = self.node
        if node.days is not None:
            first, last = pl.lit(0, dtype=pl.Int32), pl.col(node.days)
        else:
            first, last = _day(pl.col(str(node.start))), _day(pl.col(str(node.end)))
        last = pl.when((last > first) & (last - first <= LONGEST)).then(last)
        found = {
            "happened": pl.col(node.event),
            "first": first.cast(pl.Int32),
            "last": last.cast(pl.Int32),
        }
        if node.age is not None:
            # By the age at the start a band holds either all of a person's time or none.
            age = pl.col(node.age)
            place = pl.sum_horizontal([(age >= edge).cast(pl.Int32) for edge in node.ages]) - 1
            found["band"] = pl.when(age.is_not_null() & (place >= 0)).then(place)
        elif node.birth is not None:
            birth = pl.col(node.birth)
            found |= {
                f"born_{at}": _day(_birthday(birth, age)).cast(pl.Int32)
                for at, age in enumerate(node.ages)
            }
        return found | {f"in_{one.name}": known(one) for one in self.checked.dimensions[:-1]}

    def numbers(self) -> tuple[str, ...]:
        """The event, the time and the age, of birthdays the first."""
        age = ("band",) if self.node.age is not None else ()
        return ("happened", "first", "last", *(age or ("born_0",) * (self.node.birth is not None)))

    def frame(self, scan: Scan) -> pl.LazyFrame:
        """See Computation; the last axis is where the event fell, 0 nowhere."""
        frame = cells(
            replace(self.checked, dimensions=self.checked.dimensions[:-1]), scan, self.measured()
        )
        day = pl.col("last") - 1
        band = pl.lit(0)
        if self.node.age is not None:
            band = pl.col("band")
        elif self.node.birth is not None:
            band = _steps([pl.col(f"born_{at}") for at in range(len(self.node.ages))], day)
        periods, period = len(self.model.periods), pl.lit(0)
        if self.node.periods:
            period = _steps([pl.lit(_january(year)) for year in self.node.periods], day)
        inside = pl.col("happened") & (band >= 0) & (period >= 0) & (period < periods)
        fell = pl.when(inside).then(band * periods + period + 1).otherwise(0)
        cell = pl.col(CELL) * (self.strata + 1) + fell
        return frame.with_columns(cell.cast(pl.Int32).alias(CELL))

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """Moments of the days in each group, band and period."""
        group = frame[CELL].to_numpy() // (self.strata + 1)
        first, last = frame["first"].to_numpy(), frame["last"].to_numpy()
        values, places = [], []
        stratum = 0
        for low, high in self._bands(frame):
            for since, until in self._periods():
                begins = np.maximum(np.maximum(first, low), since)
                days = np.minimum(np.minimum(last, high), until) - begins
                some = np.flatnonzero(days > 0)
                values.append(days[some].astype(np.float64))
                places.append((group[some] * self.strata + stratum).astype(np.int32))
                stratum += 1
        return moments(np.concatenate(values), np.concatenate(places), self._cells)

    def _bands(self, frame: pl.DataFrame) -> list[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Where each person's time in a band begins and ends."""
        count = len(self.model.bands)
        always, never = np.full(frame.height, -FAR, np.int32), np.full(frame.height, FAR, np.int32)
        if self.node.age is not None:
            own = frame["band"].to_numpy()
            return [(np.where(own == at, always, never), never) for at in range(count)]
        if self.node.birth is None:
            return [(always, never)]
        edges = [frame[f"born_{at}"].to_numpy() for at in range(count)]
        return list(zip(edges, [*edges[1:], never], strict=True))

    def _periods(self) -> list[tuple[int, int]]:
        years = [_january(year) for year in self.node.periods]
        return list(pairwise(years)) or [(-FAR, FAR)]

    @property
    def _groups(self) -> int:
        return self.checked.cells // (self.strata + 1)

    @property
    def _cells(self) -> int:
        return self._groups * self.strata

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """See moments."""
        return merged(parts)

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> RatesEvidence:
        """Events by inner cell; persons and days of each group, band and period."""
        axes, node = self.checked.dimensions, self.node
        shape = (self._groups, len(self.model.bands), len(self.model.periods))
        # Each contribution is above zero, so contributors are the persons with any time here.
        return RatesEvidence(
            **self.whom(placed, view_population),
            by=tuple(one.name for one in axes[:-1]),
            codes=codes_of(axes[:-1]),
            bands=self.model.bands,
            periods=self.model.periods,
            persons=merged["contributors"].reshape(shape),
            days=merged["total"].reshape(shape),
            days_sq=merged["total_sq"].reshape(shape),
            largest=merged["largest"].reshape(shape),
            second=merged["second"].reshape(shape),
            per=node.per,
            weights=self.model.weights,
            reference=node.reference,
        )


def _day(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.Date).to_physical()


def _birthday(birth: pl.Expr, age: int) -> pl.Expr:
    """The day on which somebody becomes so old; of 29 February 1 March in other years."""
    month = pl.date(birth.dt.year() + age, birth.dt.month(), 1)
    return month + pl.duration(days=birth.dt.day().cast(pl.Int64) - 1)


def _january(year: int) -> int:
    return (date(year, 1, 1) - EPOCH).days


def _steps(edges: list[pl.Expr], day: pl.Expr) -> pl.Expr:
    """The last edge that the day has reached; -1 before the first."""
    return pl.sum_horizontal([(day >= edge).cast(pl.Int32) for edge in edges]) - 1
