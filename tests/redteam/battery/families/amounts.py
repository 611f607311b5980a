"""One person's amount: dominance, coalitions, the same number changed for one person, dithering.

Sums and means are linear; the judge solves them for the victim with everybody else's unknown.
"""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort, Heard
from tests.redteam.battery.judges.amounts import Amounts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people, person_like

DOMINANCE, CHANGED, ROUNDING = "dominance", "the same number changed", "rounding inverted"
Tell = Callable[[Attacker, Amounts, Cohort, str], Heard]


def attacks() -> Iterator[Attack]:
    yield from (_scaled(words, scale) for words, scale in (
        ("totals", 1e4), ("means", 1e5), ("means by sex", 1e3), ("a t-test", 1e6),
        ("Gini", 1e4), ("a trend", 1e5), ("a summary", 1e7)))  # fmt: skip
    yield from (_two(scale) for scale in (1e4, 1e6))
    yield from (_own(known) for known in (1, 2))
    yield from (_alone(words) for words in ("totals", "means by sex", "means", "a trend"))
    yield from (_changed(words, to) for words, to in (
        ("means", 0.0), ("totals", 0.0), ("means by sex", 5000.0), ("a t-test", 0.0),
        ("a summary", 100_000.0), ("Gini", 0.0)))  # fmt: skip
    yield from (_yes_or_no(secret, words) for secret, words in (
        ("dead", "means"), ("smoker", "totals"), ("vital", "means by sex")))  # fmt: skip
    yield from (_factors(words, factors) for words, factors in (
        ("means", (2, 3, 5, 7, 11, 13)), ("totals", (-1, -4, 9, 20)),
        ("a summary", (40, 60, 90, 130))))  # fmt: skip
    yield from (_shifted(words, steps) for words, steps in (("means", 5), ("totals", 4)))
    yield from (_dithered(words, steps) for words, steps in (("means", 6), ("totals", 5)))
    yield from (_cut(words, edge) for words, edge in (("means", 900), ("totals", 1200)))
    yield from (_powers(words) for words in ("means", "totals"))


def _means(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "describe", of)
    amounts.means(heard, cohort, of)
    return heard


def _by_sex(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "describe", of, by="sex", margins=True)
    amounts.means(heard, cohort, of)
    return heard


def _totals(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "totals", of)
    amounts.means(heard, cohort, of)
    return heard


def _tested(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "t_test", of, by="sex")
    for row in heard.rows("groups"):
        if row["mean"] is not None:
            where = {"sex": (pl.col("sex"), row["sex"])}
            amounts.linear(cohort, of, row["mean"], mean=True, where=where)
    return heard


def _gini(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "gini", of)
    amounts.means(heard, cohort, of)
    return heard


def _trend(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "trend", "first", 2005, 2011, of=of)
    year = pl.col("first").dt.year()
    for row in heard.rows("trend"):
        if row["mean"] is not None:
            where = {"first": (year, row["first"])}
            amounts.linear(cohort, of, row["mean"], mean=True, where=where)
    return heard


def _summary(a: Attacker, amounts: Amounts, cohort: Cohort, of: str) -> Heard:
    heard = a.ask(cohort, "summary", of)
    amounts.means(heard, cohort, of)
    return heard


TELLS: dict[str, Tell] = {
    "means": _means,
    "means by sex": _by_sex,
    "totals": _totals,
    "a t-test": _tested,
    "Gini": _gini,
    "a trend": _trend,
    "a summary": _summary,
}


def _victim(at: int = 0) -> dict[str, Any]:
    return person_like((pl.col("income") > 900) & (pl.col("age") < 60), at)


def _only(victim: dict[str, Any], value: Any, otherwise: Any) -> Callable[[Any, Any], Any]:
    """A number that is one thing for the victim and another for everybody else."""
    name = victim["place"]
    return lambda f, o: o.when(f.place == name, value(f), otherwise(f))


def _scaled(words: str, scale: float) -> Attack:
    """The victim's income times so much is nearly all of the sum."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(int(scale) % 7)
        amounts = Amounts(victim["person"])
        cohort = a.persons().derive(
            huge=_only(victim, lambda f: f.income * scale, lambda f: f.income)
        )
        TELLS[words](a, amounts, cohort, "income")
        TELLS[words](a, amounts, cohort, "huge")
        return amounts.follows()

    return Attack(DOMINANCE, f"an income times {scale:g} in {words}", run)


def _two(scale: float) -> Attack:
    """Two victims of whom one is the attacker: the coalition subtracts its own."""

    def run(a: Attacker) -> Verdict:
        victim, own = _victim(3), _victim(4)
        amounts = Amounts(victim["person"])
        names = [victim["place"], own["place"]]
        cohort = a.persons().derive(
            huge=lambda f, o: o.when(f.place.is_in(names), f.income * scale, f.income)
        )
        _means(a, amounts, cohort, "income")
        _means(a, amounts, cohort, "huge")
        alone = cohort.where(lambda f, o: f.place == own["place"]).derive(own=lambda f, o: f.income)
        amounts.linear(alone, "own", own["income"], mean=False, half=0.05)
        return amounts.follows()

    return Attack(DOMINANCE, f"two incomes times {scale:g}, one of them the attacker's", run)


def _own(known: int) -> Attack:
    """A small town of whom the attackers know all but one."""

    def run(a: Attacker) -> Verdict:
        rows = people().filter(pl.col("town") == f"t{28 + known}")
        victim, *others = rows.to_dicts()
        amounts = Amounts(victim["person"])
        cohort = a.persons().where(lambda f, o: (f.town == victim["town"]) | (f.town == "t00"))
        heard = a.ask(cohort, "describe", "income", by="town")
        amounts.means(heard, cohort, "income")
        for one in others:
            row = cohort.where(lambda f, o, one=one: f.place == one["place"])  # type: ignore[misc]
            amounts.linear(row, "income", one["income"], mean=False, half=0.05)
        return amounts.follows()

    return Attack(DOMINANCE, f"a small town, all but one of whom conspire ({known})", run)


def _alone(words: str) -> Attack:
    """A number that only the victim has."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(5)
        amounts = Amounts(victim["person"])
        cohort = a.persons().derive(own=_only(victim, lambda f: f.income, lambda f: f.income * 0.0))
        TELLS[words](a, amounts, cohort, "own")
        return amounts.follows()

    return Attack(DOMINANCE, f"a number that one person has, in {words}", run)


def _changed(words: str, to: float) -> Attack:
    """The income, and the income with the victim's replaced."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(6)
        amounts = Amounts(victim["person"])
        cohort = a.persons().derive(
            other=_only(victim, lambda f: f.income * 0.0 + to, lambda f: f.income)
        )
        TELLS[words](a, amounts, cohort, "income")
        TELLS[words](a, amounts, cohort, "other")
        return amounts.follows()

    return Attack(CHANGED, f"{words} of income, then with one person's as {to:g}", run)


def _yes_or_no(secret: str, words: str) -> Attack:
    """A yes or no as 0 and 1, and the same with the victim's as 0."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col(secret) & (pl.col("age") > 40), 2)
        rows = people().with_columns(pl.col(secret).cast(pl.Float64))
        amounts = Amounts(victim["person"], secret, most=1.0, rows=rows, alike=True)
        name = victim["place"]
        asked = a.persons().derive(
            bit=lambda f, o: o.number(f[secret]),
            but=lambda f, o: o.when(f.place == name, 0.0, o.number(f[secret])),
        )
        TELLS[words](a, amounts, asked, "bit")
        TELLS[words](a, amounts, asked, "but")
        return amounts.follows(support=(0.0, 1.0))

    return Attack(CHANGED, f"{secret} as a number in {words}, then without one person's", run)


def _factors(words: str, factors: tuple[float, ...]) -> Attack:
    """The victim's income times several numbers: each answer leaves another range."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(7)
        amounts = Amounts(victim["person"])
        TELLS[words](a, amounts, a.persons(), "income")
        for factor in factors:
            cohort = a.persons().derive(
                scaled=_only(victim, lambda f, x=factor: f.income * float(x), lambda f: f.income)
            )
            TELLS[words](a, amounts, cohort, "scaled")
        return amounts.follows()

    return Attack(CHANGED, f"{words} with one income times {', '.join(map(str, factors))}", run)


def _shifted(words: str, steps: int) -> Attack:
    """Everybody's income and so much, and the same without the victim's: shifts move rounding."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(8)
        amounts = Amounts(victim["person"])
        for at in range(steps):
            more = at * 0.37
            cohort = a.persons().derive(
                all=lambda f, o, more=more: f.income + more,  # type: ignore[misc]
                but=_only(victim, lambda f, m=more: f.income * 0.0 + m,
                          lambda f, m=more: f.income + m),
            )  # fmt: skip
            TELLS[words](a, amounts, cohort, "all")
            TELLS[words](a, amounts, cohort, "but")
        return amounts.follows()

    return Attack(CHANGED, f"{words} of income shifted {steps} times, with and without one", run)


def _dithered(words: str, steps: int) -> Attack:
    """A mean to the last digit from means of shifted numbers; then the cohort without one."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(9)
        name = victim["place"]
        amounts = Amounts(victim["person"])
        whole = a.persons().where(lambda f, o: f.age < 60)
        for base in (whole, whole.where(lambda f, o: f.place != name)):
            for at in range(steps):
                more = at / steps
                cohort = base.derive(x=lambda f, o, more=more: f.income + more)  # type: ignore[misc]
                TELLS[words](a, amounts, cohort, "x")
        return amounts.follows()

    return Attack(ROUNDING, f"{words} dithered {steps} times, with and without one", run)


def _cut(words: str, edge: float) -> Attack:
    """Incomes above an edge as nothing but for the victim's."""

    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("income") > edge + 100, 2)
        name = victim["place"]
        amounts = Amounts(victim["person"])
        low = a.persons().where(lambda f, o: (f.income < edge) | (f.place == name))
        without = a.persons().where(lambda f, o: f.income < edge)
        # the condition is on the secret: who else is below is known to the judge
        fixed = people().filter((pl.col("income") < edge) | (pl.col("place") == name))["place"]
        few = people().filter(pl.col("income") < edge)["place"]
        for frame, inside in ((low.frame, fixed), (without.frame, few)):

            def chosen(rows: pl.DataFrame, inside: pl.Series = inside) -> pl.DataFrame:
                return rows.filter(pl.col("place").is_in(inside.implode()))

            TELLS[words](a, amounts, Cohort(frame, (chosen,)), "income")
        return amounts.follows()

    return Attack(CHANGED, f"{words} of incomes below {edge:g} and of one above", run)


def _powers(words: str) -> Attack:
    """The rounding of a small mean: everybody's income divided, the victim's multiplied."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(11)
        amounts = Amounts(victim["person"])
        for scale in (0.001, 0.01, 0.1):
            cohort = a.persons().derive(
                small=lambda f, o, s=scale: f.income * s,  # type: ignore[misc]
                but=_only(victim, lambda f, s=scale: f.income, lambda f, s=scale: f.income * s),
            )
            TELLS[words](a, amounts, cohort, "small")
            TELLS[words](a, amounts, cohort, "but")
        return amounts.follows()

    return Attack(ROUNDING, f"{words} of incomes divided, but for one", run)
