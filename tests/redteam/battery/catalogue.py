"""Every attack of the battery, by family; and those that succeed today, with the reason."""

import os
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from tests.redteam.battery.attack import Attack

__all__ = ["FAMILIES", "KNOWN", "RANGED", "battery", "some", "title"]

FAMILIES = (
    "differencing",
    "margins",
    "trackers",
    "reconstruction",
    "groups",
    "amounts",
    "models",
    "noise",
    "unique",
    "refresh",
    "survival",
    "quantiles",
    "subgroups",
    "covert",
)

RANGES = "how narrow a range becomes by several tables together is audited inside one table only"
LINES = "a short line with everybody in one category is put in doubt inside one table only"
SIGNS = "what is withheld or refused shows whether a condition on one person fits anybody"
RANGED = (
    "town by sex bare, then each margin by itself",
    "town by dead bare, then each margin by itself",
    "town by smoker bare, then each margin by itself",
    "town by sex bare, margins from the n of means",
    "town by school bare, margins from the n of means",
    "events of dead by town from proportions, shares and counts",
    "sex, dead, smoker, school below 22 from every pair",
    "sex, vital, cause, school below 23 from every pair",
    "dead, smoker, vital, school below 24 from every pair",
    "sex, smoker, cause, vital below 25 from every pair",
    "sex, dead, smoker, school about 40 from every triple",
    "sex, vital, cause, school about 41 from every triple",
    "dead, smoker, vital, school about 42 from every triple",
    "smoker by week of follow-up from counts of who was longer",
    "sex by week of follow-up from counts of who was longer",
)
"""Attacks of which some succeed by RANGES, and which depends on the cells that were withheld."""
KNOWN: dict[str, str] = dict.fromkeys(RANGED, RANGES) | {
    "everybody of t20 has the same vital, by an extra count of everybody": LINES,
    "smoker of one: the label of a group": SIGNS,
    "vital of one: which cell is withheld, of a flag": SIGNS,
    "dead of one: which mean is withheld, of a mark": SIGNS,
    "vital of one: in which group an income that was made huge is withheld": SIGNS,
    "dead of one: whether a cohort is refused after one that differs by the bit": SIGNS,
    "smoker of one: whether a model is refused, by a column that is the bit": SIGNS,
    "dead of one: whether a covariance is refused, by a vector that is the bit": SIGNS,
    "smoker of one: a divisor that is nothing": SIGNS,
    "dead of one: bins that fit one person": SIGNS,
}
"""Attacks that succeed, by name: xfails (strict but for RANGED), each told in limitations.md."""


@cache
def battery() -> tuple[Attack, ...]:
    """All attacks; names are unique."""
    return tuple(_all())


def some(most: int) -> list[Attack]:
    """So many of each family; all of them in the long run (WORKBENCH_LONG)."""
    seen: dict[str, int] = defaultdict(int)
    kept = []
    for one in battery():
        seen[one.family] += 1
        if os.environ.get("WORKBENCH_LONG") or seen[one.family] <= most:
            kept.append(one)
    return kept


def title(attack: Attack) -> str:
    """Family and name."""
    return f"{attack.family}: {attack.name}"


def _all() -> Iterator[Attack]:
    for name in FAMILIES:
        yield from import_module(f"tests.redteam.battery.families.{name}").attacks()
