"""The same plan on new data: what changed is a few persons (OpenSAFELY warns of near reruns)."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker
from tests.redteam.battery.judges.amounts import Amounts
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people, person_like
from tests.redteam.battery.ways import SECRETS, WAYS

REFRESH = "reruns after a refresh"


def attacks() -> Iterator[Attack]:
    yield from (_gone(words, secret, few) for words, secret, few in (
        ("a count by group", "sex", 1), ("a table with margins", "school", 3),
        ("means by group", "sex", 2), ("a log-rank test", "dead", 5),
        ("proportions", "smoker", 9), ("a logistic model", "dead", 1)))  # fmt: skip
    yield from (_came(words, secret, few) for words, secret, few in (
        ("a count by group", "dead", 1), ("a crossed table", "sex", 4),
        ("the commonest codes", "cause", 2)))  # fmt: skip
    yield from (_turned(words, secret) for words, secret in (
        ("a count by group", "dead"), ("a table with margins", "smoker"),
        ("rates", "dead"), ("a survival curve", "dead")))  # fmt: skip
    yield from (_income(words) for words in ("describe", "totals"))


def _told(facts: Counts, secret: str) -> Verdict:
    verdicts = [
        facts.follows(
            facts.rows.select(pl.col("victim") & (pl.col(secret) == one)).to_series().to_numpy()
        )
        for one in SECRETS[secret]
    ]
    return next((one for one in verdicts if one.won), verdicts[0])


def _gone(words: str, secret: str, few: int) -> Attack:
    """Some have left the registry."""

    def run(a: Attacker) -> Verdict:
        gone = people().filter(pl.col("age") > 60)["person"].to_list()[few : 2 * few]
        facts = Counts(gone, secret, SECRETS[secret])
        cohort = a.persons().where(lambda f, o: f.age > 40)
        WAYS[words][0](a, facts, cohort, secret)
        a.refreshed(without=gone)
        later = Counts(gone, secret, SECRETS[secret])
        left = cohort.where(lambda f, o: f.age > 40)
        kept = type(left)(cohort.frame, (*cohort.steps, _but(gone)))
        WAYS[words][0](a, facts, kept, secret)
        assert later.rows.height == facts.rows.height
        return _told(facts, secret)

    return Attack(REFRESH, f"{secret} of {few} who left, by {words}", run)


def _but(gone: list[int]) -> Any:
    return lambda rows: rows.filter(~pl.col("person").is_in(gone))


def _came(words: str, secret: str, few: int) -> Attack:
    """Some were not there before: the refresh of a smaller registry, backwards."""

    def run(a: Attacker) -> Verdict:
        came = people().filter(pl.col("age") < 40)["person"].to_list()[few : 2 * few]
        facts = Counts(came, secret, SECRETS[secret])
        a.refreshed(without=came)
        cohort = a.persons().where(lambda f, o: f.age < 55)
        before = type(cohort)(cohort.frame, (*cohort.steps, _but(came)))
        WAYS[words][0](a, facts, before, secret)
        a.restored()
        WAYS[words][0](a, facts, cohort, secret)
        return _told(facts, secret)

    return Attack(REFRESH, f"{secret} of {few} who came, by {words}", run)


def _turned(words: str, secret: str) -> Attack:
    """One person's value is another now: the difference says which it was."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(~pl.col(secret) & (pl.col("age") > 50) & (pl.col("days") > 1500), 2)
        at = victim["person"]
        rows = pl.concat(
            [
                people().with_columns(then=pl.col(secret), now=pl.col(secret)),
                people().filter(pl.col("person") == at)
                .with_columns(then=pl.lit(value=False), now=pl.lit(value=False)),
            ]
        )  # fmt: skip
        table = rows.head(people().height)
        after = table.with_columns(
            now=pl.when(pl.col("person") == at).then(pl.lit(value=True)).otherwise(pl.col(secret))
        )
        # secret: whether this person was the one that turned; known to nobody but the answers
        facts = Counts([at], "now", [True, False], rows=after)
        cohort = a.persons().where(lambda f, o: f.age > 30)
        first = type(cohort)(cohort.frame, (*cohort.steps, _as(secret, "then")))
        WAYS[words][0](a, facts, first, secret)
        a.refreshed(changes={at: {secret: True}})
        second = type(cohort)(cohort.frame, (*cohort.steps, _as(secret, "now")))
        WAYS[words][0](a, facts, second, secret)
        mask = facts.rows.select(pl.col("victim") & pl.col("now")).to_series().to_numpy()
        return facts.follows(mask)

    return Attack(REFRESH, f"{secret} of one that turned, by {words}", run)


def _as(secret: str, name: str) -> Any:
    return lambda rows: rows.with_columns(pl.col(name).alias(secret))


def _income(words: str) -> Attack:
    """One income has left."""

    def run(a: Attacker) -> Verdict:
        victim = person_like((pl.col("income") > 1100) & (pl.col("age") < 60), 1)
        amounts = Amounts(victim["person"])
        cohort = a.persons().where(lambda f, o: f.age < 60)
        amounts.means(a.ask(cohort, words, "income"), cohort, "income")
        a.refreshed(without=[victim["person"]])
        kept = type(cohort)(cohort.frame, (*cohort.steps, _but([victim["person"]])))
        amounts.means(a.ask(cohort, words, "income"), kept, "income")
        return amounts.follows()

    return Attack(REFRESH, f"an income that left, by {words}", run)
