"""Subtract two answers: the same question with and without a few persons, or of overlapping groups.

Hundepool et al. 2012; the example of OpenSAFELY's output checkers (one woman).
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people
from tests.redteam.battery.ways import SECRETS, WAYS, count_by, first_few, named

RELEASES, COHORTS = "differencing releases", "differencing cohorts"


def attacks() -> Iterator[Attack]:
    """With and without; then unions, swaps, cycles and nested cuts of cohorts."""
    for at, (words, (_, secrets)) in enumerate(WAYS.items()):
        few, secret = (1, 2, 3, 5, 9)[at % 5], secrets[at % len(secrets)]
        yield _without(words, secret, few, below=50 + at)
    for at, (first, second) in enumerate(
        [
            ("a count by group", "a table with margins"),
            ("a table with margins", "means by group"),
            ("means by group", "a crossed table"),
            ("a t-test", "a count by group"),
        ]
    ):
        yield _two_ways(first, second, "sex", few=1 + at)
    yield from (_swapped(secret, few) for secret, few in (("sex", 2), ("school", 4), ("cause", 1)))
    yield from (_union(secret, few) for secret, few in (("sex", 1), ("dead", 3), ("smoker", 6)))
    yield from (_cycle(secret) for secret in ("sex", "dead", "smoker"))
    yield from (_nested(low) for low in (60, 36, 75))
    yield from (_complement(secret, few) for secret, few in (("sex", 1), ("dead", 4)))
    yield from (_missing(secret) for secret in ("sex", "dead"))


def _without(words: str, secret: str, few: int, below: int) -> Attack:
    way = WAYS[words][0]

    def run(a: Attacker) -> Verdict:
        victims = first_few(pl.col("age") < below, few, start=few)
        facts = Counts(victims, secret, SECRETS[secret])
        whole = a.persons().where(lambda f, o: f.age < below)
        way(a, facts, whole, secret)
        way(a, facts, whole.where(lambda f, o: ~f.place.is_in(named(victims))), secret)
        return _told(facts, secret)

    return Attack(RELEASES, f"{secret} by {words}, below {below} with and without {few}", run)


def _two_ways(first: str, second: str, secret: str, few: int) -> Attack:
    def run(a: Attacker) -> Verdict:
        victims = first_few(pl.col("age") >= 40, few)
        facts = Counts(victims, secret, SECRETS[secret])
        whole = a.persons().where(lambda f, o: f.age >= 40)
        WAYS[first][0](a, facts, whole, secret)
        WAYS[second][0](a, facts, whole.where(lambda f, o: ~f.place.is_in(named(victims))), secret)
        return _told(facts, secret)

    return Attack(RELEASES, f"{secret} by {first}, then by {second} without {few}", run)


def _told(facts: Counts, secret: str) -> Verdict:
    """Whether the number of victims with any of the values follows."""
    victims = pl.col("victim")
    verdicts = [
        facts.follows(facts.rows.select(victims & pl.col(secret).eq_missing(pl.lit(one)))
                      .to_series().to_numpy())
        for one in SECRETS[secret]
    ]  # fmt: skip
    return next((one for one in verdicts if one.won), verdicts[0])


def _swapped(secret: str, few: int) -> Attack:
    """Two cohorts of the same size, each with a few persons that the other has not."""

    def run(a: Attacker) -> Verdict:
        inside, outside = (
            first_few(pl.col("age") < 45, few, start=7),
            first_few(pl.col("age") >= 45, few, start=7),
        )
        facts = Counts(inside, secret, SECRETS[secret])
        base = a.persons().where(lambda f, o: f.age < 45)
        other = a.persons().where(
            lambda f, o: (
                ((f.age < 45) & ~f.place.is_in(named(inside))) | f.place.is_in(named(outside))
            )
        )
        count_by(a, facts, base, secret)
        count_by(a, facts, other, secret)
        # who is put in is known to the attacker: colleagues, say
        known = people().filter(pl.col("person").is_in(outside))
        for one in SECRETS[secret]:
            mask = facts.rows.select(pl.col("person").is_in(outside) & (pl.col(secret) == one))
            facts.number(mask.to_series().to_numpy(), known.filter(pl.col(secret) == one).height)
        return _told(facts, secret)

    return Attack(COHORTS, f"{secret} of {few} exchanged for {few} who are known", run)


def _union(secret: str, few: int) -> Attack:
    """n(A or B) and n(B), where A is a few persons outside B."""

    def run(a: Attacker) -> Verdict:
        victims = first_few((pl.col("region") == 2) & (pl.col("age") > 80), few)
        facts = Counts(victims, secret, SECRETS[secret])
        count_by(a, facts, a.persons().where(lambda f, o: f.region == 1), secret)
        union = a.persons().where(lambda f, o: (f.region == 1) | f.place.is_in(named(victims)))
        count_by(a, facts, union, secret)
        return _told(facts, secret)

    return Attack(COHORTS, f"{secret} of {few} by a union with a region", run)


def _cycle(secret: str) -> Attack:
    """Each two cohorts are far apart; the sum of two less two others is one person."""

    def run(a: Attacker) -> Verdict:
        victims = first_few((pl.col("age") >= 50) & (pl.col("region") == 1), 1)
        facts = Counts(victims, secret, SECRETS[secret])
        name = named(victims)[0]
        for condition in (
            lambda f, o: (f.age < 50) & (f.region == 1),
            lambda f, o: (f.age >= 50) & (f.region == 2),
            lambda f, o: ((f.age < 50) & (f.region == 1)) | ((f.age >= 50) & (f.region == 2))
            | (f.place == name),
        ):  # fmt: skip
            count_by(a, facts, a.persons().where(condition), secret)
        return _told(facts, secret)

    return Attack(COHORTS, f"{secret} of one by two cohorts and their union with one more", run)


def _nested(low: int) -> Attack:
    """Cuts of age one year apart in one town: each step is a handful."""
    step = (pl.col("sex") == "F") & pl.col("age").is_between(low, low + 1)
    few = people().filter(step).group_by("town").len().sort("len", "town")
    town = str(few["town"][0])

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        for edge in (low, low + 1, low + 2):
            cohort = a.persons().where(
                lambda f, o, edge=edge: (f.age < edge) | (f.town != town)  # type: ignore[misc]
            )
            count_by(a, facts, cohort, "sex")
        target = facts.rows.select(step & (pl.col("town") == town)).to_series()
        return facts.follows(target.to_numpy())

    return Attack(COHORTS, f"women of town {town} about {low} by cuts a year apart", run)


def _complement(secret: str, few: int) -> Attack:
    """Everybody, and everybody but a few."""

    def run(a: Attacker) -> Verdict:
        victims = first_few(pl.col("age") > 30, few, start=11)
        facts = Counts(victims, secret, SECRETS[secret])
        count_by(a, facts, a.persons(), secret)
        count_by(a, facts, a.persons().where(lambda f, o: ~f.place.is_in(named(victims))), secret)
        return _told(facts, secret)

    return Attack(COHORTS, f"{secret} of {few} by everybody and everybody but them", run)


def _missing(secret: str) -> Attack:
    """Who lacks a weight is left out by `describe` and is in the table."""

    def run(a: Attacker) -> Verdict:
        lacking = pl.col("weight").is_null()
        town = (
            people().filter(lacking).group_by("town").len().filter(pl.col("len") < 8)
            .sort("len", "town").row(-1)[0]
        )  # fmt: skip
        facts = Counts()
        cohort = a.persons().where(lambda f, o: (f.town == town) | (f.region == 1))
        count_by(a, facts, cohort, secret)
        facts.table(a.ask(cohort, "describe", "weight", by=secret), cohort, value="weight")
        others = cohort.where(lambda f, o: f.town != town)
        count_by(a, facts, others, secret)
        facts.table(a.ask(others, "describe", "weight", by=secret), others, value="weight")
        value: Any = SECRETS[secret][0]
        inside = (pl.col("town") == town) | (pl.col("region") == 1)
        target = facts.rows.select(
            lacking & inside & (pl.col("town") == town) & (pl.col(secret) == value)
        )
        return facts.follows(target.to_series().to_numpy())

    return Attack(COHORTS, f"{secret} of those of a town without a weight, by describe", run)
