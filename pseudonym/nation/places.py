"""Where people live: the 357 municipalities and 15 counties of 2024, their sizes and risks."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from pseudonym.nation.dice import Floats, Ints

__all__ = ["CODES", "Places", "places"]

CODES: Final = Path(__file__).with_name("codes")
HEART: Final = {"56": 1.30, "55": 1.15, "18": 1.20, "34": 1.15, "32": 0.88, "03": 0.92, "11": 0.95}
"""Relative rates of heart and lung disease by county; 1 where none is written."""
SCHOOL: Final = {
    "03": 0.22,
    "32": 0.12,
    "46": 0.04,
    "50": 0.04,
    "34": -0.08,
    "56": -0.08,
    "18": -0.06,
}
"""What living in a county adds to the chance of higher education."""


@dataclass(frozen=True)
class Places:
    """By municipality, in the order of their codes: share of the people, county, relative risk."""

    codes: pl.Series
    counties: pl.Series
    share: Floats
    county: Ints
    heart: Floats
    school: Floats


@cache
def places() -> Places:
    """The municipalities as arrays of 357."""
    with (CODES / "municipality.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["code"])
    codes = [row["code"] for row in rows]
    people = np.array([float(row["people"]) for row in rows])
    own = [code[:2] for code in codes]
    known = sorted(set(own))
    return Places(
        codes=pl.Series(codes),
        counties=pl.Series(own),
        share=people / people.sum(),
        county=np.array([known.index(one) for one in own]),
        heart=np.array([HEART.get(one, 1.0) for one in own]),
        school=np.array([SCHOOL.get(one, 0.0) for one in own]),
    )
