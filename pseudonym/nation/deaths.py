"""Deaths: the earliest of what ages, illnesses and tumours bring, with its cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from pseudonym.nation.calendar import END, FAR, age_at, day_at, days_of, year_of
from pseudonym.nation.dice import Days, Floats, Ints, Seed, onset, season, step
from pseudonym.nation.illness import TOLLS
from pseudonym.nation.people import People
from pseudonym.nation.sites import SITES
from pseudonym.nation.tumours import Tumours

__all__ = ["Deaths", "deaths"]


@dataclass(frozen=True)
class Deaths:
    """By person: the day (FAR: not seen to die), the cause (a place in `codes`), and `last`, the
    last day on which the person is in the registers: death, emigration or the end."""

    day: Days
    cause: Ints
    codes: tuple[str, ...]
    last: Days


_BECOMES: Final = {"F10": "K70", "F32": "X70"}
_OLD: Final = {
    "I25": 0.20, "I63": 0.10, "I61": 0.05, "J18": 0.13, "F03": 0.10, "I50": 0.07, "C18": 0.06,
    "N39": 0.05, "W19": 0.06, "A41": 0.05, "R99": 0.13,
}  # fmt: skip
_MIDDLE: Final = {
    "I25": 0.24, "I61": 0.07, "C25": 0.10, "J18": 0.06, "K70": 0.09, "X70": 0.09, "X42": 0.06,
    "W19": 0.05, "I71": 0.06, "R99": 0.18,
}  # fmt: skip
_YOUNG: Final = {"X70": 0.34, "X42": 0.20, "V89": 0.16, "W19": 0.08, "G40": 0.06, "R99": 0.16}
_INFANT: Final = {"P07": 0.35, "P22": 0.2, "Q21": 0.3, "R99": 0.15}
_BASE: Final = (1.75, 1.15, 0.098, 0.105)
"""Deaths of nothing in particular a 1,000 person-years at 60 (men, women), and slopes of age."""
_YOUTH: Final = (0.38, 0.16)
"""Deaths by accident, violence and drugs a 1,000 person-years between 15 and 60."""
_COVID: Final = {2020: 0.08, 2021: 0.11, 2022: 0.55, 2023: 0.16}
"""Deaths of covid-19 a 1,000 person-years at 70."""


def deaths(seed: Seed, folk: People, began: Mapping[str, Days], found: Tumours) -> Deaths:
    """When each person dies, of what, and the last day in the registers."""
    dice = seed.dice("death")
    pools = (_OLD, _MIDDLE, _YOUNG, _INFANT)
    codes = tuple(dict.fromkeys([
        *TOLLS, *_BECOMES.values(), *SITES, "U07",
        *(code for pool in pools for code in pool),
    ]))  # fmt: skip
    ways = [
        *_by_age(dice, folk, codes),
        *_by_illness(dice, folk, began, codes),
        *_by_tumour(found, len(folk), codes),
        _covid(dice, folk, codes),
    ]
    day = np.full(len(folk), FAR)
    cause = np.zeros(len(folk), np.int64)
    for when, of in ways:
        sooner = when < day
        day, cause = np.where(sooner, when, day), np.where(sooner, of, cause)
    day = np.where((day > END) | (day > folk.leave), FAR, np.maximum(day, folk.entry))
    last = np.minimum(np.minimum(day, folk.leave), END)
    return Deaths(day, cause, codes, last)


Way = tuple[Days, Ints]
"""A day of death and its cause, by person."""


def _by_age(dice: np.random.Generator, folk: People, codes: tuple[str, ...]) -> list[Way]:
    """What nobody in particular is spared: old age, accidents in youth, the first year of life."""
    since = age_at(folk.birth, folk.entry)
    rate = np.where(folk.male, _BASE[0], _BASE[1]) / 1000 * (0.7 + 0.3 * folk.frailty)
    rate = rate * np.array([1.0, 1.2, 2.0])[folk.smoking]
    rate = rate * np.array([1.35, 1.1, 0.85, 0.75])[folk.education]
    rate = rate * np.exp(-0.012 * (year_of(folk.birth) + 60 - 2019))
    men = day_at(folk.birth, onset(dice, np.where(folk.male, rate, 0), _BASE[2] - 0.012, since))
    women = day_at(folk.birth, onset(dice, np.where(folk.male, 0, rate), _BASE[3] - 0.012, since))
    aged = np.minimum(men, women)
    aged = np.where(
        aged < FAR, season(dice, np.where(aged < FAR, aged, 0), np.full(len(folk), 0.08), 0.03), FAR
    )
    old = age_at(folk.birth, np.minimum(aged, END)) >= 70
    of = np.where(
        old, _drawn(dice, _OLD, len(folk), codes), _drawn(dice, _MIDDLE, len(folk), codes)
    )
    rate = np.where(folk.male, _YOUTH[0], _YOUTH[1]) / 1000
    rate = rate * np.array([1.6, 1.1, 0.6, 0.5])[folk.education]
    young = day_at(folk.birth, onset(dice, rate, 0.0, np.maximum(since, 15)))
    newborn = (folk.entry == folk.birth) & (dice.random(len(folk)) < 0.0021)
    weeks = folk.birth + np.floor(dice.exponential(25.0, len(folk))).astype(np.int64).clip(0, 360)
    return [
        (aged, of),
        (young, _drawn(dice, _YOUNG, len(folk), codes)),
        (np.where(newborn, weeks, FAR), _drawn(dice, _INFANT, len(folk), codes)),
    ]


def _by_illness(
    dice: np.random.Generator, folk: People, began: Mapping[str, Days], codes: tuple[str, ...]
) -> list[Way]:
    """Deaths in the weeks after an illness has begun, and of it in the years to come."""
    ways = []
    for code, toll in TOLLS.items():
        day = began[code]
        seen = (day < FAR) & (day >= folk.entry)
        age = age_at(folk.birth, np.where(day < FAR, day, 0))
        share = np.clip(toll.soon * np.exp(toll.soon_slope * (age - 60)), 0, 0.7) * seen
        weeks = np.floor(dice.exponential(6.0, len(folk))).astype(np.int64).clip(0, 28)
        soon = np.where(dice.random(len(folk)) < share, day + weeks, FAR)
        since = np.maximum(age_at(folk.birth, np.maximum(day, folk.entry)), 0)
        ill = np.where(day < FAR, toll.later / 1000, 0.0)
        later = day_at(folk.birth, onset(dice, ill, toll.later_slope, np.minimum(since, 200.0)))
        of = np.full(len(folk), codes.index(_BECOMES.get(code, code)))
        ways.append((np.minimum(soon, later), of))
    return ways


def _by_tumour(found: Tumours, persons: int, codes: tuple[str, ...]) -> list[Way]:
    """The tumour that kills first."""
    day = np.full(persons, FAR)
    cause = np.zeros(persons, np.int64)
    sites = np.array([codes.index(code) for code in SITES])
    late_first = np.argsort(-found.fatal, kind="stable")
    who = found.person[late_first]
    day[who], cause[who] = found.fatal[late_first], sites[found.site[late_first]]
    return [(day, cause)]


def _covid(dice: np.random.Generator, folk: People, codes: tuple[str, ...]) -> Way:
    day = np.full(len(folk), FAR)
    for year, rate in _COVID.items():
        first, last = days_of(year)
        age = age_at(folk.birth, first)
        share = rate / 1000 * np.exp(0.095 * (age - 70)) * folk.frailty
        drawn = first + np.floor(dice.random(len(folk)) * (last - first)).astype(np.int64)
        drawn = np.maximum(drawn, first + (60 if year == 2020 else 0))
        struck = (dice.random(len(folk)) < share) & (drawn >= folk.entry)
        day = np.minimum(day, np.where(struck, drawn, FAR))
    return day, np.full(len(folk), codes.index("U07"))


def _drawn(
    dice: np.random.Generator, pool: Mapping[str, float], size: int, codes: tuple[str, ...]
) -> Ints:
    places = np.array([codes.index(code) for code in pool])
    weights: Floats = np.array(list(pool.values()))
    return places[step(dice, weights, size)]
