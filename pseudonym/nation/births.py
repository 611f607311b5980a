"""Births from 1999 on: mothers for the children, pregnancies, weights, smoking.

Children are drawn with the population; here each one born in Norway finds a mother in its block:
of a likely age, in the country and alive on the day, with at least ten months to her next child.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pseudonym.nation.calendar import FAR, year_of
from pseudonym.nation.dice import Days, Floats, Ints, Mask, Seed
from pseudonym.nation.people import People

__all__ = ["FIRST_YEAR", "Births", "births", "mothers"]

FIRST_YEAR: Final = 1999
"""The year from which smoking is asked for; earlier births only count for parity."""
_LINKED_FROM: Final = 1980
_APART: Final = 300
_TRIES: Final = 8


@dataclass(frozen=True)
class Births:
    """One entry a birth. child, mother: places in the block (mother -1: not in the population).

    weight: grams; weeks: completed, of gestation; smoking: 0 no, 1 sometimes, 2 daily, -1 not
    answered; parity: earlier births, -1 where the mother is not known; age: hers, -1 likewise.
    """

    child: Ints
    mother: Ints
    weight: Ints
    weeks: Ints
    smoking: Ints
    parity: Ints
    age: Ints


def mothers(seed: Seed, folk: People, last: Days) -> Ints:
    """Each person's mother, (n,): a place in the block, or -1. last: the last day in Norway."""
    dice = seed.dice("mothers")
    mother = np.full(len(folk), -1)
    born = year_of(folk.birth)
    women = np.flatnonzero(~folk.male)
    women = women[np.argsort(folk.birth[women], kind="stable")]
    starts = folk.birth[women]
    children = np.flatnonzero(
        (folk.origin == 0) & (born >= _LINKED_FROM) & (dice.random(len(folk)) < 0.97)
    )
    for _ in range(_TRIES):
        open_ = children[mother[children] < 0]
        if not len(open_) or not len(women):
            break
        mean = np.interp(born[open_], [1980, 2000, 2023], [26.0, 29.0, 31.3])
        age = np.clip(dice.normal(mean, 4.9), 16.0, 46.0)
        wanted = folk.birth[open_] - np.floor(age * 365.25).astype(np.int64)
        near = np.searchsorted(starts, wanted).clip(0, len(women) - 1)
        reach = max(1, len(women) // 400)
        near = (near + dice.integers(-reach, reach + 1, len(open_))).clip(0, len(women) - 1)
        hers = women[near]
        mother[open_] = np.where(_may(folk, last, open_, hers), hers, -1)
        _spaced(folk, mother)
    return mother


def _may(folk: People, last: Days, child: Ints, mother: Ints) -> Mask:
    """Whether she can be the mother: her age, and alive and in the country on the day."""
    day = folk.birth[child]
    age = (day - folk.birth[mother]) / 365.25
    here = (folk.arrival[mother] <= day) & (last[mother] > day)
    may: Mask = (age >= 15.2) & (age < 49.9) & here & (mother != child)
    return may


def _spaced(folk: People, mother: Ints) -> None:
    """Take the mother from a child that came too soon after the one before."""
    linked = np.flatnonzero(mother >= 0)
    order = linked[np.lexsort((folk.birth[linked], mother[linked]))]
    gap = np.diff(folk.birth[order], prepend=-FAR)
    same = np.diff(mother[order], prepend=-1) == 0
    mother[order[same & (gap < _APART)]] = -1


def births(seed: Seed, folk: People, mother: Ints, death: Days) -> Births:
    """The births of FIRST_YEAR and later of persons born in Norway."""
    dice = seed.dice("births")
    born = year_of(folk.birth)
    child = np.flatnonzero((folk.origin == 0) & (born >= FIRST_YEAR))
    hers = mother[child]
    known = hers >= 0
    year = born[child]
    parity = np.where(known, _parity(folk, mother)[child], -1)
    age = np.where(known, np.floor((folk.birth[child] - folk.birth[hers]) / 365.25), -1)
    smoking = _smoking(dice, folk, hers, year)
    infant = (death[child] - folk.birth[child]) < 365
    weeks = _weeks(dice, smoking, infant, parity)
    weight = _weight(dice, folk, child, hers, weeks, smoking, parity)
    return Births(child, hers, weight, weeks, smoking, parity, age.astype(np.int64))


def _parity(folk: People, mother: Ints) -> Ints:
    """How many children she had before, by person, (n,)."""
    linked = np.flatnonzero(mother >= 0)
    order = linked[np.lexsort((folk.birth[linked], mother[linked]))]
    place = np.arange(len(order))
    start = np.flatnonzero(np.diff(mother[order], prepend=-1) != 0)
    first = np.repeat(start, np.diff(start, append=len(order)))
    parity = np.zeros(len(folk), np.int64)
    parity[order] = place - first
    return parity


def _smoking(dice: np.random.Generator, folk: People, mother: Ints, year: Ints) -> Ints:
    """At the beginning of pregnancy: what her habits are, and the earlier the more so."""
    habit = np.where(mother >= 0, folk.smoking[mother], dice.integers(0, 3, len(year)))
    daily = np.array([0.0, 0.0, 0.80])[habit]
    quit_since = np.interp(year, [1999, 2010, 2023], [0.55, 0.25, 0.05])
    daily = np.where(
        habit == 1, quit_since * 0.8, daily * np.interp(year, [1999, 2023], [1.0, 0.35])
    )
    now = np.where(habit > 0, 0.08, 0.0)
    drawn = dice.random(len(year))
    told = np.where(drawn < daily, 2, np.where(drawn < daily + now, 1, 0))
    return np.where(dice.random(len(year)) < 0.06, -1, told).astype(np.int64)


def _weeks(dice: np.random.Generator, smoking: Ints, infant: Mask, parity: Ints) -> Ints:
    early = np.where(smoking == 2, 0.075, 0.055) + np.where(parity == 0, 0.012, 0.0)
    early = np.where(infant, 0.55, early)
    preterm = dice.random(len(smoking)) < early
    before = 36 - np.floor(dice.exponential(np.where(infant, 6.0, 1.9)))
    term = np.round(dice.normal(39.6, 1.15, len(smoking))).clip(37, 43)
    return np.where(preterm, before.clip(22, 36), term).astype(np.int64)


def _weight(
    dice: np.random.Generator, folk: People, child: Ints, mother: Ints, weeks: Ints, smoking: Ints,
    parity: Ints,
) -> Ints:  # fmt: skip
    """Grams, by gestation (Norway's curves in round figures), sex, smoking, parity, her weight."""
    mean = np.interp(weeks, [22, 26, 30, 34, 37, 40, 43], [480, 880, 1480, 2350, 3030, 3600, 3860])
    mean = mean + np.where(folk.male[child], 60, -60) * np.minimum(mean / 3500, 1)
    mean = mean - np.array([0, 90, 200])[np.maximum(smoking, 0)] * np.minimum(mean / 3500, 1)
    mean = mean + np.where(parity > 0, 110, -20) * np.minimum(mean / 3500, 1)
    mean = mean + np.where(mother >= 0, 14 * (folk.bmi[mother] - 26.3), 0.0)
    spread: Floats = 0.125 * mean
    return np.round(dice.normal(mean, spread).clip(300, 6200) / 5).astype(np.int64) * 5
