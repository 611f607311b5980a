"""Hospital episodes: what comes and goes, lasting illness, cancer, births, and the last days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pseudonym.nation.births import Births
from pseudonym.nation.calendar import BEGIN, END, FAR, YEARS, age_at, days_of
from pseudonym.nation.care import BANDS, CHRONIC, PASSING, WARD
from pseudonym.nation.deaths import Deaths
from pseudonym.nation.dice import Days, Floats, Ints, Mask, Seed, season
from pseudonym.nation.people import People
from pseudonym.nation.places import places
from pseudonym.nation.sites import SITES
from pseudonym.nation.tumours import Tumours

__gathered_ = ["episodes"]

_LEVELS = ("inpatient", "day", "outpatient")
_COVID = {2020: (0.0008, 60), 2021: (0.0018, 0), 2022: (0.0030, 0), 2023: (0.0010, 0)}
"""Admissions a person-year at 60, and the first day of the year on which there are any."""


@dataclass
class _Gathered:
    """Episodes as parallel lists of arrays: person, day, code, level, acute, mean stay."""

    codes: tuple[str, ...]
    parts: list[tuple[Ints, Days, Ints, Ints, Mask, Floats]] = field(default_factory=list)

    def add(
        self, who: Ints, day: Days, code: Ints | str, level: Ints | int, *, acute: Mask | bool,
        stay: Floats | float,
    ) -> None:  # fmt: skip
        """Scalars hold for all of them."""
        place = self.codes.index(code) if isinstance(code, str) else code
        full = [np.broadcast_to(np.asarray(one), who.shape) for one in (place, level, acute, stay)]
        self.parts.append((who, day, full[0], full[1], full[2].astype(np.bool_), full[3] + 0.0))


def episodes(
    seed: Seed,
    folk: People,
    began: Mapping[str, Days],
    found: Tumours,
    born: Births,
    dead: Deaths,
    codes: Sequence[str],
) -> pl.DataFrame:
    """person, in_date, out_date, main_dx, care_level, ward_type, urgency, los of a block.

    codes: the ICD-10 list. Nothing begins before a person's entry or ends after the last day.
    """
    gathered = _Gathered(tuple(codes))
    _passing(seed.dice("passing"), gathered, folk, dead)
    _lasting(seed.dice("lasting"), gathered, folk, began, dead)
    _cancers(seed.dice("cancer care"), gathered, found, dead)
    _deliveries(seed.dice("deliveries"), gathered, folk, born)
    _covid(seed.dice("covid care"), gathered, folk, dead)
    _last_days(seed.dice("last days"), gathered, folk, dead)
    who, day, code, level, acute, mean = (
        np.concatenate(one) for one in zip(*gathered.parts, strict=True)
    )
    dice = seed.dice("stays")
    stay = np.floor(dice.gamma(1.6, np.maximum(mean, 0.5) / 1.6)).astype(np.int64).clip(0, 365)
    stay = np.where(level == 0, np.maximum(stay, acute == 0), 0)
    inside = (day >= folk.entry[who]) & (day <= dead.last[who])
    who, day, code, level = who[inside], day[inside], code[inside], level[inside]
    acute, stay = acute[inside], stay[inside]
    out = np.minimum(day + stay, dead.last[who])
    wards = pl.Series([_ward(one) for one in codes])
    return pl.DataFrame(
        {
            "person": who,
            "in_date": pl.Series(day.astype(np.int32)).cast(pl.Date),
            "out_date": pl.Series(out.astype(np.int32)).cast(pl.Date),
            "main_dx": pl.Series(codes)[code],
            "care_level": pl.Series(_LEVELS)[level],
            "ward_type": wards[code],
            "urgency": pl.Series(["elective", "acute"])[acute.astype(np.int64)],
            "los": out - day,
        }
    )


def _passing(dice: np.random.Generator, gathered: _Gathered, folk: People, dead: Deaths) -> None:
    """Year by year: a Poisson number by band of age and sex, then what each of them was."""
    names = list(PASSING)
    place = np.array([gathered.codes.index(name) for name in names])
    rates = np.array([PASSING[name].rate for name in names]).T / 1000
    men = np.array([PASSING[name].men for name in names])
    # (sex, band, code): all men's rates are those of women times `men`, their mean is `rate`.
    both = np.stack([rates * 2 / (1 + men), rates * 2 * men / (1 + men)])
    edges = np.cumsum(both, axis=2)
    total = edges[:, :, -1]
    flat = (edges / total[:, :, None]).reshape(-1, len(names))
    cells = flat + np.arange(len(flat))[:, None]
    tables = [
        [getattr(PASSING[name], key) for name in names]
        for key in ("inpatient", "day", "acute", "stay", "winter")
    ]
    inpatient, day_care, acute_share, stay, winter = (np.array(table) for table in tables)
    place_effect = np.sqrt(places().heart[folk.home])
    school = np.array([1.15, 1.05, 0.92, 0.88])[folk.education]
    for year in YEARS:
        first, last = days_of(year)
        begin, end = np.maximum(folk.entry, first), np.minimum(dead.last, last)
        age = age_at(folk.birth, (first + last) // 2)
        band = np.searchsorted(np.array(BANDS), age, side="right") - 1
        group = folk.male * len(BANDS) + band.clip(0)
        expected = total.ravel()[group] * folk.frailty * place_effect * school
        expected = expected * np.maximum(end - begin + 1, 0) / 365.25 * (1 + 0.01 * (year - 2019))
        who = np.repeat(np.arange(len(folk)), dice.poisson(expected))
        drawn = np.searchsorted(cells.ravel(), group[who] + dice.random(len(who)), side="right")
        kind = (drawn - group[who] * len(names)).clip(0, len(names) - 1)
        day = begin[who] + np.floor(dice.random(len(who)) * (end - begin + 1)[who]).astype(np.int64)
        summer = winter[kind] < 0
        peak_swing = np.abs(winter[kind])
        moved = np.where(
            summer, season(dice, day, peak_swing, 0.54), season(dice, day, peak_swing, 0.04)
        )
        day = np.where((moved >= begin[who]) & (moved <= end[who]), moved, day)
        level = _level(dice, inpatient[kind], day_care[kind])
        acute = dice.random(len(who)) < acute_share[kind]
        gathered.add(who, day, place[kind], level, acute=acute, stay=stay[kind])


def _lasting(
    dice: np.random.Generator,
    gathered: _Gathered,
    folk: People,
    began: Mapping[str, Days],
    dead: Deaths,
) -> None:
    for code, care in CHRONIC.items():
        day = began[code]
        ill = np.flatnonzero((day < FAR) & (day <= dead.last))
        new = ill[(day[ill] >= folk.entry[ill]) & (dice.random(len(ill)) < care.admit)]
        gathered.add(new, day[new], code, 0, acute=True, stay=care.stay)
        begin = np.maximum(day, folk.entry)[ill]
        fresh_until = np.minimum(day[ill] + 365, dead.last[ill])
        for rate, since, until in (
            (care.visits[0], begin + 14, fresh_until),
            (care.visits[1], np.maximum(begin, day[ill] + 366), dead.last[ill]),
        ):
            who, when = _spread(dice, ill, rate * folk.frailty[ill] ** 0.5, since, until)
            gathered.add(who, when, code, 2, acute=False, stay=0.0)
        who, when = _spread(dice, ill, care.again * folk.frailty[ill], begin + 30, dead.last[ill])
        urgent = dice.random(len(who)) < 0.9
        gathered.add(who, when, code, 0, acute=urgent, stay=care.stay)


def _cancers(dice: np.random.Generator, gathered: _Gathered, found: Tumours, dead: Deaths) -> None:
    site = np.array([gathered.codes.index(code) for code in SITES])[found.site]
    lives = found.day <= dead.last[found.person]
    taken = lives & (dice.random(len(site)) < np.array([0.75, 0.75, 0.6, 0.5])[found.stage])
    wait = np.floor(dice.exponential(14, len(site))).astype(np.int64)
    urgent = dice.random(taken.sum()) < 0.35
    day = (found.day + wait)[taken]
    gathered.add(found.person[taken], day, site[taken], 0, acute=urgent, stay=6.0)
    year = np.array([4.0, 9.0, 9.0, 5.0])[found.stage]
    for rate, since, until in (
        (year, found.day + 10, found.day + 365),
        (year / 6, found.day + 366, np.full(len(site), END)),
    ):
        last = np.minimum(until, dead.last[found.person])
        where, when = _spread(dice, np.arange(len(site)), rate * lives, since, last)
        level = np.where(dice.random(len(where)) < 0.3, 1, 2)
        gathered.add(found.person[where], when, site[where], level, acute=False, stay=0.0)


def _deliveries(dice: np.random.Generator, gathered: _Gathered, folk: People, born: Births) -> None:
    seen = (born.mother >= 0) & (folk.birth[born.child] >= BEGIN)
    mother, child = born.mother[seen], born.child[seen]
    day = folk.birth[child]
    section = dice.random(len(mother)) < np.where(born.weeks[seen] < 37, 0.42, 0.145)
    for code, which in (("O82", section), ("O80", ~section)):
        urgent = dice.random(which.sum()) < (0.62 if code == "O82" else 1.0)
        stay = 3.6 if code == "O82" else 2.6
        gathered.add(mother[which], day[which], code, 0, acute=urgent, stay=stay)
    early = born.weeks[seen] < 37
    gathered.add(child[early], day[early], "P07", 0, acute=True, stay=14.0)
    breath = dice.random(len(child)) < np.where(early, 0.25, 0.012)
    gathered.add(child[breath], day[breath], "P22", 0, acute=True, stay=5.0)


def _covid(dice: np.random.Generator, gathered: _Gathered, folk: People, dead: Deaths) -> None:
    for year, (rate, begins) in _COVID.items():
        first, last = days_of(year)
        age = age_at(folk.birth, first)
        expected = rate * np.exp(0.045 * (age - 60)) * folk.frailty
        who, when = _spread(
            dice, np.arange(len(folk)), expected,
            np.maximum(folk.entry, first + begins), np.minimum(dead.last, last),
        )  # fmt: skip
        gathered.add(who, when, "U07", 0, acute=True, stay=6.5)


def _last_days(dice: np.random.Generator, gathered: _Gathered, folk: People, dead: Deaths) -> None:
    """Four in ten of the dead die in hospital, of a cause that hospitals write."""
    outside = {"X70", "X42", "V89", "W19", "R99", "F03", "K70"}
    clinical = np.array([code in gathered.codes and code not in outside for code in dead.codes])
    written = np.array(
        [gathered.codes.index(code) if code in gathered.codes else 0 for code in dead.codes]
    )
    died = np.flatnonzero(dead.day < FAR)
    died = died[clinical[dead.cause[died]] & (dice.random(len(died)) < 0.42)]
    stay = np.floor(dice.exponential(7.0, len(died))).astype(np.int64)
    day = np.maximum(dead.day[died] - stay, folk.entry[died])
    gathered.add(died, day, written[dead.cause[died]], 0, acute=True, stay=400.0)


def _spread(
    dice: np.random.Generator, who: Ints, rate: Floats | float, since: Days, until: Days
) -> tuple[Ints, Days]:
    """A Poisson number of days a person, `rate` a year, evenly between two days inclusive."""
    length = np.maximum(until - since + 1, 0)
    counts = dice.poisson(np.asarray(rate) * length / 365.25)
    again = np.repeat(np.arange(len(who)), counts)
    day = since[again] + np.floor(dice.random(len(again)) * length[again]).astype(np.int64)
    return who[again], day


def _level(dice: np.random.Generator, inpatient: Floats, day: Floats) -> Ints:
    drawn = dice.random(len(inpatient))
    return np.where(drawn < inpatient, 0, np.where(drawn < inpatient + day, 1, 2)).astype(np.int64)


def _ward(code: str) -> str:
    return next((ward for prefix, ward in WARD if code.startswith(prefix)), "medicine")
