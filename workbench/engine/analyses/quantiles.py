"""Quantiles, exactly: each round narrows every one of them to one of 8192 intervals.

Numbers are taken as whole 64-bit keys of the same order, so four or five rounds end at the number
itself, whatever the distribution. The last round counts who would be rounded to the same.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.results import Block, BlockColumn
from disclosure.rules.quantiles import Quantiles as QuantileRule
from disclosure.tables import TableEvidence
from workbench.engine.analyses.computation import Computation, Parts, State, computes, summed
from workbench.engine.analyses.moments import merged as together
from workbench.engine.analyses.moments import moments
from workbench.engine.analyses.tables import magnitude_of, table
from workbench.engine.placed import Placed
from workbench.engine.released import Released
from workbench.plan.nodes import Boxplot, Quantiles, Summary
from workbench.sdk.compile import CELL, Scan

__all__ = ["DIGITS", "QuantileSearch", "keys_of", "values_of"]

Keys = NDArray[np.uint64]
DIGITS = ((52, 12), (39, 13), (26, 13), (13, 13), (0, 13))
"""Of each round: the lowest bit that is looked at, and how many bits."""
SIGN = np.uint64(1 << 63)
_TYPES: Mapping[str, type] = {
    "contributors": np.int64,
    "value_cell": np.int64,
    "value_count": np.int64,
    "many": np.bool_,
}
"""Of moments that are no float64, for arrays that may be empty."""
DECADES, MANTISSAS = range(-5, 2), (1.0, 2.0, 5.0)


@computes(Quantiles, Boxplot, Summary)
class QuantileSearch(Computation):
    """State: round; below: (cells, at) lowest keys still possible; rank: (cells, at), 1-based
    among the persons from there on; at the end the steps to round by."""

    rounds = True

    def measured(self) -> Mapping[str, pl.Expr]:
        """The variable."""
        return {"x": pl.col(self.variable).cast(pl.Float64)}

    def frame(self, scan: Scan) -> pl.LazyFrame:
        """Sorted, so that a round is a few searches."""
        return super().frame(scan).sort(CELL, "x")

    @property
    def _asked(self) -> Quantiles | Boxplot | Summary:
        asked = self.checked.plan.analysis
        if not isinstance(asked, Quantiles | Boxplot | Summary):
            raise TypeError("quantiles are asked for otherwise")
        return asked

    @property
    def variable(self) -> str:
        """The number whose quantiles are sought."""
        return self._asked.variable

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Which, ascending."""
        return tuple(sorted(self._asked.at))

    def start(self) -> State:
        """Nothing is known."""
        return {"round": 0}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:
        """interval, count: where there are persons, numbered by target and then in order; in the
        first round of a summary the moments as well; in the last round see `last`."""
        x, cell = frame["x"].to_numpy(), frame[CELL].to_numpy()
        starts = np.searchsorted(cell, np.arange(self.checked.cells + 1))
        if state["round"] == len(DIGITS):
            return self.last(x, starts, state)
        found = {}
        if state["round"] == 0 and isinstance(self.checked.plan.analysis, Summary):
            found = dict(moments(x, cell, self.checked.cells))
        keys = keys_of(x)
        low, bits = DIGITS[state["round"]]
        places: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for target, group, first in self._targets(state):
            own = keys[starts[group] : starts[group + 1]]
            end = first + np.uint64(((1 << bits) << low) - 1)
            inside = own[np.searchsorted(own, first) : np.searchsorted(own, end, "right")]
            found_at = ((inside - first) >> np.uint64(low)).astype(np.int64)
            places.append(found_at + (target << bits))
        # Sorted already, as the keys are and the targets go up.
        interval = np.concatenate(places)
        first_of = np.flatnonzero(np.diff(interval, prepend=-1))
        count = np.diff(first_of, append=interval.size)
        return found | {"interval": interval[first_of], "count": count.astype(np.int64)}

    def _targets(self, state: State) -> Iterator[tuple[int, int, np.uint64]]:
        """What a round looks for: number, cell, and the lowest key still possible. In the first
        round all quantiles of a cell are sought in the same place."""
        at = 1 if state["round"] == 0 else len(self.probabilities)
        for group in range(self.checked.cells):
            for place in range(at):
                first = 0 if state["round"] == 0 else int(state["below"][group][place])
                yield group * at + place, group, np.uint64(first)

    def last(self, x: NDArray[np.float64], starts: NDArray[np.int64], state: State) -> Parts:
        """within, under: (cells, at, steps), persons whose number rounds to the same, and to less.
        x: sorted in each cell, which begins at starts."""
        value, steps = np.array(state["value"]), np.array(state["steps"])
        within, under = np.zeros((2, *value.shape, steps.shape[1]), np.int64)
        for group in range(self.checked.cells):
            own = x[starts[group] : starts[group + 1]]
            middle = np.rint(value[group][:, None] / steps[group]) * steps[group]
            half = steps[group] / 2
            under[group] = np.searchsorted(own, middle - half)
            within[group] = np.searchsorted(own, middle + half) - under[group]
        return {"within": within, "under": under}

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """Counts add up; see moments."""
        if "within" in parts[0]:
            return {name: summed(parts, name) for name in ("within", "under")}
        interval = np.concatenate([one["interval"] for one in parts])
        count = np.concatenate([one["count"] for one in parts])
        every, place = np.unique(interval, return_inverse=True)
        held = np.zeros(every.size, np.int64)
        np.add.at(held, place, count)
        found: Parts = {"interval": every, "count": held}
        return {**together(parts), **found} if "total" in parts[0] else found

    def advance(self, merged: Parts, state: State) -> State | None:
        """Choose the interval that holds each quantile."""
        done = state["round"]
        if done == len(DIGITS):
            return None
        low, bits = DIGITS[done]
        shape = (self.checked.cells, len(self.probabilities))
        interval, count = merged["interval"], merged["count"]
        if done == 0:
            kept = {
                name: one.tolist()
                for name, one in merged.items()
                if name not in ("interval", "count")
            }
            n = np.bincount(interval >> bits, count, minlength=shape[0]).astype(np.int64)
            ranks = np.ceil(np.round(np.outer(n, self.probabilities), 9))
            rank, below = ranks.astype(np.int64).clip(1), np.zeros(shape, np.uint64)
        else:
            kept, n, rank = state["moments"], np.array(state["n"]), np.array(state["rank"])
            below = np.array([[int(one) for one in row] for row in state["below"]], np.uint64)
        for group in range(shape[0]):
            for place in range(shape[1]):
                target = group if done == 0 else group * shape[1] + place
                start, end = np.searchsorted(interval, [target << bits, (target + 1) << bits])
                if start == end:
                    continue
                held = count[start:end].cumsum()
                chosen = int(np.searchsorted(held, rank[group, place]))
                rank[group, place] -= held[chosen] - count[start + chosen]
                digit = int(interval[start + chosen]) - (target << bits)
                below[group, place] += np.uint64(digit << low)
        found: dict[str, Any] = {
            "round": done + 1,
            "moments": kept,
            "n": n.tolist(),
            "rank": rank.tolist(),
            "below": [[str(one) for one in row] for row in below.tolist()],
        }
        if done + 1 == len(DIGITS):
            value = values_of(below)
            value[n == 0] = 0.0
            found |= {"value": value.tolist(), "steps": [_steps(row) for row in value]}
        return found

    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> TableEvidence:
        """Counts of persons with a value, the quantiles and who is near them."""
        rule = QuantileRule(
            self.probabilities,
            np.array(state["n"], np.int64),
            np.array(state["value"]),
            np.array(state["steps"]),
            merged["within"],
            merged["under"],
        )
        if not isinstance(self.checked.plan.analysis, Summary):
            return table(self, placed, view_population, further=(rule,))
        known = {name: np.array(one, _TYPES.get(name)) for name, one in state["moments"].items()}
        magnitude = magnitude_of(self.checked, self._asked.variable, placed, known)
        return table(self, placed, view_population, magnitude, further=(rule,))

    def follows(self, released: Released) -> tuple[Block, ...]:
        """boxes, of a box plot: {group, persons, p5, p25, p50, p75, p95}."""
        if not isinstance(self._asked, Boxplot):
            return ()
        axes = len(self._asked.by)
        names = [f"p{100 * one:g}" for one in self.probabilities]
        rows, marks = [], {}
        for at, cell in enumerate(released.cells):
            values = [cell.values["n"], *(cell.values[name] for name in names)]
            rows.append((*cell.codes, *values))
            if cell.values["n"] is None:
                marks.update({(at, axes + place): cell.mark for place in range(len(values))})
        name = self._asked.variable
        unit = self.checked.unit(name)
        columns = (
            *released.columns(axes),
            BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
            *(
                BlockColumn(one, "number", {"en": one, "nb": one}, unit)
                if one != "p50"
                else BlockColumn(one, "number", {"en": "median", "nb": "median"}, unit)
                for one in names
            ),
        )
        return (Block("boxes", {"en": "Box plot", "nb": "Boksplott"}, columns, tuple(rows), marks),)


def keys_of(x: NDArray[np.float64]) -> Keys:
    """uint64: whole numbers in the order of the numbers: negative ones have their bits turned, and
    zero has one sign."""
    bits = (x + 0.0).view(np.uint64)
    turned: Keys = np.where(bits & SIGN, ~bits, bits | SIGN)
    return turned


def values_of(keys: Keys) -> NDArray[np.float64]:
    """The numbers of keys."""
    bits = np.where(keys & SIGN, keys & ~SIGN, ~keys)
    return np.ascontiguousarray(bits).view(np.float64).copy()


def _steps(values: NDArray[np.float64]) -> list[float]:
    """1, 2 and 5 times powers of ten, from far below the quantiles' size to above it."""
    size = float(np.abs(values).max())
    decade = min(max(math.floor(math.log10(size)), -300), 300) if size else 0
    return [float(f"{m}e{decade + e}") for e in DECADES for m in MANTISSAS]
