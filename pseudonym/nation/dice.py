"""Seeded chance: one stream a block and topic, so that what is drawn depends on nothing else."""

import hashlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["Days", "Floats", "Ints", "Mask", "Seed", "onset", "season", "step", "thin"]

Days = NDArray[np.int64]
"""Days since 1970-01-01; FAR (pseudonym.nation.calendar) for never."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Seed:
    """The nation's seed and a block's number: gives every topic a generator of its own."""

    def __init__(self, seed: int, block: int, size: int) -> None:
        self._root = f"nation 1/{seed}/{block}/{size}"

    def dice(self, topic: str) -> np.random.Generator:
        """The generator of a topic; the same every time it is asked for."""
        key = hashlib.sha256(f"{self._root}/{topic}".encode()).digest()
        return np.random.Generator(np.random.Philox(key=int.from_bytes(key[:16], "big")))


def onset(
    dice: np.random.Generator, rate: Floats, slope: float, since: Floats, *, pivot: float = 60.0
) -> Floats:
    """Ages of first events under the Gompertz hazard rate · exp(slope · (age − pivot)), (n,).

    rate: a year, at the pivot age, by person; since: the age from which a person is at risk. The
    cumulative hazard is inverted, so one exponential draw a person is enough. inf: never.
    """
    drawn = dice.exponential(size=len(rate))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if abs(slope) < 1e-9:
            return np.where(rate > 0, since + drawn / rate, np.inf)
        reached = np.exp(slope * (since - pivot)) + slope * drawn / rate
        ages = pivot + np.log(reached) / slope
    return np.where((rate > 0) & np.isfinite(ages), ages, np.inf)


def step(dice: np.random.Generator, weights: Floats, count: int) -> Ints:
    """`count` indices drawn with these weights, (count,)."""
    edges = np.cumsum(weights)
    return np.searchsorted(edges / edges[-1], dice.random(count), side="right").clip(
        0, len(weights) - 1
    )


def season(dice: np.random.Generator, days: Days, swing: Floats, peak: float) -> Days:
    """Move days within their year so that the density is 1 + swing · cos(2π (t − peak)).

    swing: by event, 0 to 1; peak: share of the year at which most happens (0.04 is mid-January).
    A day is proposed anew at random and taken with the odds of the density, else it stays.
    """
    year = days.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
    first = year.astype(np.int64)
    proposed = np.floor(dice.random(len(days)) * 365).astype(np.int64)
    now, then = (days - first) / 365.25, proposed / 365.25
    odds = (1 + swing * np.cos(2 * np.pi * (then - peak))) / (
        1 + swing * np.cos(2 * np.pi * (now - peak))
    )
    taken = (swing > 0) & (dice.random(len(days)) < odds)
    return np.where(taken, first + proposed, days)


def thin(dice: np.random.Generator, share: Floats) -> Mask:
    """True with each one's probability."""
    return dice.random(len(share)) < share
