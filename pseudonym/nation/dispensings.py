"""Dispensings: lasting treatments twice a year, short courses, hormones after breast cancer."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pseudonym.nation.calendar import FAR, YEARS, age_at, days_of, year_of
from pseudonym.nation.deaths import Deaths
from pseudonym.nation.dice import Days, Floats, Ints, Seed, season
from pseudonym.nation.medicines import COURSES, TREATMENTS, Substances
from pseudonym.nation.people import People
from pseudonym.nation.sites import SITES
from pseudonym.nation.tumours import Tumours

__all__ = ["dispensings"]

_APART = 182
"""Days that one dispensing of a lasting treatment is for."""
_ANCHORS = (0, 18, 40, 60, 75)
Part = tuple[Ints, Days, Ints, Floats]
Spell = tuple[Ints, Days, Days]
"""Who, from when, until when."""


def dispensings(
    seed: Seed,
    folk: People,
    began: Mapping[str, Days],
    found: Tumours,
    dead: Deaths,
    atc: tuple[str, ...],
) -> pl.DataFrame:
    """person, disp_date, atc, ddd of a block's dispensings, between entry and the last day."""
    parts: list[Part] = []
    spells = {}
    for number, one in enumerate(TREATMENTS):
        dice = seed.dice(f"treatment {number}")
        day = began[one.condition]
        ill = np.flatnonzero((day < FAR) & (day <= dead.last))
        ill = ill[dice.random(len(ill)) < one.share]
        start = day[ill] + 1 + np.floor(dice.exponential(one.wait, len(ill))).astype(np.int64)
        spells[number] = (ill, start, _stop(dice, start, one.stop, one.years))
    for group in {one.group for one in TREATMENTS if one.group}:
        same = [number for number, one in enumerate(TREATMENTS) if one.group == group]
        spells |= _one_at_a_time(len(folk), {number: spells[number] for number in same})
    for number, one in enumerate(TREATMENTS):
        dice = seed.dice(f"supply {number}")
        parts.append(_repeated(dice, folk, dead, spells[number], one.substances, one.dose, atc))
    parts += _hormones(seed, folk, found, dead, atc)
    parts += _courses(seed, folk, dead, atc)
    who, day, what, ddd = (np.concatenate(one) for one in zip(*parts, strict=True))
    return pl.DataFrame(
        {
            "person": who,
            "disp_date": pl.Series(day.astype(np.int32)).cast(pl.Date),
            "atc": pl.Series(atc)[what],
            "ddd": ddd,
        }
    )


def _one_at_a_time(size: int, spells: Mapping[int, Spell]) -> dict[int, Spell]:
    """A treatment that begins while another of the group lasts only makes that one last longer."""
    start = np.full((size, len(spells)), FAR)
    stop = np.full((size, len(spells)), -FAR)
    for column, (who, begins, ends) in enumerate(spells.values()):
        start[who, column], stop[who, column] = begins, ends
    order = np.argsort(start, axis=1, kind="stable")
    rows = np.arange(size)
    running = order[:, 0]
    for place in range(1, len(spells)):
        later = order[:, place]
        joins = (start[rows, later] < FAR) & (start[rows, later] <= stop[rows, running])
        stop[rows, running] = np.where(
            joins, np.maximum(stop[rows, running], stop[rows, later]), stop[rows, running]
        )
        start[rows, later] = np.where(joins, FAR, start[rows, later])
        running = np.where(joins, running, later)
    kept = {}
    for column, number in enumerate(spells):
        who = np.flatnonzero(start[:, column] < FAR)
        kept[number] = (who, start[who, column], stop[who, column])
    return kept


def _stop(dice: np.random.Generator, start: Days, share: float, years: float) -> Days:
    """The day on which a treatment ends."""
    rate = -np.log(1 - share) if share else 0.0
    lasts = dice.exponential(size=len(start)) / rate * 365.25 if rate else np.full(len(start), 2e4)
    if years:
        lasts = np.minimum(lasts, years * 365.25)
    return start + np.floor(np.minimum(lasts, 5e4)).astype(np.int64)


def _repeated(
    dice: np.random.Generator,
    folk: People,
    dead: Deaths,
    spell: Spell,
    substances: Substances,
    dose: float,
    atc: tuple[str, ...],
) -> Part:
    """A dispensing every half year, give or take three weeks; the substance is kept."""
    who, start, stop = spell
    entry, last = folk.entry[who], np.minimum(stop, dead.last[who])
    phase = np.floor(dice.random(len(who)) * _APART).astype(np.int64)
    first = np.where(start >= entry, start, entry + phase)
    count = np.maximum((last - first) // _APART + 1, 0) * (first <= last)
    again = np.repeat(np.arange(len(who)), count)
    turn = np.arange(len(again)) - np.repeat(np.cumsum(count) - count, count)
    shift = np.where(turn > 0, np.floor(dice.normal(0, 9, len(again))).clip(-21, 21), 0)
    day = first[again] + turn * _APART + shift.astype(np.int64)
    day = np.minimum(day, last[again])
    strength = dose * np.array([0.5, 1.0, 1.0, 1.5])[dice.integers(0, 4, len(who))]
    what = _substance(dice, substances, year_of(np.clip(start, 14_000, 20_000)), atc)
    return who[again], day, what[again], np.round(_APART * strength[again], 1)


def _substance(
    dice: np.random.Generator, substances: Substances, year: Ints, atc: tuple[str, ...]
) -> Ints:
    """One of the alternatives, as it was usual in the year of the beginning."""
    early, late = (np.array([one[place] for one in substances]) for place in (1, 2))
    share = np.clip((year - YEARS.start) / (len(YEARS) - 1), 0, 1)[:, None]
    edges = np.cumsum(early * (1 - share) + late * share, axis=1)
    drawn = (dice.random((len(year), 1)) * edges[:, -1:] > edges).sum(axis=1)
    what: Ints = np.array([atc.index(one[0]) for one in substances])[drawn]
    return what


def _hormones(
    seed: Seed, folk: People, found: Tumours, dead: Deaths, atc: tuple[str, ...]
) -> list[Part]:
    """Seven in ten women with breast cancer take tamoxifen or letrozole for five years."""
    dice = seed.dice("hormones")
    breast = found.site == list(SITES).index("C50")
    breast &= (found.day <= dead.last[found.person]) & (dice.random(len(breast)) < 0.7)
    who = found.person[breast]
    who_is_woman = ~folk.male[who]
    who, day = who[who_is_woman], found.day[breast][who_is_woman]
    start = day + 60 + np.floor(dice.exponential(60, len(who))).astype(np.int64)
    stop = _stop(dice, start, 0.06, 5.0)
    older = age_at(folk.birth[who], day) >= 53
    parts = []
    for code, chosen in (("L02BA01", ~older), ("L02BG04", older)):
        alone = ((code, 1.0, 1.0),)
        parts.append(
            _repeated(dice, folk, dead, (who[chosen], start[chosen], stop[chosen]), alone, 1.0, atc)
        )
    return parts


def _courses(seed: Seed, folk: People, dead: Deaths, atc: tuple[str, ...]) -> list[Part]:
    parts = []
    for one in COURSES:
        dice = seed.dice(f"course {one.atc}")
        for year in YEARS:
            first, last = days_of(year)
            begin, end = np.maximum(folk.entry, first), np.minimum(dead.last, last)
            age = age_at(folk.birth, (first + last) // 2)
            rate = np.interp(age, _ANCHORS, one.rate) / 1000 * 2 / (1 + one.men)
            rate = rate * np.where(folk.male, one.men, 1.0) * folk.frailty
            rate = rate * np.exp(one.trend * (year - 2019)) * (age > 0.5)
            counts = dice.poisson(rate * np.maximum(end - begin + 1, 0) / 365.25)
            who = np.repeat(np.arange(len(folk)), counts)
            length = (end - begin + 1)[who]
            day = begin[who] + np.floor(dice.random(len(who)) * length).astype(np.int64)
            if one.winter:
                moved = season(dice, day, np.full(len(who), one.winter), one.peak)
                day = np.where((moved >= begin[who]) & (moved <= end[who]), moved, day)
            amount = np.round(one.ddd * dice.choice([0.5, 1.0, 1.0, 2.0], len(who)), 1)
            parts.append((who, day, np.full(len(who), atc.index(one.atc)), amount))
    return parts
