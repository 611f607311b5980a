"""Who lives in the nation: births, sexes, origins, arrivals, and how they live.

Everybody who was resident on 1 January 2014, was born or came until the end of 2023. The mix of
ages, births and arrivals is Norway's in round figures (Statistics Norway, tables 07459, 05803).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pseudonym.nation.calendar import BEGIN, END, FAR, YEARS
from pseudonym.nation.dice import Days, Floats, Ints, Mask, Seed, step
from pseudonym.nation.numbers import number
from pseudonym.nation.places import places

__all__ = ["EDUCATION", "ORIGINS", "People", "people"]

ORIGINS: Final = ("norway", "nordic", "eu", "europe", "africa", "asia", "america")
EDUCATION: Final = ("primary", "secondary", "short_tertiary", "long_tertiary")
_FIVES: Final = (
    310, 312, 310, 325, 345, 345, 340, 345, 380, 365, 330, 312, 295, 275, 190, 140, 115, 75, 33, 8,
    0.8,
)  # fmt: skip
"""Residents on 1 January 2014 by five years of age, thousands."""
_BIRTHS: Final = 57.0
_ARRIVALS: Final = 50.0
"""A year, thousands."""
_FOREIGN: Final = 0.14
"""Of the residents of 2014 between 15 and 60; fewer before and after."""
_ABROAD: Final = np.array([0.12, 0.40, 0.12, 0.10, 0.22, 0.04])
_LEAVE: Final = (0.0022, 0.035)
"""Emigrations a person-year: born in Norway, born abroad."""


@dataclass(frozen=True)
class People:
    """n persons of a block; every field is (n,). Days are days since 1970.

    entry: from when they are seen; leave: the day of emigration, FAR for never; arrival: when they
    came to Norway (the birth date of those born here). smoking: 0 never, 1 former, 2 current;
    education: a place in EDUCATION, from the age of 25 on; frailty: 1 on average.
    """

    numbers: Ints
    male: Mask
    birth: Days
    origin: Ints
    arrival: Days
    entry: Days
    leave: Days
    home: Ints
    smoking: Ints
    bmi: Floats
    education: Ints
    frailty: Floats

    def __len__(self) -> int:
        return len(self.numbers)


def people(seed: Seed, block: int, size: int) -> People:
    """The persons of a block."""
    dice = seed.dice("people")
    year, kind = _cells(dice, size)
    born_here, came = kind == 1, kind == 2
    age = YEARS.start - year
    male = dice.random(size) < np.interp(age, [0, 60, 75, 85, 95], [0.514, 0.5, 0.47, 0.38, 0.25])
    foreign = came | (
        (kind == 0)
        & (dice.random(size) < _FOREIGN * np.interp(age, [0, 15, 60, 90], [0.3, 1, 0.7, 0.3]))
    )
    origin = np.where(foreign, 1 + step(dice, _ABROAD, size), 0)
    # Who has come lately and not to stay has a D-number; they keep it here, wherever they appear.
    d_number = foreign & (dice.random(size) < np.where(came, 0.22, 0.06))
    birth, numbers = number(seed.dice("numbers"), year, male, d_number, block)
    entry = np.full(size, BEGIN)
    entry[born_here] = birth[born_here]
    when = np.floor(BEGIN + dice.random(size) * (END - BEGIN - 30)).astype(np.int64)
    entry[came] = np.maximum(when, birth + 30)[came]
    stayed = np.floor(np.maximum(entry - birth, 0) * dice.beta(2.0, 1.2, size)).astype(np.int64)
    arrival = np.where(came, entry, np.where(foreign, birth + stayed, birth))
    rate = np.where(foreign, _LEAVE[1], _LEAVE[0])
    rate = rate * np.interp(age, [0, 18, 30, 45, 67, 90], [0.7, 1.2, 2.0, 1.0, 0.5, 0.1])
    leave = entry + 30 + np.floor(dice.exponential(size=size) / rate * 365.25).astype(np.int64)
    leave = np.where(leave > END, FAR, leave)
    where = places()
    home = step(dice, where.share, size)
    education = _education(dice, year, male, where.school[home])
    return People(
        numbers=numbers,
        male=male,
        birth=birth,
        origin=origin,
        arrival=arrival,
        entry=entry,
        leave=leave,
        home=home,
        smoking=_smoking(dice, year, education, male),
        bmi=np.clip(
            dice.normal(26.3 + 0.5 * male - 0.45 * education, 4.2) + dice.exponential(0.9, size),
            15.5,
            58.0,
        ),
        education=education,
        frailty=dice.gamma(4.0, 0.25, size),
    )


def _cells(dice: np.random.Generator, size: int) -> tuple[Ints, Ints]:
    """Birth years and kinds (0 resident, 1 born, 2 came) in random order.

    Drawn in equal steps through the whole, so that no block has many more of one year than another:
    there is a limit to the numbers of a birth year (pseudonym.nation.numbers).
    """
    begin = YEARS.start
    stock = [(begin - 1 - age, 0, _FIVES[age // 5] / 5) for age in range(5 * len(_FIVES))]
    births = [(year, 1, _BIRTHS * (1.04 - 0.012 * (year - begin))) for year in YEARS]
    ages = np.arange(1, 75)
    young = np.exp(-0.5 * ((ages - 29) / 9.0) ** 2) + 0.12 * (ages < 18) + 0.02
    came = [
        (begin + 5 - int(age), 2, _ARRIVALS * len(YEARS) * share)
        for age, share in zip(ages, young / young.sum(), strict=True)
    ]
    years, kinds, weights = (
        np.array(column) for column in zip(*stock, *births, *came, strict=True)
    )
    edges = np.cumsum(weights) / weights.sum()
    cells = np.searchsorted(edges, (np.arange(size) + dice.random()) / size, side="right")
    cells = dice.permutation(cells.clip(0, len(edges) - 1))
    return years[cells].astype(np.int64), kinds[cells].astype(np.int64)


def _education(dice: np.random.Generator, year: Ints, male: Mask, school: Floats) -> Ints:
    """Later cohorts longer, women longer than men in those born after 1955."""
    higher = np.interp(year, [1920, 1945, 1965, 1985], [0.08, 0.20, 0.32, 0.48]) + school
    higher = higher + np.where(male, -0.05, 0.05) * (year > 1955)
    primary = np.interp(year, [1920, 1945, 1965, 1985], [0.55, 0.35, 0.22, 0.18]) - school / 2
    drawn, second = dice.random(len(year)), dice.random(len(year))
    tertiary = 2 + (second < np.interp(year, [1940, 1985], [0.2, 0.35]))
    return np.where(drawn < primary, 0, np.where(drawn < 1 - higher, 1, tertiary)).astype(np.int64)


def _smoking(dice: np.random.Generator, year: Ints, education: Ints, male: Mask) -> Ints:
    """Ever smoked falls with cohort and education; current is a part of it."""
    ever = np.interp(
        year, [1920, 1945, 1960, 1980, 1995, 2005], [0.55, 0.60, 0.55, 0.42, 0.25, 0.1]
    )
    ever = (
        ever
        * np.array([1.35, 1.12, 0.85, 0.65])[education]
        * np.where(male & (year < 1945), 1.2, 1)
    )
    now = np.interp(year, [1920, 1945, 1965, 1985, 2000], [0.12, 0.22, 0.33, 0.38, 0.45])
    now = now * np.array([1.45, 1.1, 0.7, 0.5])[education]
    drawn = dice.random(len(year))
    smokes = dice.random(len(year)) < now
    grown = year <= YEARS.stop - 16
    return np.where((drawn < ever) & grown, np.where(smokes, 2, 1), 0).astype(np.int64)
