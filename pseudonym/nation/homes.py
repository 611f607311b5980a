"""Where each person lives and when: first home, moves, and children who move with their mother."""

from dataclasses import dataclass

import numpy as np

from pseudonym.nation.calendar import FAR
from pseudonym.nation.dice import Days, Ints, Seed, step
from pseudonym.nation.people import People
from pseudonym.nation.places import places

__all__ = ["Homes", "home_on", "homes"]

_OWN = 3
"""Moves of one's own that are kept; few have more in ten years."""
_GROWN = 18 * 365 + 4


@dataclass(frozen=True)
class Homes:
    """first: municipality at entry, (n,). day, to: moves in order of time, (n, 6), FAR for none."""

    first: Ints
    day: Days
    to: Ints


def homes(seed: Seed, folk: People, mother: Ints, last: Days) -> Homes:
    """The homes of a block; nobody moves on the last day or later.

    mother: her place in the block, -1 for none that is known.
    """
    dice = seed.dice("homes")
    size = len(folk)
    own, there = _own(dice, folk, last)
    first = folk.home.copy()
    child = mother >= 0
    small = child & (folk.birth + _GROWN > folk.entry)
    for _ in range(3):  # a mother may be a child of the block herself
        hers = np.where(small, mother, 0)
        first = np.where(small, home_on(first, own, there, hers, folk.entry), first)
    hers = np.where(small, mother, 0)
    grown = folk.birth + _GROWN
    day, to = own[hers], there[hers]
    with_her = (
        small[:, None] & (day > folk.entry[:, None]) & (day < np.minimum(grown, last)[:, None])
    )
    day = np.concatenate([np.where(with_her, day, FAR), own], axis=1)
    to = np.concatenate([to, there], axis=1)
    order = np.argsort(day, axis=1, kind="stable")
    rows = np.arange(size)[:, None]
    return Homes(first, day[rows, order], to[rows, order])


def home_on(first: Ints, day: Days, to: Ints, who: Ints, on: Days) -> Ints:
    """The municipality of persons `who` on the days `on`; moves of a row are in order of time."""
    home = first[who]
    for move in range(day.shape[1]):
        home = np.where(day[who, move] <= on, to[who, move], home)
    return home


def _own(dice: np.random.Generator, folk: People, last: Days) -> tuple[Days, Ints]:
    """Moves that a grown person decides on, (n, 3), in order of time, after the entry."""
    size = len(folk)
    where = places()
    day = np.full((size, _OWN), FAR)
    to = np.zeros((size, _OWN), np.int64)
    since, home = folk.entry, folk.home
    for move in range(_OWN):
        age = (since - folk.birth) / 365.25
        rate = np.interp(
            age, [0, 18, 20, 28, 36, 50, 70, 95], [0.10, 0.10, 0.12, 0.12, 0.05, 0.02, 0.01, 0.015]
        )
        wait = np.floor(dice.exponential(size=size) / rate * 365.25).astype(np.int64) + 30
        when = np.maximum(since, folk.birth + _GROWN) + wait
        near = dice.random(size) < 0.5
        anywhere = step(dice, where.share, size)
        to[:, move] = np.where(near, _same_county(dice, home), anywhere)
        happens = (when < last) & (to[:, move] != home)
        day[:, move] = np.where(happens, when, FAR)
        since = np.where(happens, when, np.maximum(when, since))
        home = np.where(happens, to[:, move], home)
    order = np.argsort(day, axis=1, kind="stable")
    rows = np.arange(size)[:, None]
    return day[rows, order], to[rows, order]


def _same_county(dice: np.random.Generator, home: Ints) -> Ints:
    """Another municipality of the same county, the larger the likelier."""
    where = places()
    edges = np.concatenate([[0.0], np.cumsum(where.share)])
    first = np.searchsorted(where.county, where.county, side="left")
    last = np.searchsorted(where.county, where.county, side="right")
    low, high = edges[first[home]], edges[last[home]]
    drawn = low + dice.random(len(home)) * (high - low)
    found: Ints = np.searchsorted(edges, drawn, side="right") - 1
    return found.clip(first[home], last[home] - 1)
