"""Quantiles: enough persons on both sides, and enough on both within what the value is rounded to.

Rounding alone is no help where somebody is alone in the middle: whoever moves the others learns by
which of them the quantile is taken. So the persons who come before and after in order must round to
the same, threshold - 1 of them on each side: whatever so many persons' values were, so would be the
answer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.further import Further, Told
from disclosure.policy import Policy
from disclosure.statistics import Judged

__all__ = ["Quantiles"]

Int = NDArray[np.int64]
Float = NDArray[np.float64]

QUARTILES, TWENTIETHS, HUNDREDTHS = 4, 20, 100
"""Persons that a group needs, in thresholds: those between two neighbouring quantiles that may be
asked for are then never fewer than the threshold."""


@dataclass(frozen=True)
class Quantiles(Further):
    """at: probabilities. n: (cells,), persons with a value in each inner cell, C order. value:
    (cells, at), the nearest-rank quantiles. steps: (cells, steps), ascending rounding steps.
    within: (cells, at, steps), persons whose value rounds to the same as the quantile does; under:
    of the same shape, persons whose value rounds to less.
    """

    at: tuple[float, ...]
    n: Int
    value: Float
    steps: Float
    within: Int
    under: Int

    def judged(self, judged: Sequence[Judged], policy: Policy) -> Told:
        """Each cell's quantiles, each rounded by the finest step that holds the threshold."""
        names = [f"p{100 * one:g}" for one in self.at]
        rows: list[Mapping[str, float | int | None]] = [
            self._rounded(cell, names, policy.threshold) for cell in range(self.n.size)
        ]
        inner = judged[0].lattice.inner.ravel()
        placed = iter(rows)
        empty: Mapping[str, float | int | None] = dict.fromkeys(names)
        values = [next(placed) if one else empty for one in inner.tolist()]
        shown = judged[0].shown.ravel()[inner]
        withheld = sum(
            value is None
            for row, seen in zip(rows, shown.tolist(), strict=True)
            if seen
            for value in row.values()
        )
        return Told(values, (_finding(withheld, policy.threshold),) if withheld else ())

    def _rounded(
        self, cell: int, names: list[str], threshold: int
    ) -> Mapping[str, float | int | None]:
        n = int(self.n[cell])
        rank = np.array([max(1, math.ceil(round(one * n, 9))) for one in self.at])[:, None]
        before = rank - self.under[cell]
        after = self.under[cell] + self.within[cell] - rank + 1
        held = np.minimum(before, after) >= threshold
        found: dict[str, float | int | None] = dict.fromkeys(names)
        for place, name in enumerate(names):
            enough = n >= _persons(self.at[place]) * threshold
            if enough and held[place].any():
                step = float(self.steps[cell, held[place].argmax()])
                found[name] = _nearest(float(self.value[cell, place]), step)
        return found


def _persons(probability: float) -> int:
    if probability in (0.25, 0.5, 0.75):
        return QUARTILES
    return TWENTIETHS if 0.05 <= probability <= 0.95 else HUNDREDTHS


def _nearest(value: float, step: float) -> float:
    return float(f"{np.rint(value / step) * step:.12g}") + 0.0


def _finding(values: int, threshold: int) -> Finding:
    return Finding(
        "quantiles",
        Severity.WITHHELD,
        {
            "en": f"{values} quantiles are withheld: a group needs {QUARTILES * threshold} persons "
            f"for quartiles, {TWENTIETHS * threshold} for twentieths and "
            f"{HUNDREDTHS * threshold} for p1 and p99, and {threshold} near each value on both "
            "sides.",
            "nb": f"{values} kvantiler er holdt tilbake: en gruppe må ha {QUARTILES * threshold} "
            f"personer for kvartiler, {TWENTIETHS * threshold} for tjuedeler og "
            f"{HUNDREDTHS * threshold} for p1 og p99, og {threshold} nær hver verdi på begge "
            "sider.",
        },
        {
            "en": "Use larger groups, or quartiles alone.",
            "nb": "Bruk større grupper, eller bare kvartiler.",
        },
        values,
    )
