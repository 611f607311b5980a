"""Dominance: a sum or mean that one or two persons make up, or that counts a few, is withheld.

(1,k) and (2,k) rules, the p% rule (Hundepool et al. 2012, ch. 4), and three ways in which moments
give a small count away: two-valued variables, few non-zero contributors, no variation at all.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.tables import Magnitude, margins_of

__all__ = ["Contributions", "concentrated", "contributions", "finding", "joined"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Number = TypeVar("Number", np.int64, np.float64)
RELATIVE = 1e-9


@dataclass(frozen=True)
class Contributions:
    """A Magnitude (see tables) for cells of any kind: inner, margins, unions; of one shape."""

    n: Int
    total: Float
    total_sq: Float
    largest: Float
    second: Float
    contributors: Int | None
    rarest: Int | None
    """Of margins and unions: the sum over their cells, exact if the level is the same in all."""

    def at(self, where: Any) -> "Contributions":
        """Some of the cells, by any index of numpy's."""
        return Contributions(
            self.n[where],
            self.total[where],
            self.total_sq[where],
            self.largest[where],
            self.second[where],
            None if self.contributors is None else self.contributors[where],
            None if self.rarest is None else self.rarest[where],
        )


def contributions(magnitude: Magnitude) -> Contributions:
    """The inner cells with margins appended (see tables.margins_of)."""
    top = np.stack([magnitude.largest, magnitude.second])
    for axis in range(magnitude.n.ndim):
        ranked = np.sort(np.concatenate([top[0], top[1]], axis=axis), axis=axis)
        best = [np.take(ranked, [-1], axis=axis), np.take(ranked, [-2], axis=axis)]
        top = np.concatenate([top, np.stack(best)], axis=axis + 1)

    def summed(values: NDArray[Number]) -> NDArray[Number]:
        table: NDArray[Number] = margins_of(values)  # type: ignore[assignment]  # keeps its dtype
        return table

    return Contributions(
        summed(magnitude.n),
        summed(magnitude.total),
        summed(magnitude.total_sq),
        top[0],
        top[1],
        None if magnitude.contributors is None else summed(magnitude.contributors),
        None if magnitude.rarest is None else summed(magnitude.rarest),
    )


def joined(inner: Contributions, cells: NDArray[np.intp]) -> Contributions:
    """The union of inner cells (flat indices) as one cell, arrays of shape (1,)."""

    def summed(values: NDArray[Number]) -> NDArray[Number]:
        total: NDArray[Number] = values.ravel()[cells].sum(keepdims=True)
        return total

    best = np.sort(np.concatenate([inner.largest.ravel()[cells], inner.second.ravel()[cells]]))
    return Contributions(
        summed(inner.n),
        summed(inner.total),
        summed(inner.total_sq),
        best[-1:],
        best[-2:-1],
        None if inner.contributors is None else summed(inner.contributors),
        None if inner.rarest is None else summed(inner.rarest),
    )


def concentrated(cells: Contributions, policy: Policy) -> NDArray[np.bool_]:
    """bool: cells whose sum, mean or standard deviation must not be seen.

    Σ|x| is not known where signs are mixed; max(|Σx|, Σx²/max|x|) never exceeds it, so the rules
    are at worst stricter than their names.
    """
    some = cells.n > 0
    peak = np.where(cells.largest > 0, cells.largest, 1.0)
    whole = np.maximum(np.abs(cells.total), cells.total_sq / peak)
    one, two, p = (
        float(share) for share in (policy.dominance_one, policy.dominance_two, policy.p_percent)
    )
    dominated = (cells.largest > one * whole) | (cells.largest + cells.second > two * whole)
    close = whole - cells.largest - cells.second < p * cells.largest
    flagged = (cells.largest > 0) & (dominated | close)
    for few in (_fewest_events(cells), cells.contributors, cells.rarest):
        if few is not None:
            flagged |= (few > 0) & (few < policy.threshold)
    varying = cells.total_sq - np.square(cells.total) / np.maximum(cells.n, 1)
    uniform = varying <= RELATIVE * cells.total_sq
    short = cells.n < policy.group_rows * policy.threshold
    found: NDArray[np.bool_] = some & (flagged | (uniform & short))
    return found


def _fewest_events(cells: Contributions) -> Int:
    """Of a variable that takes 0 and one other value: the fewer of both; 0 for other variables."""
    peak = np.where(cells.largest > 0, cells.largest, 1.0)
    two_valued = np.abs(cells.total_sq - peak * np.abs(cells.total)) <= RELATIVE * cells.total_sq
    events = np.rint(np.abs(cells.total) / peak).astype(np.int64)
    others = cells.n - events
    fewest = np.where(others > 0, np.minimum(events, others), events)
    return np.where(two_valued & (cells.largest > 0), fewest, 0).astype(np.int64)


def finding(cells: int) -> Finding:
    """Says how many cells were withheld because few persons make up their value."""
    return Finding(
        "dominance",
        Severity.WITHHELD,
        {
            "en": f"{cells} values are withheld: a few persons make up most of them.",
            "nb": f"{cells} verdier er holdt tilbake: noen få personer utgjør det meste av dem.",
        },
        {
            "en": "Merge categories, or cap the variable's highest values.",
            "nb": "Slå sammen kategorier, eller sett et tak på variabelens høyeste verdier.",
        },
        cells,
    )
