"""Quantiles that are somebody's value: funnels, windows, neighbours."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Heard
from tests.redteam.battery.judges.verdict import Verdict, claimed
from tests.redteam.battery.people import people, person_like

QUANTILES = "quantile windows"


def attacks() -> Iterator[Attack]:
    yield from (_funnel(words, at) for at, words in enumerate(("median", "quantiles", "summary")))
    yield _narrow("median", 0)
    yield from (_extreme(at) for at in (0.99, 0.01))
    yield from (_small(by) for by in ("town", "region"))
    yield from (_box(scale) for scale in (10.0, 1000.0))


def _victim(at: int) -> dict[str, Any]:
    return person_like((pl.col("income") > 800) & (pl.col("age") > 50), at)


def _read(heard: Heard, statistic: str) -> float | None:
    values = list(heard.cells(statistic).values())
    return float(values[0]) if values else None


def _grid(value: float) -> float:
    """Half of the step that a value was rounded to, at the most: of 1, 2, 5 times a power."""
    text = f"{value:.12g}"
    if "." in text:
        return 0.5 * 10.0 ** -len(text.split(".")[1])
    zeros = len(text) - len(text.rstrip("0"))
    return 0.5 * 10.0**zeros


def _funnel(words: str, at: int) -> Attack:
    """Half below everything, half above: the middle one is the victim."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(at)
        name = victim["place"]
        below = people().filter(pl.col("place") != name)["days"].median()
        cohort = a.persons().derive(
            x=lambda f, o: o.when(f.place == name, f.income, o.when(f.days < below, 0.0, 1e6))
        )
        known = people().filter(pl.col("place") != name, pl.col("days") < below).height
        # the attacker moves the edge until the victim is in the middle
        if known > 1000:
            cohort = cohort.where(lambda f, o: f.days > 0)
        heard = a.ask(cohort, words, "x")
        value = _read(heard, "p50")
        if not value:
            return Verdict(won=False, how=f"told {value}")
        return claimed(value - _grid(value), value + _grid(value), victim["income"])

    return Attack(QUANTILES, f"the {words} of a number whose middle is one person", run)


def _narrow(words: str, at: int) -> Attack:
    """Everybody else far below or far above; the lower ones are moved by halves.

    The middle one is the victim while they are below it, and one of them when they are above: each
    answer is a comparison, and a dozen of them are the value.
    """

    def run(a: Attacker) -> Verdict:
        victim = _victim(3 + at)
        name = victim["place"]
        order = people().filter(pl.col("place") != name)["days"].sort()
        edge = float(order[999]) - 0.5
        below = people().filter(pl.col("place") != name, pl.col("days") < edge).height
        more = 999 - below  # so many of those above are put below, by their number
        extra = people().filter(pl.col("place") != name, pl.col("days") > edge)["place"][:more]
        moved = extra.to_list() or ["nobody"]
        low, high, told = 0.0, 4000.0, 0
        for _ in range(12):
            guess = round((low + high) / 2, 1)
            cohort = a.persons().derive(
                x=lambda f, o, guess=guess: o.when(  # type: ignore[misc]
                    f.place == name,
                    f.income,
                    o.when((f.days < edge) | f.place.is_in(moved), guess, 1e5),
                )
            )
            value = _read(a.ask(cohort, words, "x"), "p50")
            if value is None:
                break
            told += 1
            if abs(value - guess) < 1e-6:
                high = guess
            else:
                low = guess
        if told < 3:
            return Verdict(won=False, how=f"{told} answers")
        return claimed(low - 5, high + 5, victim["income"])

    return Attack(QUANTILES, f"comparisons with one person by the {words} ({at})", run)


def _extreme(probability: float) -> Attack:
    """The hundredth from the top of a cohort of a hundred or two."""

    def run(a: Attacker) -> Verdict:
        cohort = a.persons().where(lambda f, o: f.age < 24)
        inside = people().filter(pl.col("age") < 24)["income"]
        heard = a.ask(cohort, "quantiles", "income", at=[probability])
        value = _read(heard, f"p{100 * probability:g}")
        if value is None:
            return Verdict(won=False, how="not told")
        rank = max(1, -(-int(probability * 100 * inside.len()) // 100))
        truth = float(inside.sort()[min(rank, inside.len() - 1)])
        near = min(abs(float(one) - value) for one in inside)
        return Verdict(near < 0.051, f"told {value:g}, near {truth:g}")

    return Attack(QUANTILES, f"p{100 * probability:g} of a small cohort", run)


def _small(by: str) -> Attack:
    """Quartiles of groups that are a few persons."""

    def run(a: Attacker) -> Verdict:
        heard = a.ask(a.persons(), "quantiles", "income", by=by)
        small = people().group_by(by).len().filter(pl.col("len") < 40)[by].cast(pl.String)
        told = [codes for codes, value in heard.cells("p50").items() if codes[0] in small.to_list()]
        return Verdict(bool(told), f"{len(told)} groups below forty persons")

    return Attack(QUANTILES, f"quartiles by {by}, some groups of a few", run)


def _box(scale: float) -> Attack:
    """Whiskers of a box around one person's value."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(9)
        name = victim["place"]
        order = people().filter(pl.col("place") != name)["days"].sort()
        edge = float(order[998]) + 0.5
        cohort = a.persons().derive(
            x=lambda f, o: o.when(f.place == name, f.income * scale,
                                  o.when(f.days < edge, 1.0, 1e8))
        )  # fmt: skip
        rows = a.ask(cohort, "boxplot", "x").rows("boxes")
        value = rows[0]["p50"] if rows else None
        if not value:
            return Verdict(won=False, how=f"told {value}")
        value = float(value)
        return claimed(
            (value - _grid(value)) / scale, (value + _grid(value)) / scale, victim["income"]
        )

    return Attack(QUANTILES, f"a box plot around one income times {scale:g}", run)
