"""Tests whether groups are alike: counts, moments or ranks of each group, added over buckets."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.results.comparisons import GroupsEvidence, IndependenceEvidence, RanksEvidence
from workbench.domain.errors import Refusal
from workbench.engine.analyses.computation import Computation, Parts, State, computes
from workbench.engine.analyses.moments import contributions_of
from workbench.engine.analyses.tables import Moments, Placing
from workbench.engine.analyses.tallies import tallied
from workbench.engine.placed import Placed
from workbench.plan.nodes import ChiSquared, MeanTest, RankTest
from workbench.sdk.compile import CELL

__all__ = ["Independence", "Means", "Ranks"]

DISTINCT = 2_000_000
"""Different values of a number (in a group) that a rank test takes; 16 bytes each."""


@computes(ChiSquared)
class Independence(Placing):
    """A table of persons by both categories."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,  # noqa: ARG002 - see above
        state: State,  # noqa: ARG002 - see above
        view_population: int,
    ) -> IndependenceEvidence:
        """The table, missing categories too."""
        shape = tuple(len(one.codes) for one in self.checked.dimensions)
        levels = tuple(len(one.levels) for one in self.checked.dimensions)
        return IndependenceEvidence(
            **self.whom(placed, view_population),
            shape=(shape[0], shape[1]),
            levels=(levels[0], levels[1]),
        )


class _OfGroups(Computation):
    """A number in groups."""

    def measured(self) -> Mapping[str, pl.Expr]:
        """The number; the group itself, so that who has none takes no part."""
        analysis = self.checked.plan.analysis
        if not isinstance(analysis, (MeanTest, RankTest)):
            raise TypeError("no test of groups")
        return {"x": pl.col(analysis.variable).cast(pl.Float64), "group": pl.col(analysis.by)}


@computes(MeanTest)
class Means(_OfGroups, Moments):
    """Moments of each group."""

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> GroupsEvidence:
        """Moments and what the dominance rules need."""
        analysis = self.checked.plan.analysis
        return GroupsEvidence(
            **self.whom(placed, view_population),
            by=self.checked.dimensions[0].name,
            levels=len(self.checked.dimensions[0].levels),
            equal_variances=isinstance(analysis, MeanTest) and analysis.equal_variances,
            moments=contributions_of(placed.n, merged).at(0),
        )


@computes(RankTest)
class Ranks(_OfGroups):
    """How often each value occurs in each group; ranks follow from the counts of all buckets."""

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """value, cell, count: sorted by value and cell."""
        counted = frame.group_by("x", CELL).agg(pl.len().alias("count")).sort("x", CELL)
        return {
            "value": counted["x"].to_numpy(),
            "cell": counted[CELL].to_numpy(),
            "count": counted["count"].cast(pl.Int64).to_numpy(),
        }

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """The same over all buckets; Refusal("too_many_values") beyond DISTINCT."""
        if sum(one["value"].size for one in parts) > DISTINCT:
            raise Refusal(
                "too_many_values",
                "The number takes too many different values to be ranked.",
                "Round it first: x = (frame.x * 10) // 1, say.",
            )
        value, cell, count = (
            np.concatenate([one[name] for one in parts]) for name in ("value", "cell", "count")
        )
        value, cell, count = tallied(value, cell, count)
        return {"value": value, "cell": cell, "count": count}

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> RanksEvidence:
        """Rank sums and the sum over ties."""
        sums, ties = rank_sums(merged["value"], merged["cell"], merged["count"], placed.n.size)
        return RanksEvidence(
            **self.whom(placed, view_population),
            by=self.checked.dimensions[0].name,
            levels=len(self.checked.dimensions[0].levels),
            rank_sums=sums,
            ties=ties,
        )


def rank_sums(
    value: NDArray[np.float64], cell: NDArray[np.int64], count: NDArray[np.int64], cells: int
) -> tuple[NDArray[np.float64], float]:
    """Sum of midranks in each cell, and Σ(t³ - t) over ties; values sorted ascending."""
    starts = np.ones(value.size, dtype=bool)
    starts[1:] = value[1:] != value[:-1]
    first = np.flatnonzero(starts)
    if not first.size:
        return np.zeros(cells), 0.0
    tied = np.add.reduceat(count, first)
    midrank = np.cumsum(tied) - (tied - 1) / 2
    of_row = np.cumsum(starts) - 1
    sums = np.bincount(cell, weights=midrank[of_row] * count, minlength=cells)
    size = tied.astype(np.float64)
    return sums.astype(np.float64), float((size**3 - size).sum())
