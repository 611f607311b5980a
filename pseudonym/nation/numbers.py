"""Synthetic national identity numbers and birth dates that belong to them, unique over all blocks.

For a birth year and sex there are days × individual digits of one parity (odd for men) to choose
from; a fixed walk through them is dealt to the blocks in stretches, so that blocks made apart
never meet. The walk decides the day of birth as well. Months are +80 (Skatteetaten's range), after
that +65 (Norsk Helsenett's): the national register never issues either.
"""

from typing import Final

import numpy as np

from pseudonym.identifiers import control_digits
from pseudonym.nation.calendar import days_of
from pseudonym.nation.dice import Days, Ints, Mask

__all__ = ["BLOCK", "BLOCKS", "number"]

BLOCK: Final = 20_000
"""Persons a block: what is drawn together."""
STRETCH: Final = 300
"""Candidates of a year and sex for one block, of which five in six have control digits."""
_WALK: Final = 7_368_787  # prime, larger than any walk is long
_SERIES: Final = 300
BLOCKS: Final = 2 * _SERIES
"""How many blocks there are numbers for."""


def number(
    dice: np.random.Generator, year: Ints, male: Mask, d_number: Mask, block: int
) -> tuple[Days, Ints]:
    """Birth dates and identity numbers of a block's persons, (n,) each.

    year: birth years 1900 to 2039; d_number: who has a D-number (day + 40). Raises ValueError when
    a year and sex holds more persons than a stretch has numbers; blocks of BLOCK persons, spread
    over the ages as `people` does, hold half as many.
    """
    birth = np.zeros(len(year), np.int64)
    whole = np.zeros(len(year), np.int64)
    for one in np.unique(year):
        for sex in (False, True):
            here = (year == one) & (male == sex)
            days, stems = _stretch(int(one), block, male=sex)
            mixed = dice.permutation(STRETCH)
            days, stems = days[mixed], stems[mixed]
            for foreign in (False, True):
                who = np.flatnonzero(here & (d_number == foreign))
                numbers, exist = control_digits(stems + (40 * 10**7 if foreign else 0))
                if len(who) > exist.sum():
                    raise ValueError("more persons of a birth year and sex than numbers")
                birth[who] = days[exist][: len(who)]
                whole[who] = numbers[exist][: len(who)]
    return birth, whole


def _stretch(year: int, block: int, *, male: bool) -> tuple[Days, Ints]:
    """Birth dates and nine-digit stems of a block's stretch."""
    first, last = days_of(year)
    individual = _individual(year)
    individual = individual[individual % 2 == int(male)]
    length = (last - first + 1) * len(individual)
    series, place = divmod(block, _SERIES)
    walk = (np.arange(place * STRETCH, (place + 1) * STRETCH) * _WALK) % length
    days = first + walk // len(individual)
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day = (dates - months).astype(np.int64) + 1
    month = months.astype(np.int64) % 12 + 1 + (80 if series == 0 else 65)
    stems = ((day * 100 + month) * 100 + year % 100) * 1000 + individual[walk % len(individual)]
    return days, stems


def _individual(year: int) -> Ints:
    """The individual digits that belong to a birth year."""
    if year >= 2000:
        return np.arange(500, 1000)
    if year >= 1940:
        return np.concatenate([np.arange(500), np.arange(900, 1000)])
    return np.arange(500)
