"""Gini's coefficient and the Lorenz curve: quantiles found exactly, then sums between them.

The twentieths of the persons are found as any quantiles are. The last round divides what lies
between them into narrow intervals and takes number, sum and squares in each: the Lorenz curve at
the twentieths is exact, and Gini's coefficient is exact between intervals and, within each, that of
evenly spread numbers of the same spread.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.findings import Mark
from disclosure.results import Block, BlockColumn
from disclosure.rules.concentration import PARTS
from disclosure.rules.concentration import Concentration as ConcentrationRule
from disclosure.tables import TableEvidence
from workbench.engine.analyses.computation import Parts, State, computes, summed
from workbench.engine.analyses.moments import merged as together
from workbench.engine.analyses.moments import moments, rounded_sum
from workbench.engine.analyses.quantiles import QuantileSearch, keys_of, values_of
from workbench.engine.analyses.tables import magnitude_of, table
from workbench.engine.placed import Placed
from workbench.engine.released import Released
from workbench.plan.nodes import Concentration

__all__ = ["LorenzCurve", "gini_of", "shares_of"]

Floats = NDArray[np.float64]
NARROW = 100
"""Intervals of even width, and as many of even ratio, between two twentieths."""
EVEN = 2 / 3**0.5
"""The mean difference of evenly spread numbers, in standard deviations."""


@computes(Concentration)
class LorenzCurve(QuantileSearch):
    """See QuantileSearch; the last round sums between the twentieths."""

    @property
    def variable(self) -> str:
        """The variable."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, Concentration):
            raise TypeError("concentration is asked for otherwise")
        return asked.variable

    @property
    def probabilities(self) -> tuple[float, ...]:
        """The twentieths, and the greatest."""
        return tuple(at / PARTS for at in range(1, PARTS + 1))

    def measured(self) -> Mapping[str, pl.Expr]:
        """The variable, less than nothing as nothing."""
        value = pl.col(self.variable).cast(pl.Float64)
        return {"x": pl.when(value > 0).then(value).when(value.is_not_null()).then(0.0)}

    def last(self, x: Floats, starts: NDArray[np.int64], state: State) -> Parts:
        """Of each (cell, interval): persons, sum and sum of squares, and the cell's moments."""
        cell = np.repeat(np.arange(self.checked.cells, dtype=np.int32), np.diff(starts))
        shape = (self.checked.cells, PARTS * 2 * NARROW + 1)
        count = np.zeros(shape, np.int64)
        total, squares = np.zeros(shape), np.zeros(shape)
        for group in range(self.checked.cells):
            own = x[starts[group] : starts[group + 1]]
            place = np.searchsorted(_edges(np.array(state["value"][group])), own, side="right")
            count[group] = np.bincount(place, minlength=shape[1])
            total[group] = np.bincount(place, own, minlength=shape[1])
            squares[group] = np.bincount(place, own * own, minlength=shape[1])
        found = moments(x, cell, self.checked.cells)
        return {**found, "persons": count, "between": total, "squares": squares}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """Counts and sums add up."""
        if "between" not in parts[0]:
            return super().merge(parts)
        return {
            **together(parts),
            "persons": summed(parts, "persons"),
            "between": rounded_sum([one["between"] for one in parts]),
            "squares": rounded_sum([one["squares"] for one in parts]),
        }

    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> TableEvidence:
        """The number's magnitudes, its coefficient and curve in each cell."""
        gini = np.zeros(self.checked.cells)
        shares = np.zeros((self.checked.cells, PARTS - 1))
        for at in range(self.checked.cells):
            sums = merged["persons"][at], merged["between"][at], merged["squares"][at]
            if sums[0].any() and sums[1].any():
                gini[at] = gini_of(*sums)
                cuts = np.array(state["value"][at])
                shares[at] = shares_of(cuts, _edges(cuts), sums[0], sums[1])
        magnitude = magnitude_of(self.checked, self.variable, placed, merged)
        rule = ConcentrationRule(gini, shares)
        return table(self, placed, view_population, magnitude, further=(rule,))

    def follows(self, released: Released) -> tuple[Block, ...]:
        """concentration: {group, persons, gini, top_tenth, bottom_half}; lorenz: {group,
        persons_up_to, share}, in shares of one."""
        axes = len(self.checked.dimensions)
        rows: list[tuple[Any, ...]] = []
        points: list[tuple[Any, ...]] = []
        marks: dict[tuple[int, int], Mark] = {}
        for at, cell in enumerate(released.cells):
            tenth, half = cell.values["l90"], cell.values["l50"]
            top = None if tenth is None else round(1 - tenth, 6)
            rows.append((*cell.codes, cell.values["n"], cell.values["gini"], top, half))
            if cell.mark is not Mark.SHOWN:
                marks.update({(at, axes + one): cell.mark for one in range(4)})
            if cell.values["gini"] is None:
                continue
            inside = [
                (one / PARTS, cell.values[f"l{100 * one // PARTS}"]) for one in range(1, PARTS)
            ]
            line = [(0.0, 0.0), *(one for one in inside if one[1] is not None), (1.0, 1.0)]
            points += [(*cell.codes, *one) for one in line]
        groups = released.columns(axes)
        return (
            Block(
                "concentration",
                {"en": "Concentration", "nb": "Konsentrasjon"},
                (
                    *groups,
                    BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
                    BlockColumn("gini", "number", {"en": "Gini", "nb": "Gini"}),
                    BlockColumn("top_tenth", "number",
                                {"en": "share of the top tenth", "nb": "andel, øverste tidel"}),
                    BlockColumn("bottom_half", "number",
                                {"en": "share of the lower half", "nb": "andel, nedre halvdel"}),
                ),
                tuple(rows),
                marks,
            ),
            Block(
                "lorenz",
                {"en": "Lorenz curve", "nb": "Lorenz-kurve"},
                (
                    *groups,
                    BlockColumn("persons_up_to", "number",
                                {"en": "share of persons", "nb": "andel av personene"}),
                    BlockColumn("share", "number",
                                {"en": "share of the sum", "nb": "andel av summen"}),
                ),
                tuple(points),
            ),
        )  # fmt: skip


def _edges(cuts: Floats) -> Floats:
    """Ascending: nothing, then even steps and even ratios between each twentieth and the next."""
    ends = np.concatenate([[0.0], cuts])
    step = np.arange(NARROW) / NARROW
    found = []
    for low, high in pairwise(ends):
        keys = keys_of(np.array([low, high]))
        ratio = keys[0] + ((keys[1] - keys[0]) * step).astype(np.uint64)
        found.append(np.sort(np.concatenate([low + (high - low) * step, values_of(ratio)])))
    return np.concatenate(found)


def gini_of(count: NDArray[np.int64], total: Floats, squares: Floats) -> float:
    """Half the mean difference of two persons over the mean, from sums in ascending intervals."""
    some = count > 0
    n, s, q = count[some].astype(float), total[some], squares[some]
    below, sum_below = n.cumsum() - n, s.cumsum() - s
    between = float((s * below - n * sum_below).sum())
    spread = np.sqrt(np.maximum(q - s * s / n, 0.0) / n)
    within = float((n * n * EVEN * spread).sum()) / 2
    return (between + within) / (float(n.sum()) * float(s.sum()))


def shares_of(cuts: Floats, edges: Floats, count: NDArray[np.int64], total: Floats) -> Floats:
    """The Lorenz curve at each twentieth but the last: persons who share the value at the cut are
    divided as needed."""
    n, whole = int(count.sum()), float(total.sum())
    found = np.zeros(PARTS - 1)
    for at in range(PARTS - 1):
        # Interval i holds edges[i - 1] ≤ x < edges[i]; the cut is itself an edge.
        first = int(np.searchsorted(edges, cuts[at], side="left")) + 1
        below, held = int(count[:first].sum()), float(total[:first].sum())
        found[at] = (held + ((at + 1) / PARTS * n - below) * cuts[at]) / whole
    return found
