"""Trackers: a count that may not be asked, worked out from those that may (Denning et al. 1979)."""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker
from tests.redteam.battery.judges.amounts import Amounts
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people, person_like
from tests.redteam.battery.ways import SECRETS, count_by, named

TRACKERS = "trackers"
Condition = Callable[[Any, Any], Any]


def _tracked(secret: str, at: int) -> tuple[int, str]:
    """Somebody with the secret, of whom the attacker knows two things that fit nobody else."""
    alone = people().filter(pl.len().over("age", "town") == 1, pl.col(secret), pl.col("age") > 30)
    row = alone.sort("age", "town").row(at * 40, named=True)
    return row["age"], row["town"]


def attacks() -> Iterator[Attack]:
    yield from (_individual(*_tracked("dead", at), "dead") for at in range(3))
    yield from (_individual(*_tracked("smoker", at), "smoker") for at in range(2))
    yield from (_general(secret, at) for at, secret in enumerate(("dead", "smoker", "vital")))
    yield from (_double(secret, at) for at, secret in enumerate(("dead", "smoker")))
    yield from (_sums(at) for at in range(3))
    yield from (_without_the_secret(secret, at) for at, secret in enumerate(("dead", "vital")))


def _only(age: int, town: str) -> pl.Expr:
    return (pl.col("age") == age) & (pl.col("town") == town)


def _individual(age: int, town: str, secret: str) -> Attack:
    """count(C) = count(C1) - count(C1 and not C2), each of which is large."""

    def run(a: Attacker) -> Verdict:
        here = people().filter(_only(age, town))["person"].to_list()
        facts = Counts(here, secret, SECRETS[secret])
        first: Condition = lambda f, o: f.age <= age  # noqa: E731
        rest: Condition = lambda f, o: (f.age <= age) & ~((f.age == age) & (f.town == town))  # noqa: E731
        for condition in (first, rest):
            count_by(a, facts, a.persons().where(condition), secret)
        mask = facts.rows.select(pl.col("victim") & pl.col(secret)).to_series().to_numpy()
        return facts.follows(mask)

    return Attack(TRACKERS, f"individual tracker: {secret} at {age} in {town}", run)


def _general(secret: str, at: int) -> Attack:
    """count(C) = count(C or T) + count(C or not T) - everybody."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col(secret) & (pl.col("age") > 40 + 7 * at), at)["person"]
        name = named([victim])[0]
        facts = Counts([victim], secret, SECRETS[secret])
        for condition in (
            lambda f, o: (f.sex == "F") | ((f.place == name) & f[secret]),
            lambda f, o: (f.sex != "F") | ((f.place == name) & f[secret]),
        ):
            cohort = a.persons().where(condition)
            heard = a.ask(cohort, "count")
            facts.table(heard, cohort)
        mask = facts.rows.select(pl.col("victim") & pl.col(secret)).to_series().to_numpy()
        return facts.follows(mask)

    return Attack(TRACKERS, f"general tracker by sex: {secret} of one person ({at})", run)


def _double(secret: str, at: int) -> Attack:
    """count(C) = count(U) + count(C or T) - count(T) - count(U and not (C and T))."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("age") == 33 + at, at)["person"]
        name = named([victim])[0]
        facts = Counts([victim], secret, SECRETS[secret])
        small: Condition = lambda f, o: f.age < 60  # noqa: E731
        large: Condition = lambda f, o: f.age < 75  # noqa: E731
        for condition in (
            large,
            small,
            lambda f, o: (f.age < 60) | (f.place == name),
            lambda f, o: (f.age < 75) & ~((f.place == name) & (f.age < 60)),
        ):
            count_by(a, facts, a.persons().where(condition), secret)
        mask = facts.rows.select(pl.col("victim") & pl.col(secret)).to_series().to_numpy()
        return facts.follows(mask)

    return Attack(TRACKERS, f"double tracker by age: {secret} of one person ({at})", run)


def _sums(at: int) -> Attack:
    """The same with sums: what one person earns."""

    def run(a: Attacker) -> Verdict:
        victim = person_like((pl.col("income") > 900) & (pl.col("age") < 60), at)
        name = victim["place"]
        amounts = Amounts(victim["person"])
        for condition in (
            lambda f, o: f.age < 60 + at,
            lambda f, o: (f.age < 60 + at) & (f.place != name),
        ):
            cohort = a.persons().where(condition)
            amounts.means(a.ask(cohort, "totals", "income"), cohort, "income")
        return amounts.follows()

    return Attack(TRACKERS, f"tracker of sums: an income, cohort below {60 + at}", run)


def _without_the_secret(secret: str, at: int) -> Attack:
    """The secret is in the condition, and the count is of something else."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(~pl.col(secret) & (pl.col("region") == 1), at)["person"]
        name = named([victim])[0]
        facts = Counts([victim], secret, SECRETS[secret])
        for condition in (
            lambda f, o: f.region == 1,
            lambda f, o: ((f.region == 1) & (f.place != name)) | ((f.place == name) & f[secret]),
        ):
            count_by(a, facts, a.persons().where(condition), "sex")
        mask = facts.rows.select(pl.col("victim") & pl.col(secret)).to_series().to_numpy()
        return facts.follows(mask)

    return Attack(TRACKERS, f"{secret} in the condition of one person ({at})", run)
