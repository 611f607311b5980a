"""Lasting illness: when each condition begins, by age, sex, smoking, weight, schooling and place.

A condition's hazard is rate · exp(slope · (age − 60)), times what the person brings along, times
exp(trend) a calendar year counted from 2019: the same Gompertz form in age for each birth year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from pseudonym.nation.calendar import FAR, age_at, day_at, year_of
from pseudonym.nation.dice import Days, Floats, Seed, onset, season
from pseudonym.nation.people import People
from pseudonym.nation.places import places

__all__ = ["CONDITIONS", "TOLLS", "Condition", "Toll", "begin", "risk"]


@dataclass(frozen=True)
class Condition:
    """men, women: first events a 1,000 person-years at 60 for a never-smoker of middling habits.

    slope: of the log hazard, a year of age; smoke: relative rate of current smokers; bmi: log
    relative rate a kg/m² above 26; school: relative rate of primary schooling; trend: a calendar
    year; after: relative rate once another condition has begun; winter: seasonal swing; place:
    whether the counties' heart risk counts; since: the earliest age.
    """

    men: float
    women: float
    slope: float
    smoke: float = 1.0
    bmi: float = 0.0
    school: float = 1.0
    trend: float = 0.0
    after: tuple[tuple[str, float], ...] = ()
    winter: float = 0.0
    place: bool = False
    since: float = 0.0


@dataclass(frozen=True)
class Toll:
    """soon: share who die within weeks of its beginning, at 60, and its log slope in age; later:
    deaths of it a 1,000 person-years from then on, at 60, and its slope."""

    soon: float
    soon_slope: float
    later: float
    later_slope: float


CONDITIONS: Final[Mapping[str, Condition]] = {
    "E10": Condition(0.085, 0.065, -0.025, since=1),
    "E11": Condition(4.3, 2.7, 0.040, 1.3, 0.13, 1.35, 0.005, since=20),
    "I10": Condition(14.0, 12.0, 0.035, 1.1, 0.06, 1.15, since=25),
    "E78": Condition(17.0, 15.0, 0.045, 1.2, 0.03, 1.1, since=35),
    "I48": Condition(4.6, 2.6, 0.085, 1.15, 0.045, 1.05, 0.01, place=True, since=20),
    "I21": Condition(
        2.9,
        1.0,
        0.058,
        2.4,
        0.025,
        1.35,
        -0.03,
        (("E11", 1.9), ("I10", 1.3)),
        0.13,
        place=True,
        since=25.0,
    ),
    "I63": Condition(
        1.8,
        1.1,
        0.075,
        1.9,
        0.02,
        1.25,
        -0.02,
        (("I48", 2.6), ("I10", 1.5)),
        0.06,
        place=True,
        since=20.0,
    ),
    "I50": Condition(
        1.6,
        0.9,
        0.095,
        1.4,
        0.05,
        1.3,
        -0.01,
        (("I21", 4.0), ("I48", 2.6), ("E11", 1.6)),
        0.12,
        place=True,
        since=30.0,
    ),
    "J44": Condition(0.95, 0.85, 0.060, 9.0, -0.02, 1.6, -0.005, (), 0.1, place=True, since=35.0),
    "J45": Condition(1.5, 2.0, -0.012, 1.2, 0.03, 1.1, since=3),
    "F32": Condition(3.6, 6.4, -0.010, 1.5, 0.01, 1.4, 0.01, since=12),
    "F90": Condition(0.06, 0.035, -0.075, since=6, trend=0.03),
    "E03": Condition(1.0, 4.0, 0.012, bmi=0.02, since=5),
    "M05": Condition(0.35, 0.70, 0.025, 1.6, since=18),
    "M81": Condition(0.7, 3.6, 0.055, 1.3, -0.05, since=45),
    "N40": Condition(8.0, 0.0, 0.060, since=45),
    "K21": Condition(6.0, 7.0, 0.012, 1.2, 0.04, 1.15, since=15),
    "L40": Condition(0.9, 0.9, 0.005, 1.3, 0.03, since=10),
    "G40": Condition(0.5, 0.45, 0.012, since=1),
    "G43": Condition(0.7, 2.4, -0.02, since=10),
    "G20": Condition(0.50, 0.33, 0.090, 0.6, since=40),
    "F03": Condition(0.62, 0.68, 0.150, 1.2, 0.0, 1.3, since=50),
    "N18": Condition(1.1, 0.8, 0.075, 1.2, 0.03, 1.2, after=(("E11", 2.2),), since=30),
    "F10": Condition(1.3, 0.5, -0.005, 3.0, 0.0, 1.9, since=18),
}
"""In an order in which every `after` stands before; the rates give Norway's in round figures."""
TOLLS: Final[Mapping[str, Toll]] = {
    "I21": Toll(0.07, 0.055, 3.0, 0.07),
    "I63": Toll(0.05, 0.05, 3.0, 0.07),
    "I50": Toll(0.03, 0.04, 11.0, 0.05),
    "J44": Toll(0.01, 0.04, 6.0, 0.06),
    "E11": Toll(0.0, 0.0, 0.9, 0.07),
    "E10": Toll(0.0, 0.0, 2.0, 0.04),
    "F03": Toll(0.0, 0.0, 27.0, 0.045),
    "G20": Toll(0.0, 0.0, 12.0, 0.06),
    "N18": Toll(0.0, 0.0, 6.0, 0.05),
    "F10": Toll(0.0, 0.0, 2.0, 0.02),
    "F32": Toll(0.0, 0.0, 0.2, 0.0),
}


def begin(seed: Seed, folk: People) -> dict[str, Days]:
    """The day on which each condition begins, by ICD-10 code; FAR for never."""
    began: dict[str, Days] = {}
    born = year_of(folk.birth)
    for code, one in CONDITIONS.items():
        dice = seed.dice(f"illness {code}")
        rate = np.where(folk.male, one.men, one.women) / 1000 * risk(one, folk)
        rate = rate * np.exp(one.trend * (born + 60 - 2019))
        slope = one.slope + one.trend
        since = np.full(len(folk), one.since)
        first = day_at(folk.birth, onset(dice, rate, slope, since))
        for other, factor in one.after:
            # From the day of the other on, the hazard is `factor` times as large: a second clock
            # for what is added, and the earlier of the two counts.
            extra = np.maximum((began[other] - folk.birth) / 365.25, one.since)
            again = onset(dice, rate * (factor - 1), slope, np.minimum(extra, 200.0))
            again = np.where(began[other] >= FAR, np.inf, again)
            first = np.minimum(first, day_at(folk.birth, again))
        if one.winter:
            seen = first < FAR
            days = season(dice, np.where(seen, first, 0), np.full(len(folk), one.winter), 0.04)
            kept = seen & (days > folk.birth) & (days >= folk.entry) & (first >= folk.entry)
            first = np.where(kept, days, first)
        began[code] = _survived(dice, code, folk, first)
    return began


def _survived(dice: np.random.Generator, code: str, folk: People, first: Days) -> Days:
    """Without the cases from before the entry that would not have lived to it."""
    toll = TOLLS.get(code)
    if toll is None:
        return first
    before = first < folk.entry
    start, end = age_at(folk.birth, np.where(before, first, 0)), age_at(folk.birth, folk.entry)
    soon = np.clip(toll.soon * np.exp(toll.soon_slope * (start - 60)), 0, 0.7)
    slope = toll.later_slope or 1e-6
    grown = np.exp(slope * (end - 60)) - np.exp(slope * (start - 60))
    lives = (1 - soon) * np.exp(-toll.later / 1000 / slope * np.where(before, grown, 0.0))
    return np.where(before & (dice.random(len(folk)) >= lives), FAR, first)


def risk(one: Condition, folk: People) -> Floats:
    """What a person's habits, schooling and home make of a rate, (n,)."""
    factor: Floats = np.array([1.0, 1 + 0.3 * (one.smoke - 1), one.smoke])[folk.smoking]
    factor = factor * np.exp(one.bmi * (folk.bmi - 26.0))
    factor = factor * np.array([one.school, 1 + 0.4 * (one.school - 1), 1.0, 0.92])[folk.education]
    if one.place:
        factor = factor * places().heart[folk.home]
    return factor
