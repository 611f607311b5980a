"""When the nation is observed, and arithmetic on days and ages."""

from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.nation.dice import Days, Floats

__all__ = ["BEGIN", "END", "FAR", "YEARS", "age_at", "day_at", "days_of", "year_of"]

YEARS: Final = range(2014, 2024)
"""Everything that happens is seen from 1 January 2014 to 31 December 2023."""
BEGIN: Final = (date(2014, 1, 1) - date(1970, 1, 1)).days
END: Final = (date(2023, 12, 31) - date(1970, 1, 1)).days
FAR: Final = 1 << 40
"""A day that never comes."""
_YEAR: Final = 365.25


def age_at(birth: Days, day: Days | int) -> Floats:
    """Age in years."""
    return (day - birth) / _YEAR


def day_at(birth: Days, age: Floats) -> Days:
    """The day on which an age is reached; FAR for an infinite age."""
    days = np.where(np.isfinite(age), np.floor(np.where(np.isfinite(age), age, 0) * _YEAR), FAR)
    return np.where(days >= FAR, FAR, birth + days).astype(np.int64)


def year_of(days: Days) -> NDArray[np.int64]:
    """Calendar years."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def days_of(year: int) -> tuple[int, int]:
    """First and last day of a year."""
    first = (date(year, 1, 1) - date(1970, 1, 1)).days
    return first, (date(year, 12, 31) - date(1970, 1, 1)).days
