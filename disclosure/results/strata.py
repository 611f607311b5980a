"""Strata of events and person-time: which may be told, and bands merged until all of them may."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.rules.dominance import Contributions, concentrated
from disclosure.rules.means import capped, mean_digits
from disclosure.rules.threshold import small

__all__ = ["YEAR", "Strata", "all_bands", "merged_bands", "told"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
YEAR = 365.25
"""Days of a person-year."""


@dataclass(frozen=True)
class Strata:
    """(groups, bands, periods): events, persons with any time, moments of their days.

    cells: of each stratum (C order) the inner cells whose events it counts, in parts.
    """

    events: Ints
    persons: Ints
    days: Floats
    days_sq: Floats
    largest: Floats
    second: Floats
    cells: tuple[tuple[tuple[int, ...], ...], ...]

    def years(self, policy: Policy) -> Floats:
        """Person-years, so rounded that the largest share of one person stays open by p%."""
        pairs = zip(self.days.ravel().tolist(), self.largest.ravel().tolist(), strict=True)
        told = [capped(d / YEAR, mean_digits(1, most / YEAR, policy)) for d, most in pairs]
        return np.array(told).reshape(self.days.shape)


def told(strata: Strata, policy: Policy) -> NDArray[np.bool_]:
    """Strata with enough persons, with and without the event, whose time is no few persons' own."""
    t = policy.threshold
    others = np.maximum(strata.persons - strata.events, 0)
    few = (strata.persons < t) | small(strata.events, t) | small(others, t)
    short = strata.persons < policy.group_rows * t
    alike = short & ((strata.events == 0) | (others == 0))
    heavy = concentrated(
        Contributions(
            strata.persons, strata.days, strata.days_sq, strata.largest, strata.second, None, None
        ),
        policy,
    )
    found: NDArray[np.bool_] = ~(few | alike | heavy) & (strata.years(policy) > 0)
    return found


def merged_bands(strata: Strata, policy: Policy) -> tuple[Strata, tuple[tuple[int, ...], ...]]:
    """Neighbouring bands joined, in all groups alike, until each may be told in every group.

    Who had time in two joined bands is one person: as that is not known, the larger of both counts
    of persons stands for the joined one, and the sum of the largest times for the largest.
    """
    joined: list[list[int]] = []
    open_band: list[int] = []
    for band in range(strata.events.shape[1]):
        open_band.append(band)
        if told(_joined(strata, [open_band]), policy).all():
            joined.append(open_band)
            open_band = []
    if open_band and joined:
        joined[-1] += open_band
    elif open_band:
        joined.append(open_band)
    return _joined(strata, joined), tuple(tuple(one) for one in joined)


def all_bands(strata: Strata, persons: Ints) -> Strata:
    """Every band joined; persons: (groups,), as each is known to be in one group."""
    found = _joined(strata, [list(range(strata.events.shape[1]))])
    return replace(found, persons=persons[:, None, None])


def _joined(strata: Strata, bands: list[list[int]]) -> Strata:
    def each(values: NDArray[np.float64] | Ints, largest: bool = False) -> NDArray[np.float64]:  # noqa: FBT001, FBT002 - reads as a word
        parts = [values[:, one].max(axis=1) if largest else values[:, one].sum(axis=1)
                 for one in bands]  # fmt: skip
        return np.stack(parts, axis=1)

    groups, count, periods = strata.events.shape
    place = np.arange(groups * count * periods).reshape(groups, count, periods)
    cells = tuple(
        tuple(part for band in one for part in strata.cells[int(place[group, band, period])])
        for group in range(groups)
        for one in bands
        for period in range(periods)
    )
    events = each(strata.events).astype(np.int64)
    persons = np.maximum(each(strata.persons, largest=True).astype(np.int64), events)
    return Strata(
        events, persons, each(strata.days), each(strata.days_sq), each(strata.largest),
        each(strata.second), cells,
    )  # fmt: skip
