"""A survey of pregnant women like MoBa: those who took part between 1999 and 2009."""

import numpy as np
import polars as pl

from pseudonym.nation.births import Births
from pseudonym.nation.calendar import year_of
from pseudonym.nation.dice import Seed
from pseudonym.nation.people import People

__all__ = ["survey"]

_YEARS = (1999, 2009)
_TAKES_PART = 0.41
"""Of those invited; Magnus and others, Int J Epidemiol 45 (2016) 382-388."""


def survey(seed: Seed, folk: People, born: Births) -> pl.DataFrame:
    """person, survey_year, smoking, bmi, physical_activity, diet_score, depression_score.

    One row a mother, at her first pregnancy in the survey; those with more schooling take part
    more often, smokers less.
    """
    dice = seed.dice("survey")
    year = year_of(folk.birth[born.child])
    asked = np.flatnonzero((born.mother >= 0) & (year >= _YEARS[0]) & (year <= _YEARS[1]))
    asked = asked[np.lexsort((folk.birth[born.child[asked]], born.mother[asked]))]
    asked = asked[np.diff(born.mother[asked], prepend=-1) != 0]
    mother, smokes = born.mother[asked], born.smoking[asked]
    school = folk.education[mother]
    chance = _TAKES_PART * np.array([0.6, 0.9, 1.25, 1.35])[school] * np.where(smokes > 0, 0.75, 1)
    part = dice.random(len(asked)) < chance
    asked, mother, smokes, school = asked[part], mother[part], smokes[part], school[part]
    size = len(asked)
    ever = folk.smoking[mother] > 0
    smoking = np.where(smokes > 0, 2, np.where(ever, 1, 0))
    bmi = np.round((folk.bmi[mother] - 2.2 + dice.normal(0, 1.2, size)).clip(15, 60), 1)
    moves = dice.normal(0.5 + 0.12 * school - 0.05 * (bmi - 24), 1.0)
    activity = np.searchsorted(np.array([0.0, 0.9]), moves)
    diet = np.round(
        (52 + 4 * school - 6 * (smoking == 2) + 3 * activity + dice.normal(0, 11, size)).clip(
            0, 100
        )
    )
    low = 1.15 + dice.gamma(1.1, 0.16, size) + 0.10 * (smoking == 2) - 0.03 * activity
    return pl.DataFrame(
        {
            "person": mother,
            "survey_year": year_of(folk.birth[born.child[asked]]),
            "smoking": _answered(dice, pl.Series(["never", "former", "current"])[smoking], 0.02),
            "bmi": _answered(dice, pl.Series(bmi), 0.04),
            "physical_activity": _answered(
                dice, pl.Series(["none", "weekly", "often"])[activity], 0.05
            ),
            "diet_score": _answered(dice, pl.Series(diet.astype(np.int64)), 0.08),
            "depression_score": _answered(dice, pl.Series(np.round(low.clip(1, 4), 2)), 0.03),
        }
    )


def _answered(dice: np.random.Generator, values: pl.Series, missing: float) -> pl.Series:
    """Some leave a question out."""
    return values.set(pl.Series(dice.random(len(values)) < missing), None)
