"""Cells from margins, and cells of one hierarchy from those of another.

The commonest failure of primary suppression alone: a table's margins, asked apart, fill its gaps.
"""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.ways import count_by, small_cells

MARGINS, HIERARCHIES = "margins and cells", "overlapping hierarchies"
Condition = Callable[[Any, Any], Any]


def attacks() -> Iterator[Attack]:
    for at, dims in enumerate(
        [
            ("region", "sex"),
            ("town", "sex"),
            ("region", "school"),
            ("town", "dead"),
            ("region", "cause"),
            ("town", "smoker"),
        ]
    ):
        yield _margins_apart(*dims, young=at % 2 == 0)
    yield from (_described(*dims) for dims in (("town", "sex"), ("region", "smoker"),
                                               ("town", "school")))  # fmt: skip
    yield from (_three(*dims) for dims in (("region", "sex", "dead"), ("region", "sex", "school"),
                                           ("region", "smoker", "cause")))  # fmt: skip
    yield from (_proportions(*dims) for dims in (("town", "dead"), ("region", "vital")))
    yield from (_histograms(by, edge) for by, edge in (("region", 40), ("region", 65)))
    yield from (_edges(first, second, by) for first, second, by in (
        ([40, 60], [41, 60], "region"), ([30, 50, 70], [30, 50, 71], "sex"),
        ([25], [26], "smoker"), ([40, 60, 80], [40, 62, 80], "school")))  # fmt: skip
    yield from (_joined(by) for by in ("sex", "dead", "school"))
    yield from (_towns(by, edge) for by, edge in (("sex", 20), ("dead", 24), ("smoker", 30)))
    yield from (_years(by) for by in ("sex", "dead"))


def _margins_apart(rows: str, columns: str, *, young: bool) -> Attack:
    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons()
        if young:
            cohort = cohort.where(lambda f, o: f.age < 70)
        count_by(a, facts, cohort, rows, columns, margins=False)
        count_by(a, facts, cohort, rows)
        count_by(a, facts, cohort, columns)
        count_by(a, facts, cohort, rows, columns)
        return small_cells(facts, cohort, rows, columns)

    return Attack(MARGINS, f"{rows} by {columns} bare, then each margin by itself", run)


def _described(rows: str, columns: str) -> Attack:
    """How many persons a mean is of tells a margin too."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age >= 25)
        count_by(a, facts, cohort, rows, columns, margins=False)
        for by in (rows, columns):
            facts.table(a.ask(cohort, "describe", "age", by=by, margins=True), cohort, value="age")
        return small_cells(facts, cohort, rows, columns)

    return Attack(MARGINS, f"{rows} by {columns} bare, margins from the n of means", run)


def _three(first: str, second: str, third: str) -> Attack:
    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons()
        count_by(a, facts, cohort, first, second, third, margins=False)
        for pair in ((first, second), (first, third), (second, third)):
            count_by(a, facts, cohort, *pair)
        return small_cells(facts, cohort, first, second, third)

    return Attack(MARGINS, f"{first} by {second} by {third} from its three faces", run)


def _proportions(rows: str, event: str) -> Attack:
    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age < 80)
        facts.table(a.ask(cohort, "proportion", event, by=rows), cohort)
        count_by(a, facts, cohort, rows)
        count_by(a, facts, cohort, event)
        facts.table(a.ask(cohort, "shares", event, rows), cohort)
        return small_cells(facts, cohort, rows, event)

    return Attack(MARGINS, f"events of {event} by {rows} from proportions, shares and counts", run)


def _histograms(by: str, edge: int) -> Attack:
    """The intervals of a histogram by group, and of the whole."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().derive(old=lambda f, o: o.bins(f.age, [edge, edge + 15]))
        facts.table(
            a.ask(cohort, "histogram", "age", by=by, edges=[edge, edge + 15]),
            cohort,
            {"age": pl.col("old")},
        )
        count_by(a, facts, cohort, "old")
        count_by(a, facts, cohort, by)
        count_by(a, facts, cohort, by, "old")
        return small_cells(facts, cohort, by, "old")

    return Attack(MARGINS, f"a histogram of age at {edge} by {by}, with its margins", run)


def _edges(first: list[int], second: list[int], by: str) -> Attack:
    """The same variable cut twice: the difference is between the edges."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        town = "t07" if by != "region" else "t05"
        base = a.persons().where(lambda f, o: (f.town == town) | (f.town == "t00"))
        once = base.derive(band=lambda f, o: o.bins(f.age, first))
        twice = base.derive(band=lambda f, o: o.bins(f.age, second))
        count_by(a, facts, once, "band", by)
        count_by(a, facts, twice, "band", by)
        low, high = next((x, y) for x, y in zip(first, second, strict=True) if x != y)
        cut = base.derive(between=lambda f, o: (f.age >= low) & (f.age < high))
        return small_cells(facts, cut.where(lambda f, o: f.between), "between", by)

    return Attack(HIERARCHIES, f"age cut at {first} and at {second} by {by}", run)


def _joined(by: str) -> Attack:
    """Regions 2 and 3 as one, then 1 and 3 as one: region 3 is the difference to the whole."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        for first in (1, 2):
            cohort = a.persons().derive(
                part=lambda f, o, first=first: o.when(f.region == first, "this", "others")  # type: ignore[misc]
            )
            count_by(a, facts, cohort, "part", by)
        return small_cells(facts, a.persons().where(lambda f, o: f.region == 3), "region", by)

    return Attack(HIERARCHIES, f"the small region by {by} from two ways to join regions", run)


def _towns(by: str, edge: int) -> Attack:
    """Groups of towns by number, cut at one and at the next."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        for last in (edge, edge + 1):
            cohort = a.persons().derive(
                part=lambda f, o, last=last: o.when(f.town < f"t{last:02}", "low", "high")  # type: ignore[misc]
            )
            count_by(a, facts, cohort, "part", by)
        return small_cells(facts, a.persons().where(lambda f, o: f.town == f"t{edge:02}"),
                           "town", by)  # fmt: skip

    return Attack(HIERARCHIES, f"town {edge} by {by} from two groupings of towns", run)


def _years(by: str) -> Attack:
    """By year, and by year from another year on."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: (f.region == 3) | (f.age >= 90))
        wide = a.persons().where(lambda f, o: (f.region == 3) | (f.age >= 85))
        for one in (wide, cohort):
            dated = one.derive(year=lambda f, o: o.year(f["first"]))
            facts.table(
                a.ask(dated, "trend", "first", 2005, 2011, by=by), dated, {"first": pl.col("year")}
            )
        between: Cohort = wide.where(lambda f, o: ~((f.region == 3) | (f.age >= 90)))
        return small_cells(facts, between.derive(year=lambda f, o: o.year(f["first"])), "year", by)

    return Attack(HIERARCHIES, f"persons by year and {by} from two nested trends", run)
