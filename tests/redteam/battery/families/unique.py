"""Conditions that fit a handful, and joins that make many rows of one person."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people, person_like, visits
from tests.redteam.battery.ways import SECRETS, count_by, first_few, named

UNIQUE, JOINS = "near-unique conditions", "joins and distinct persons"
Condition = Callable[[Any, Any], Any]


def attacks() -> Iterator[Attack]:
    yield from (_only(few, secret) for few, secret in (
        (1, "dead"), (3, "sex"), (9, "smoker"), (30, "school")))  # fmt: skip
    yield from (_born(secret, at) for at, secret in enumerate(("dead", "smoker", "sex")))
    yield from (_followed(secret, at) for at, secret in enumerate(("dead", "vital")))
    yield from (_text(secret, at) for at, secret in enumerate(("sex", "dead", "smoker")))
    yield from (_group_of_few(few, secret) for few, secret in (
        (1, "sex"), (2, "dead"), (9, "smoker")))  # fmt: skip
    yield from (_earned(secret, at) for at, secret in enumerate(("dead", "smoker")))
    yield from (_events(kind) for kind in ("in", "out", "day"))
    yield from (_many_rows(code) for code in ("I21", "C50"))
    yield from (_on_a_day(at) for at in range(3))


def _verdict(facts: Counts, secret: str) -> Verdict:
    told = pl.col("victim") & (pl.col(secret) == SECRETS[secret][0])
    return facts.follows(facts.rows.select(told).to_series().to_numpy())


def _only(few: int, secret: str) -> Attack:
    """A cohort that is nobody but them."""

    def run(a: Attacker) -> Verdict:
        victims = first_few(pl.col("age") > 25, few, start=3)
        facts = Counts(victims, secret, SECRETS[secret])
        cohort = a.persons().where(lambda f, o: f.place.is_in(named(victims)))
        count_by(a, facts, cohort, secret)
        a.ask(cohort, "describe", "income")
        return _verdict(facts, secret)

    return Attack(UNIQUE, f"{secret} of a cohort of {few}", run)


def _within(victims: list[int], secret: str, a: Attacker, fits: Condition) -> Verdict:
    """A group of a large cohort that a condition makes small."""
    facts = Counts(victims, secret, SECRETS[secret])
    cohort = a.persons().derive(them=lambda f, o: o.when(fits(f, o), "them", "others"))
    count_by(a, facts, cohort, "them", secret)
    count_by(a, facts, cohort, secret)
    facts.table(a.ask(cohort, "describe", "age", by=["them", secret]), cohort, value="age")
    return _verdict(facts, secret)


def _born(secret: str, at: int) -> Attack:
    """A day of birth is known to the neighbours."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("age") > 30 + at, at)
        born: date = victim["birth"]
        victims = people().filter(pl.col("birth") == born)["person"].to_list()
        return _within(victims, secret, a, lambda f, o: f.birth == born)

    return Attack(UNIQUE, f"{secret} of who was born on one day ({at})", run)


def _followed(secret: str, at: int) -> Attack:
    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("age") > 40 + at, at)
        days, town = victim["days"], victim["town"]
        alike = (pl.col("days") == days) & (pl.col("town") == town)
        victims = people().filter(alike)["person"].to_list()
        return _within(victims, secret, a, lambda f, o: (f.days == days) & (f.town == town))

    return Attack(UNIQUE, f"{secret} of who was followed so many days in one town ({at})", run)


def _text(secret: str, at: int) -> Attack:
    """By the beginning, the end or a piece of a text."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("person") > 1500, at)
        name = victim["place"]

        def fits(f: Any, o: Any) -> Any:
            if isinstance(f.place, pl.Expr):
                return f.place == name
            text = f.place.str
            if at == 0:
                return text.starts_with(name)
            return text.ends_with(name[1:]) & (text.len_chars() == 5) if at == 1 else (
                text.contains(name[1:]) & (text.len_chars() == 5)
            )  # fmt: skip

        return _within([victim["person"]], secret, a, fits)

    return Attack(UNIQUE, f"{secret} by a piece of a text ({at})", run)


def _group_of_few(few: int, secret: str) -> Attack:
    def run(a: Attacker) -> Verdict:
        victims = first_few(pl.col("age") > 50, few, start=30)
        return _within(victims, secret, a, lambda f, o: f.place.is_in(named(victims)))

    return Attack(UNIQUE, f"{secret} of {few} as a group of everybody", run)


def _earned(secret: str, at: int) -> Attack:
    """Who earns exactly so much."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("income") > 700, at)
        income = victim["income"]
        alike = pl.col("income").is_between(income - 0.05, income + 0.05)
        victims = people().filter(alike)["person"].to_list()
        return _within(
            victims, secret, a, lambda f, o: (f.income > income - 0.05) & (f.income < income + 0.05)
        )

    return Attack(UNIQUE, f"{secret} of who earns so much ({at})", run)


def _events(kind: str) -> Attack:
    """Few persons with many visits: rows are many, persons are few."""

    def run(a: Attacker) -> Verdict:
        rows = visits().filter(pl.col("kind") == kind).group_by("person").len()
        counts = rows.group_by("len").len("persons").sort("len", descending=True)
        many = int(counts.filter(pl.col("persons").cum_sum() < 12)["len"].min())
        few = rows.filter(pl.col("len") >= many)["person"].to_list()
        table = people().with_columns(often=pl.col("person").is_in(few))
        facts = Counts(rows=table)
        seen = a.visits()
        cohort = Cohort(
            a.project["person"].with_columns(often=seen.filter(seen.kind == kind).count() >= many)
        )
        count_by(a, facts, cohort, "often", "sex")
        count_by(a, facts, cohort, "sex")
        target = facts.rows.select(pl.col("often") & (pl.col("sex") == "F")).to_series()
        return facts.follows(target.to_numpy())

    return Attack(JOINS, f"women with many visits of kind {kind}", run)


def _many_rows(code: str) -> Attack:
    """A sum over visits of one person is that person's, however many visits."""

    def run(a: Attacker) -> Verdict:
        rows = visits().filter(pl.col("code") == code).group_by("person").agg(pl.len())
        one = int(rows.sort("len", "person", descending=True)["person"][0])
        table = people().with_columns(them=pl.col("person") == one)
        facts = Counts([one], "sex", ["F", "M"], rows=table)
        seen = a.visits()
        visited = seen.filter(seen.code == code)
        base = a.project["person"]
        cohort = Cohort(base.with_columns(
            them=(base.place == f"p{one}") & visited.exists()))  # fmt: skip
        count_by(a, facts, cohort, "them", "sex")
        facts.table(a.ask(cohort, "describe", "age", by=["them", "sex"]), cohort, value="age")
        return _verdict(facts, "sex")

    return Attack(JOINS, f"sex of one person with many visits for {code}", run)


def _on_a_day(at: int) -> Attack:
    """Who was seen on one day."""

    def run(a: Attacker) -> Verdict:
        day = int(visits()["day"][17 + at])
        few = visits().filter(pl.col("day") == day)["person"].unique().to_list()
        table = people().with_columns(seen=pl.col("person").is_in(few))
        facts = Counts(few, "dead", [True, False], rows=table)
        events = a.visits()
        cohort = Cohort(
            a.project["person"].with_columns(seen=events.filter(events.day == day).exists())
        )
        count_by(a, facts, cohort, "seen", "dead")
        facts.table(a.ask(cohort, "proportion", "dead", by="seen"), cohort)
        return _verdict(facts, "dead")

    return Attack(JOINS, f"deaths among who was seen on one day ({at})", run)
