"""Groups of the attacker's making: windows, episodes, matching by lot, links between persons."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people, visits
from tests.redteam.battery.ways import count_by, small_cells

SUBGROUPS, LINKS = "windows, episodes and matching", "links between persons"


def attacks() -> Iterator[Attack]:
    yield from (_window(end, by) for end, by in (
        (900, "sex"), (1200, "dead"), (1500, "smoker"), (600, "sex")))  # fmt: skip
    yield from (_episodes(gap, by) for gap, by in ((30, "sex"), (20, "dead"), (365, "smoker")))
    yield from (_often(many, by) for many, by in ((6, "dead"), (7, "sex")))
    yield from (_matched(ratio, by) for ratio, by in ((1, "dead"), (2, "smoker"), (1, "vital")))
    yield from (_mothers(by, few) for by, few in (("smoker", 1), ("dead", 3), ("vital", 2)))
    yield from (_children(most, by) for most, by in ((5, "smoker"), (6, "dead"), (7, "vital")))
    yield from (_of_one(secret) for secret in ("smoker", "dead"))


def _window(end: int, by: str) -> Attack:
    """Who had a visit before a day, and before the next."""

    def run(a: Attacker) -> Verdict:
        table = people()
        for at, day in enumerate((end, end + 1, end + 2)):
            before = visits().filter(pl.col("day") < day)["person"].unique()
            table = table.with_columns(pl.col("person").is_in(before.implode()).alias(f"w{at}"))
        facts = Counts(rows=table)
        seen = a.visits()
        for at, day in enumerate((end, end + 1, end + 2)):
            cohort = Cohort(
                a.project["person"].with_columns(**{f"w{at}": seen.filter(seen.day < day).exists()})
            )
            count_by(a, facts, cohort, f"w{at}", by)
        step = Cohort(None, (lambda rows: rows.filter(pl.col("w2") & ~pl.col("w0")),))
        return small_cells(facts, step, by)

    return Attack(SUBGROUPS, f"{by} of who was first seen about day {end}", run)


def _episodes(gap: int, by: str) -> Attack:
    """Episodes with a gap, and with one day more."""

    def run(a: Attacker) -> Verdict:
        table = people()
        for at, wide in enumerate((gap, gap + 3)):
            table = table.with_columns(_several(wide).alias(f"e{at}"))
        facts = Counts(rows=table)
        for at, wide in enumerate((gap, gap + 3)):
            several = a.visits().episodes("date", gap=wide).count() >= 2
            cohort = Cohort(a.project["person"].with_columns(**{f"e{at}": several}))
            count_by(a, facts, cohort, f"e{at}", by)
        moved = Cohort(None, (lambda rows: rows.filter(pl.col("e0") & ~pl.col("e1")),))
        return small_cells(facts, moved, by)

    return Attack(SUBGROUPS, f"{by} of whose episodes join with a gap of {gap} days or more", run)


def _several(gap: int) -> pl.Series:
    """Whether each person has two episodes or more: worked out day by day."""
    days: dict[int, list[int]] = {}
    for person, day in visits().select("person", "day").iter_rows():
        days.setdefault(person, []).append(day)
    found = []
    for person in people()["person"]:
        ordered = sorted(days.get(person, []))
        breaks = sum(b - a > gap for a, b in pairwise(ordered))
        found.append(bool(ordered) and breaks >= 1)
    return pl.Series(found)


def _often(many: int, by: str) -> Attack:
    """At least so many visits, and one more."""

    def run(a: Attacker) -> Verdict:
        counts = visits().group_by("person").len("times")
        table = people().join(counts, on="person", how="left").with_columns(
            pl.col("times").fill_null(0)
        )  # fmt: skip
        for at in (many, many + 1):
            table = table.with_columns((pl.col("times") >= at).alias(f"o{at}"))
        facts = Counts(rows=table)
        seen = a.visits()
        for at in (many, many + 1):
            cohort = Cohort(a.project["person"].with_columns(**{f"o{at}": seen.count() >= at}))
            count_by(a, facts, cohort, f"o{at}", by)
        exact = Cohort(None, (lambda rows: rows.filter(pl.col("times") == many),))
        more = Cohort(None, (lambda rows: rows.filter(pl.col("times") > many),))
        verdicts = [small_cells(facts, one, by) for one in (exact, more)
                    if one.known(facts.rows).group_by(by).len()["len"].min() < 10]  # fmt: skip
        return next((one for one in verdicts if one.won), verdicts[0])

    return Attack(SUBGROUPS, f"{by} of who has {many} visits", run)


def _matched(ratio: int, by: str) -> Attack:
    """The cases of matched sets, with and without two of them; each case finds a control."""

    def run(a: Attacker) -> Verdict:
        few = people().filter(pl.col("town") == "t02")["person"].to_list()[2:4]
        names = [f"p{one}" for one in few]
        facts = Counts(few, by, [True, False])
        whole = a.persons().where(lambda f, o: f.town == "t02")
        others = a.project["person"]
        others = others.filter(others.town == "t00")
        for cases in (whole, whole.where(lambda f, o: ~f.place.is_in(names))):
            sets = cases.frame.matched(others, calipers={"age": 40}, ratio=ratio, seed=ratio)
            heard = a.ask(sets, "crosstab", "case", by)
            for codes, n in heard.cells().items():
                if codes[0] == "true" and codes[1] in ("true", "false"):
                    value = pl.col(by) == (codes[1] == "true")
                    facts.number(facts.within(cases, value), n)
        return facts.follows(_mask(facts, pl.col("victim") & pl.col(by)))

    return Attack(SUBGROUPS, f"{by} of two cases from matched sets of 1 to {ratio}", run)


def _mask(facts: Counts, condition: pl.Expr) -> Any:
    return facts.rows.select(condition).to_series().to_numpy()


def _mothers(by: str, few: int) -> Attack:
    """Mothers' values by way of their children, with and without some children."""

    def run(a: Attacker) -> Verdict:
        table = people()
        hers = table.select(pl.col("person").alias("mother"), pl.col(by).alias("hers"))
        table = table.join(hers, on="mother", how="left")
        have = pl.col("mother").is_not_null()
        victims = table.filter(have)["person"].to_list()[5 : 5 + few]
        values = [True, False] if by != "sex" else ["F", "M"]
        facts = Counts(victims, "hers", values, rows=table)
        person = a.project["person"]
        mothers = person.linked("mother", keep=["place"])
        told = mothers.with_columns(hers=person[by]).back()
        names = [f"p{one}" for one in victims]
        for known in (have, have & ~pl.col("person").is_in(victims)):
            cohort = told if known is have else told.filter(~told.place.is_in(names))
            step = Cohort(cohort, (lambda rows, known=known: rows.filter(known),))  # type: ignore[misc]
            facts.table(a.ask(step, "crosstab", "hers"), step)
        return facts.follows(_mask(facts, pl.col("victim") & (pl.col("hers") == values[0])))

    return Attack(LINKS, f"{by} of the mothers of {few}, with and without their children", run)


def _children(most: int, by: str) -> Attack:
    """Mothers of many children are few."""

    def run(a: Attacker) -> Verdict:
        counts = people().group_by("mother").len("children").drop_nulls()
        table = people().join(counts, left_on="person", right_on="mother", how="left")
        table = table.with_columns(pl.col("children").fill_null(0))
        edge = most
        while table.filter(pl.col("children") >= edge, pl.col(by)).height >= 10:
            edge += 1
        table = table.with_columns(many=pl.col("children") >= edge)
        facts = Counts(rows=table)
        person = a.project["person"]
        cohort = Cohort(person.with_columns(many=person.linked("mother").count() >= edge))
        count_by(a, facts, cohort, "many", by)
        count_by(a, facts, cohort, by)
        many = Cohort(None, (lambda rows: rows.filter(pl.col("many")),))
        return small_cells(facts, many, by)

    return Attack(LINKS, f"{by} of mothers of {most} or more", run)


def _of_one(secret: str) -> Attack:
    """One mother, singled out by her child."""

    def run(a: Attacker) -> Verdict:
        row = people().filter(pl.col("mother").is_not_null()).row(9, named=True)
        victim = int(row["mother"])
        table = people().with_columns(hers=pl.col("person") == victim)
        facts = Counts([victim], secret, [True, False], rows=table)
        person = a.project["person"]
        children = person.linked("mother", keep=["place"])
        cohort = Cohort(
            person.with_columns(hers=children.filter(children.place == row["place"]).exists())
        )
        count_by(a, facts, cohort, "hers", secret)
        count_by(a, facts, cohort, secret)
        facts.table(a.ask(cohort, "describe", "age", by=["hers", secret]), cohort, value="age")
        return facts.follows(_mask(facts, pl.col("victim") & pl.col(secret)))

    return Attack(LINKS, f"{secret} of one mother, found by her child", run)
