"""Concentration: shares of parts that each hold enough persons, none in the hands of one or two."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.further import Further, Told
from disclosure.policy import Policy
from disclosure.rules.dominance import Contributions
from disclosure.rules.means import capped
from disclosure.statistics import Judged

__all__ = ["PARTS", "Concentration"]

PARTS = 20
PERSONS = 3
"""Thresholds of persons that a group needs for Gini's coefficient."""
FINEST = 4
Values = dict[str, float | int | None]


@dataclass(frozen=True)
class Concentration(Further):
    """gini: (cells,). shares: (cells, PARTS - 1), the share of the sum that the lowest 1/PARTS,
    2/PARTS, … of the persons hold. Of the inner cells, C order."""

    gini: NDArray[np.float64]
    shares: NDArray[np.float64]

    def judged(self, judged: Sequence[Judged], policy: Policy) -> Told:
        """{gini, l5, l10, …, l95}: as fine as every part has the threshold, without the top parts
        that one or two persons dominate, and with digits that leave the largest open."""
        cells = judged[0].cells
        if cells is None:
            raise ValueError("concentration is of a described number")
        names = ["gini", *(f"l{100 * at // PARTS}" for at in range(1, PARTS))]
        inner = judged[0].lattice.inner.ravel()
        rows = iter(range(self.gini.size))
        values: list[Mapping[str, float | int | None]] = []
        withheld = 0
        for place, inside in enumerate(inner.tolist()):
            empty: Values = dict.fromkeys(names)
            if inside:
                found = self._shown(next(rows), cells, place, policy)
                empty |= found
                if judged[0].shown.flat[place]:
                    withheld += not found
            values.append(empty)
        return Told(values, (_finding(withheld, policy.threshold),) if withheld else ())

    def _shown(self, row: int, cells: Contributions, place: int, policy: Policy) -> Values:
        t, n = policy.threshold, int(cells.n.flat[place])
        total = float(cells.total.flat[place])
        if n < PERSONS * t or total <= 0:
            return {}
        largest, second = float(cells.largest.flat[place]), float(cells.second.flat[place])
        digits = _digits(float(policy.p_percent) * largest / total)
        found: Values = {"gini": capped(float(self.gini[row]), digits)}
        step = next((one for one in (1, 2, 4, 5, 10) if n * one >= PARTS * t), None)
        for at in range(step or PARTS, PARTS, step or PARTS):
            share = float(self.shares[row, at - 1])
            if not _dominated((1 - share) * total, largest, second, policy):
                found[f"l{100 * at // PARTS}"] = capped(share, digits)
        return found


def _dominated(total: float, largest: float, second: float, policy: Policy) -> bool:
    """Whether one or two persons make up most of what the persons at the top hold."""
    return (
        largest > float(policy.dominance_one) * total
        or largest + second > float(policy.dominance_two) * total
        or total - largest - second < float(policy.p_percent) * largest
    )


def _digits(half_width: float) -> int:
    """The most decimals d with 0.5 · 10^-d ≥ half_width, at most FINEST."""
    if half_width <= 0:
        return FINEST
    return min(FINEST, math.floor(-math.log10(2 * half_width)))


def _finding(groups: int, threshold: int) -> Finding:
    return Finding(
        "concentration",
        Severity.WITHHELD,
        {
            "en": f"Of {groups} groups nothing is told: fewer than {PERSONS * threshold} persons, "
            "or nothing to share.",
            "nb": f"Om {groups} grupper sies ingenting: færre enn {PERSONS * threshold} personer, "
            "eller ingenting å dele.",
        },
        {"en": "Use larger groups.", "nb": "Bruk større grupper."},
        groups,
    )
