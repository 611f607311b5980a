"""What noise is added to: whole numbers, to which no person adds more than the bounds allow.

Each value is clipped and rounded to a public grid in its own row, before anything is summed; what a
person adds is then bounded whatever the data are, and sums over buckets are exact.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.privacy.evidence import DistributionEvidence, MomentsEvidence
from disclosure.results import Block
from workbench.engine.analyses.computation import (
    Computation,
    Parts,
    State,
    codes_of,
    computes,
    summed,
)
from workbench.engine.analyses.distributions import interval_block
from workbench.engine.analyses.tables import Counts
from workbench.engine.placed import Placed
from workbench.engine.released import Released
from workbench.plan.check.private import Bounds, Grid
from workbench.plan.nodes import DpDescribe, DpHistogram, DpQuantiles, DpTotals
from workbench.sdk.compile import CELL

__all__ = ["NoisyDistribution", "NoisyHistogram", "NoisyMoments", "clipped"]

FINE = 1 << 20
"""Steps of the grid from the middle of a range to its ends, at least."""


def clipped(name: str, bounds: Bounds) -> pl.Expr:
    """A number within its bounds; null where it is none."""
    return pl.col(name).cast(pl.Float64).fill_nan(None).clip(bounds.low, bounds.high)


@computes(DpHistogram)
class NoisyHistogram(Counts):
    """Persons by (group and) interval, told again with the intervals as numbers."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """See interval_block."""
        return (interval_block(self.checked, released),)


@computes(DpTotals, DpDescribe)
class NoisyMoments(Computation):
    """Persons, and sums of their numbers and squares around the middle of the range."""

    @property
    def _asked(self) -> DpTotals | DpDescribe:
        asked = self.checked.plan.analysis
        if not isinstance(asked, DpTotals | DpDescribe):
            raise TypeError("moments are asked for otherwise")
        return asked

    @property
    def _bounds(self) -> Bounds:
        bounds: Bounds = self.checked.model
        return bounds

    @property
    def _unit(self) -> int:
        """Steps of the grid that Y is rounded to; whole numbers lie on it."""
        if not self._bounds.whole:
            return FINE
        wide = int(self._bounds.high - self._bounds.low)
        return 2 * wide * -(-FINE // (2 * wide))

    def measured(self) -> Mapping[str, pl.Expr]:
        """The number within its bounds."""
        return {"x": clipped(self._asked.variable, self._bounds)}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """first, second: see MomentsEvidence."""
        unit, bounds, cells = self._unit, self._bounds, self.checked.cells
        half, centre = (bounds.high - bounds.low) / 2, (bounds.high + bounds.low) / 2
        cell = frame[CELL].to_numpy()
        whole = np.rint((frame["x"].to_numpy() - centre) * (unit / half))
        moved = np.clip(whole, -unit, unit).astype(np.int64)
        found = {"first": _added(moved, cell, cells)}
        if isinstance(self._asked, DpDescribe):
            squares = (moved * moved + unit // 2) // unit - unit // 2
            found["second"] = _added(squares, cell, cells)
        return found

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together."""
        return {name: summed(parts, name) for name in parts[0]}

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,  # noqa: ARG002 - noise is the same for every population
    ) -> MomentsEvidence:
        """The sums."""
        asked, bounds = self._asked, self._bounds
        return MomentsEvidence(
            by=asked.by,
            groups=codes_of(self.checked.dimensions),
            variable=asked.variable,
            label=self.checked.label(asked.variable),
            measure=self.checked.unit(asked.variable),
            centre=(bounds.high + bounds.low) / 2,
            half=(bounds.high - bounds.low) / 2,
            unit=self._unit,
            n=placed.n,
            first=merged["first"],
            second=merged.get("second"),
        )


@computes(DpQuantiles)
class NoisyDistribution(Computation):
    """Persons between the points of a public grid."""

    @property
    def _asked(self) -> DpQuantiles:
        asked = self.checked.plan.analysis
        if not isinstance(asked, DpQuantiles):
            raise TypeError("quantiles are asked for otherwise")
        return asked

    @property
    def _grid(self) -> Grid:
        grid: Grid = self.checked.model
        return grid

    def measured(self) -> Mapping[str, pl.Expr]:
        """The number within its bounds."""
        return {"x": clipped(self._asked.variable, self._grid.bounds)}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """counts: (cells, points), persons by the least point that their number does not exceed."""
        points = np.array(self._grid.points)
        place = np.searchsorted(points, frame["x"].to_numpy(), side="left")
        place = np.minimum(place, points.size - 1)  # none is above the last point
        flat = frame[CELL].to_numpy().astype(np.int64) * points.size + place
        counts = np.bincount(flat, minlength=self.checked.cells * points.size)
        return {"counts": counts.astype(np.int64)}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together."""
        return {"counts": summed(parts, "counts")}

    def evidence(
        self,
        placed: Placed,  # noqa: ARG002 - see merged
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,  # noqa: ARG002 - noise is the same for every population
    ) -> DistributionEvidence:
        """The counts."""
        asked, points = self._asked, self._grid.points
        return DistributionEvidence(
            by=asked.by,
            groups=codes_of(self.checked.dimensions),
            variable=asked.variable,
            label=self.checked.label(asked.variable),
            measure=self.checked.unit(asked.variable),
            points=points,
            at=asked.at,
            counts=merged["counts"].reshape(-1, len(points)),
        )


def _added(values: NDArray[np.int64], cell: NDArray[Any], cells: int) -> NDArray[np.int64]:
    """Sums by cell in whole numbers: no order of rows and no bucket rounds them otherwise."""
    total = np.zeros(cells, dtype=np.int64)
    np.add.at(total, cell, values)
    return total
