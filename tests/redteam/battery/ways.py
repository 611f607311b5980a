"""The ways in which the number of persons with something is told, and how the judge reads each."""

from collections.abc import Callable
from typing import Any

import polars as pl

from tests.redteam.battery.attacker import Attacker, Cohort, Heard
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import THRESHOLD, Verdict
from tests.redteam.battery.people import people

__all__ = ["SECRETS", "WAYS", "count_by", "first_few", "named", "small_cells"]

SECRETS: dict[str, list[Any]] = {
    "sex": ["F", "M"],
    "dead": [True, False],
    "smoker": [True, False],
    "vital": [True, False],
    "school": ["low", "middle", "high"],
    "cause": ["none", "heart", "other"],
}
Way = Callable[[Attacker, Counts, Cohort, str], Heard]


def first_few(where: pl.Expr, few: int, start: int = 0) -> list[int]:
    """Some persons (indices) for whom a condition holds."""
    return people().filter(where)["person"].to_list()[start : start + few]


def named(persons: list[int]) -> list[str]:
    """What singles these persons out in a condition."""
    return [f"p{one}" for one in persons]


def count_by(a: Attacker, facts: Counts, cohort: Cohort, *by: str, margins: bool = True) -> Heard:
    """A cross table, heard and written down."""
    heard = a.ask(cohort, "crosstab", *by, margins=margins)
    facts.table(heard, cohort)
    return heard


def small_cells(facts: Counts, cohort: Cohort, *by: str, most: int = 12) -> Verdict:
    """Whether any cell of few persons follows, of the table by some variables of a cohort."""
    found = cohort.known(facts.rows)
    sizes = found.group_by(by).len().filter(pl.col("len") < THRESHOLD).sort(pl.all())
    verdicts = []
    for row in sizes.head(most).iter_rows(named=True):
        same = [pl.col(one).eq_missing(pl.lit(row[one])) for one in by]
        target = found.filter(pl.all_horizontal(same))["at"].implode()
        mask = facts.rows["at"].is_in(target).to_numpy()
        verdicts.append(facts.follows(mask))
        if verdicts[-1].won:
            break
    return verdicts[-1]


def _count(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "count", by=secret)
    facts.table(heard, cohort)
    return heard


def _crosstab(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    return count_by(a, facts, cohort, secret)


def _crossed(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    return count_by(a, facts, cohort, secret, "region")


def _proportion(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "proportion", secret, by="region")
    facts.table(heard, cohort)
    return heard


def _shares(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "shares", secret, "region")
    facts.table(heard, cohort)
    return heard


def _top(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "top_codes", secret, most=2)
    facts.listed(heard, "top", cohort, {secret: pl.col(secret)}, {"persons": pl.lit(value=True)})
    return heard


def _rates(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "incidence_rate", secret, "days", by="sex")
    facts.listed(heard, "rates", cohort, {"sex": pl.col("sex")}, {"events": pl.col(secret)})
    return heard


def _logrank(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "logrank", "days", secret, by="sex")
    numbers = {"persons": pl.lit(value=True), "events": pl.col(secret)}
    facts.listed(heard, "groups", cohort, {"sex": pl.col("sex")}, numbers)
    return heard


def _logit(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "logit", f"{secret} ~ age + sex")
    numbers = {"n": pl.lit(value=True), "events": pl.col(secret)}
    facts.listed(heard, "fit", cohort, {}, numbers)
    return heard


def _cox(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "cox", "days", secret, "age + sex")
    numbers = {"n": pl.lit(value=True), "events": pl.col(secret)}
    facts.listed(heard, "fit", cohort, {}, numbers)
    return heard


def _survival(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "kaplan_meier", "days", secret, times=[700, 1400])
    numbers = {"persons": pl.lit(value=True), "events": pl.col(secret)}
    facts.listed(heard, "summary", cohort, {}, numbers)
    return heard


def _lives(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "life_table", "days", secret, times=[700, 1400, 2100])
    found = cohort.known(facts.rows)
    for row in heard.rows("life_table"):
        inside = (pl.col("days") > row["start"]) & (pl.col("days") <= row["end"])
        for name, hit in (("events", pl.col(secret)), ("censored", ~pl.col(secret))):
            if row[name] is not None:
                wanted = found.filter(inside & hit)["at"]
                facts.number(facts.rows["at"].is_in(wanted.implode()).to_numpy(), row[name])
    return heard


def _described(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "describe", "income", by=secret)
    facts.table(heard, cohort)
    return heard


def _quantiles(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "median", "age", by=secret)
    facts.table(heard, cohort)
    return heard


def _boxplot(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "boxplot", "age", by=secret)
    facts.listed(heard, "boxes", cohort, {secret: pl.col(secret)}, {"persons": pl.lit(value=True)})
    return heard


def _tested(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "t_test", "age", by=secret)
    facts.listed(heard, "groups", cohort, {secret: pl.col(secret)}, {"persons": pl.lit(value=True)})
    return heard


def _ranked(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "rank_test", "age", by=secret)
    facts.listed(heard, "groups", cohort, {secret: pl.col(secret)}, {"persons": pl.lit(value=True)})
    return heard


def _concentration(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> Heard:
    heard = a.ask(cohort, "gini", "income", by=secret)
    facts.table(heard, cohort)
    return heard


WAYS: dict[str, tuple[Way, tuple[str, ...]]] = {
    "a count by group": (_count, ("sex", "dead", "school", "cause")),
    "a table with margins": (_crosstab, ("sex", "smoker", "school", "cause")),
    "a crossed table": (_crossed, ("sex", "dead", "school")),
    "proportions": (_proportion, ("dead", "smoker", "vital")),
    "shares": (_shares, ("sex", "school", "cause")),
    "the commonest codes": (_top, ("cause", "school")),
    "rates": (_rates, ("dead", "smoker")),
    "a log-rank test": (_logrank, ("dead", "vital")),
    "a logistic model": (_logit, ("dead", "smoker")),
    "a Cox model": (_cox, ("dead", "vital")),
    "a survival curve": (_survival, ("dead", "smoker")),
    "a life table": (_lives, ("dead", "vital")),
    "means by group": (_described, ("sex", "school")),
    "medians by group": (_quantiles, ("sex", "cause")),
    "box plots": (_boxplot, ("sex", "smoker")),
    "a t-test": (_tested, ("sex", "dead")),
    "a rank test": (_ranked, ("sex", "vital")),
    "Gini by group": (_concentration, ("sex", "school")),
}
"""Words -> how to ask, and secrets that can be asked for so."""
