"""Tumours: who gets the first of each site and when, at which stage, and who dies of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pseudonym.nation.calendar import END, FAR, age_at, day_at, year_of
from pseudonym.nation.dice import Days, Floats, Ints, Seed, onset, step
from pseudonym.nation.illness import risk
from pseudonym.nation.people import People
from pseudonym.nation.sites import SITES, Site

__all__ = ["Tumours", "tumours"]

_MEAN_YEARS: Final = np.array([4.0, 2.4, 1.0, 2.0])
"""From diagnosis to death of those who die of it, by stage."""


@dataclass(frozen=True)
class Tumours:
    """One entry a tumour: person (place in the block), day, site and stage (places in SITES and
    STAGES), morphology, and the day on which it would kill (FAR: never)."""

    person: Ints
    day: Days
    site: Ints
    stage: Ints
    morphology: Ints
    fatal: Days


def tumours(seed: Seed, folk: People, types: tuple[str, ...]) -> Tumours:
    """The first tumour of each site from a person's entry on; `types` orders the morphologies.

    Whether the person lives to see it is not asked here.
    """
    parts = []
    born = year_of(folk.birth)
    for place, (code, site) in enumerate(SITES.items()):
        dice = seed.dice(f"tumour {code}")
        one = site.rate
        rate = np.where(folk.male, one.men, one.women) / 1000 * risk(one, folk)
        rate = rate * np.exp(one.trend * (born + 60 - 2019))
        since = np.maximum(age_at(folk.birth, folk.entry), one.since)
        days = day_at(folk.birth, onset(dice, rate, one.slope + one.trend, since))
        who = np.flatnonzero(days <= END)
        stage = _stages(dice, site, folk, who)
        at, fatal = days[who], _fatal(dice, site, stage, age_at(folk.birth, days)[who])
        names = list(site.types)
        kind = np.array([types.index(name) for name in names])[
            step(dice, np.array([site.types[name] for name in names]), len(who))
        ]
        parts.append(
            (who, at, np.full(len(who), place), stage, kind, np.where(fatal < FAR, at + fatal, FAR))
        )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Tumours(*columns)


def _stages(dice: np.random.Generator, site: Site, folk: People, who: Ints) -> Ints:
    """Found later in those with primary schooling."""
    late = np.where(folk.education[who] == 0, 1.25, 1.0)
    shares = np.array(site.spread) * np.ones((len(who), 1))
    shares[:, 2] *= late
    edges = np.cumsum(shares, axis=1)
    place: Ints = (dice.random((len(who), 1)) * edges[:, -1:] > edges).sum(axis=1)
    return place


def _fatal(dice: np.random.Generator, site: Site, stage: Ints, age: Floats) -> Days:
    """Days from diagnosis to death of it, FAR for those it does not kill.

    Most of these deaths come within the five years that `survive` speaks of; the old do worse.
    """
    mean = _MEAN_YEARS[stage]
    within = 1 - np.exp(-5 / mean)
    share = (1 - np.array(site.survive)[stage]) / within
    share = np.clip(share * np.interp(age, [20, 60, 70, 90], [0.55, 0.9, 1.05, 1.5]), 0, 0.995)
    years = dice.exponential(size=len(stage)) * mean
    killed = dice.random(len(stage)) < share
    return np.where(killed, np.floor(years * 365.25) + 1, FAR).astype(np.int64)
