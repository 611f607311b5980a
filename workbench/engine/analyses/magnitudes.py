"""Sums and ratios of described numbers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import scipy.special as sc

from disclosure.findings import Mark
from disclosure.results import Block, BlockColumn
from disclosure.rules.ratios import Ratio as RatioRule
from disclosure.tables import TableEvidence
from workbench.engine.analyses.computation import (
    Computation,
    Parts,
    State,
    computes,
    own,
    under,
)
from workbench.engine.analyses.moments import merged as together
from workbench.engine.analyses.moments import moments, rounded_sum
from workbench.engine.analyses.tables import Described, magnitude_of, table
from workbench.engine.placed import Placed
from workbench.engine.released import Released
from workbench.plan.nodes import Ratio, Totals
from workbench.sdk.compile import CELL

__all__ = ["Ratios", "Sums"]

NUMBERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("sum", {"en": "sum", "nb": "sum"}),
    ("mean", {"en": "mean", "nb": "gjennomsnitt"}),
    ("sd", {"en": "sd", "nb": "standardavvik"}),
    ("cv", {"en": "sd / mean", "nb": "standardavvik / gjennomsnitt"}),
    ("low", {"en": "mean, 95 % from", "nb": "gjennomsnitt, 95 % fra"}),
    ("high", {"en": "mean, 95 % to", "nb": "gjennomsnitt, 95 % til"}),
)


@computes(Totals)
class Sums(Described):
    """As a described number; what is released besides follows from its n, mean and sd."""

    def follows(self, released: Released) -> tuple[Block, ...]:
        """totals: {group, persons, sum, mean, sd, cv, low, high}; the sum is n times the mean."""
        asked = self.checked.plan.analysis
        if not isinstance(asked, Totals):
            raise TypeError("totals are asked for otherwise")
        axes = len(asked.by)
        rows: list[tuple[Any, ...]] = []
        marks: dict[tuple[int, int], Mark] = {}
        for at, cell in enumerate(released.cells):
            n, mean, sd = (cell.values[one] for one in ("n", "mean", "sd"))
            if n is None or mean is None or sd is None:
                rows.append((*cell.codes, n, *[None] * len(NUMBERS)))
                if cell.mark is not Mark.SHOWN:
                    marks.update({(at, axes + one): cell.mark for one in range(len(NUMBERS) + 1)})
                continue
            half = float(sc.stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)
            cv = sd / mean if mean else None
            rows.append((*cell.codes, n, n * mean, mean, sd, cv, mean - half, mean + half))
        unit = self.checked.unit(asked.variable)
        columns = (
            *released.columns(axes),
            BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
            *(
                BlockColumn(name, "number", label, "" if name == "cv" else unit)
                for name, label in NUMBERS
            ),
        )
        title = {"en": f"Totals of {asked.variable}", "nb": f"Summer av {asked.variable}"}
        return (Block("totals", title, columns, tuple(rows), marks),)


@computes(Ratio)
class Ratios(Computation):
    """The moments of both numbers and of their product."""

    squares = True

    @property
    def _asked(self) -> Ratio:
        asked = self.checked.plan.analysis
        if not isinstance(asked, Ratio):
            raise TypeError("a ratio is asked for otherwise")
        return asked

    def measured(self) -> Mapping[str, pl.Expr]:
        """Both numbers."""
        return {
            "x": pl.col(self._asked.numerator).cast(pl.Float64),
            "y": pl.col(self._asked.denominator).cast(pl.Float64),
        }

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """See moments; cross: Σxy."""
        x, y, cell = (frame[name].to_numpy() for name in ("x", "y", CELL))
        cells = self.checked.cells
        found = {"cross": np.bincount(cell, weights=x * y, minlength=cells).astype(np.float64)}
        for name, values in (("x", x), ("y", y)):
            found |= under(name, moments(values, cell, cells))
        return found

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """See moments."""
        found: dict[str, Any] = {"cross": rounded_sum([one["cross"] for one in parts])}
        for name in ("x", "y"):
            found |= under(name, together([own(one, name) for one in parts]))
        return found

    def evidence(
        self,
        placed: Placed,
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,
    ) -> TableEvidence:
        """Both numbers as magnitudes, and what the ratio needs."""
        both = [
            magnitude_of(self.checked, variable, placed, own(merged, name))
            for name, variable in (("x", self._asked.numerator), ("y", self._asked.denominator))
        ]
        return table(self, placed, view_population, *both, further=(RatioRule(merged["cross"]),))

    def follows(self, released: Released) -> tuple[Block, ...]:
        """ratios: {group, persons, ratio, se, low, high}."""
        axes = len(self._asked.by)
        rows: list[tuple[Any, ...]] = []
        marks: dict[tuple[int, int], Mark] = {}
        for at, cell in enumerate(released.cells):
            n = cell.values[f"{self._asked.numerator}.n"]
            ratio, error = cell.values["ratio"], cell.values["se"]
            ends: tuple[float | None, float | None] = (None, None)
            if ratio is not None and error is not None:
                ends = (ratio - 1.959963984540054 * error, ratio + 1.959963984540054 * error)
            rows.append((*cell.codes, n, ratio, error, *ends))
            if cell.mark is not Mark.SHOWN:
                marks.update({(at, axes + one): cell.mark for one in range(5)})
        columns = (
            *released.columns(axes),
            BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
            BlockColumn("ratio", "number", {"en": "ratio", "nb": "forhold"}),
            BlockColumn("se", "number", {"en": "standard error", "nb": "standardfeil"}),
            BlockColumn("low", "number", {"en": "95 % from", "nb": "95 % fra"}),
            BlockColumn("high", "number", {"en": "95 % to", "nb": "95 % til"}),
        )
        title = {
            "en": f"{self._asked.numerator} per {self._asked.denominator}",
            "nb": f"{self._asked.numerator} per {self._asked.denominator}",
        }
        return (Block("ratios", title, columns, tuple(rows), marks),)
