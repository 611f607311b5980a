"""Steps of curves: the day of a death, who was lost, a cause (O'Keefe et al. 2012)."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people, person_like

SURVIVAL = "steps of survival curves"


def attacks() -> Iterator[Attack]:
    yield from (_shifted(words, days) for words, days in (
        ("kaplan_meier", 7), ("kaplan_meier", 1), ("nelson_aalen", 10), ("life_table", 14),
        ("life_table", 3)))  # fmt: skip
    yield from (_fine(words, step) for words, step in (
        ("kaplan_meier", 7), ("nelson_aalen", 9), ("life_table", 8)))  # fmt: skip
    yield from (_grouped(words, by) for words, by in (
        ("life_table", "region"), ("nelson_aalen", "region"),
        ("kaplan_meier", "region")))  # fmt: skip
    yield from (_causes(at) for at in (1, 3))
    yield from (_tail(words) for words in ("kaplan_meier", "life_table"))
    yield from (_without(words, few) for words, few in (
        ("life_table", 1), ("kaplan_meier", 3), ("nelson_aalen", 8)))  # fmt: skip
    yield from (_landmark(day) for day in (300, 640))
    yield from (_rates_beside(by) for by in ("sex", "smoker"))


def _read(facts: Counts, heard: Any, cohort: Cohort, by: str | None = None) -> None:
    """What a curve counts: at risk, events and lost until each time, by group."""
    found = cohort.known(facts.rows)

    def number(condition: pl.Expr, n: int | None) -> None:
        if n is not None:
            inside = found.filter(condition)["at"].implode()
            facts.number(facts.rows["at"].is_in(inside).to_numpy(), n)

    def group(row: dict[str, Any]) -> pl.Expr:
        if by is None:
            return pl.lit(value=True)
        return pl.col(by).cast(pl.String) == row[by]

    days, dead = pl.col("days"), pl.col("dead")
    for row in heard.rows("at_risk"):
        here, time = group(row), row["time"]
        number(here & (days > time), row["at_risk"])
        number(here & (days <= time) & dead, row["events"])
        number(here & (days <= time) & ~dead, row["censored"])
    for row in heard.rows("life_table"):
        here = group(row)
        inside = here & (days > row["start"]) & (days <= row["end"])
        number(here & (days > row["start"]), row["entering"])
        number(inside & dead, row["events"])
        number(inside & ~dead, row["censored"])
    for row in heard.rows("summary"):
        number(group(row), row["persons"])
        number(group(row) & dead, row.get("events"))


def _mask(facts: Counts, condition: pl.Expr) -> Any:
    return facts.rows.select(condition).to_series().to_numpy()


def _between(facts: Counts, cohort: Cohort, low: int, high: int) -> Verdict:
    """Deaths, and losses, of a cohort between two days."""
    inside = pl.col("days").is_between(low + 1, high)
    verdicts = [
        facts.follows(facts.within(cohort, inside & (pl.col("dead") == dead)))
        for dead in (True, False)
    ]
    return next((one for one in verdicts if one.won), verdicts[0])


def _shifted(words: str, days: int) -> Attack:
    """The same curve at times a few days later."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age < 66 + days)
        for times in ([700, 1400, 2100], [700 + days, 1400 + days, 2100 + days]):
            _read(facts, a.ask(cohort, words, "days", "dead", times=times), cohort)
        verdicts = [_between(facts, cohort, t, t + days) for t in (700, 1400, 2100)]
        return next((one for one in verdicts if one.won), verdicts[0])

    return Attack(SURVIVAL, f"{words}, then at times {days} days later", run)


def _fine(words: str, step: int) -> Attack:
    """A time for every week or so: each step is few deaths."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age >= 40)
        times = list(range(step, 30 * step, step))
        _read(facts, a.ask(cohort, words, "days", "dead", times=times), cohort)
        verdicts = [_between(facts, cohort, t, t + step) for t in times[:8]]
        return next((one for one in verdicts if one.won), verdicts[0])

    return Attack(SURVIVAL, f"{words} at every {step} days", run)


def _grouped(words: str, by: str) -> Attack:
    """Curves of groups some of which are small."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age >= 20)
        if by == "town":
            cohort = cohort.where(lambda f, o: f.town.is_in(["t00", "t01", "t30", "t33"]))
        heard = a.ask(cohort, words, "days", "dead", by=by, times=[700, 1400])
        _read(facts, heard, cohort, by)
        small = {"town": ["t30", "t33"], "region": [3]}[by]
        verdicts = [
            facts.follows(facts.within(cohort, pl.col(by).eq(pl.lit(one)) & pl.col("dead")))
            for one in small
        ]
        return next((one for one in verdicts if one.won), verdicts[0])

    return Attack(SURVIVAL, f"{words} by {by}, some of them small", run)


def _causes(at: int) -> Attack:
    """Deaths of a cause among few: all deaths, then by cause, then all but some."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: (f.town == f"t{24 + at}") | (f.town == "t00"))
        rest = a.persons().where(lambda f, o: f.town == "t00")
        for one in (cohort, rest):
            heard = a.ask(one, "cumulative_incidence", "days", "cause", censored="none",
                          times=[1500])  # fmt: skip
            found = one.known(facts.rows)
            for row in heard.rows("summary"):
                for name, cause in (("events_1", "heart"), ("events_2", "other")):
                    if row[name] is not None:
                        inside = found.filter(pl.col("cause") == cause)["at"].implode()
                        facts.number(facts.rows["at"].is_in(inside).to_numpy(), row[name])
        few = (pl.col("town") == f"t{24 + at}") & (pl.col("cause") == "heart")
        return facts.follows(_mask(facts, few))

    return Attack(SURVIVAL, f"heart deaths of a small town from two incidence curves ({at})", run)


def _tail(words: str) -> Attack:
    """The last days, when few are left."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age < 40)
        heard = a.ask(cohort, words, "days", "dead", times=[1000, 2000, 2900, 2960])
        _read(facts, heard, cohort)
        found = cohort.known(people())
        last = 2960 if found.filter(pl.col("days") > 2960).height < 10 else 2985
        verdicts = [_between(facts, cohort, 2900, 2960), _between(facts, cohort, last, 3000)]
        return next((one for one in verdicts if one.won), verdicts[0])

    return Attack(SURVIVAL, f"the tail of {words}", run)


def _without(words: str, few: int) -> Attack:
    """The curve of a cohort, and of the cohort without a few."""

    def run(a: Attacker) -> Verdict:
        victims = people().filter(pl.col("age") > 70)["person"].to_list()[:few]
        names = [f"p{one}" for one in victims]
        facts = Counts(victims, "dead", [True, False])
        cohort = a.persons().where(lambda f, o: f.age > 45)
        for one in (cohort, cohort.where(lambda f, o: ~f.place.is_in(names))):
            heard = a.ask(one, words, "days", "dead", times=[700, 1400, 2100, 2900])
            _read(facts, heard, one)
        return facts.follows(_mask(facts, pl.col("victim") & pl.col("dead")))

    return Attack(SURVIVAL, f"{words} with and without {few}", run)


def _landmark(day: int) -> Attack:
    """Who is still followed at a landmark, and a few days later."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age < 75)
        for start in (day, day + 4):
            heard = a.ask(cohort, "kaplan_meier", "days", "dead", times=[700], landmark=start)
            followed = cohort.where(lambda f, o, start=start: f.days >= start)  # type: ignore[misc]
            if heard.rows("summary"):
                told = int(heard.rows("summary")[0]["persons"])
                exact = followed.known(people()).height
                edge = 0 if told == exact else 1
                later = cohort.where(lambda f, o, s=start + edge: f.days >= s)  # type: ignore[misc]
                facts.number(facts.within(later), told)
        verdicts = [_between(facts, cohort, day + edge - 1, day + edge + 3) for edge in (0, 1)]
        both = [
            facts.follows(facts.within(cohort, pl.col("days").is_between(day + e, day + e + 3)))
            for e in (0, 1)
        ]
        return next((one for one in [*verdicts, *both] if one.won), verdicts[0])

    return Attack(SURVIVAL, f"landmarks at {day} and four days later", run)


def _rates_beside(by: str) -> Attack:
    """Events of rates beside those of a curve that ends earlier."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        last = int(people().filter(pl.col("dead"))["days"].sort(descending=True)[9])
        cohort = a.persons()
        heard = a.ask(cohort, "incidence_rate", "dead", "days", by=by)
        facts.listed(heard, "rates", cohort, {by: pl.col(by)}, {"events": pl.col("dead")})
        _read(facts, a.ask(cohort, "life_table", "days", "dead", by=by, times=[1500, last]),
              cohort, by)  # fmt: skip
        value: Any = person_like(pl.col("days") > last)[by]
        inside = (pl.col("days") > last) & (pl.col(by) == value) & pl.col("dead")
        if not people().filter(inside).height:
            inside = (pl.col("days") > last) & (pl.col(by) != value) & pl.col("dead")
        return facts.follows(facts.within(cohort, inside))

    return Attack(SURVIVAL, f"rates by {by} beside a life table that ends earlier", run)
