"""Noise averaged away, and noise that sticks (Asghar & Kaafar 2020; Gadotti et al. 2019)."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import polars as pl

import workbench.sdk as wb
from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort, Heard
from tests.redteam.battery.judges.noise import averaged
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import people

AVERAGING, STICKY = "averaging of noise", "sticky noise"
Condition = Callable[[Any, Any], Any]
OLD: Condition = lambda f, o: f.age >= 88  # noqa: E731


def attacks() -> Iterator[Attack]:
    yield from (_repeated(times, rho) for times, rho in ((40, "1/8"), (50, "1/2")))
    yield from (_rewritten(times, rho) for times, rho in ((30, "1/60"), (50, "1/20")))
    yield from (_split(splits, by) for splits, by in ((24, "sex"), (12, "school")))
    yield from (_margins(by) for by in (("sex", "dead"), ("sex", "school"), ("town", "sex")))
    yield from (_all_at_once(rho) for rho in ("1/2", "1", "50"))
    yield from (_difference(few, rho) for few, rho in ((1, "1/8"), (3, "1/4"), (1, "1/5")))
    yield from (_named(times) for times in (20, 45))
    yield from (_beside(by) for by in ("sex", "dead"))


def _heard(heard: Heard) -> tuple[list[float], list[float]]:
    """Sums of an answer's cells, and how uncertain they are; an exact answer has no noise."""
    if heard.body is None:
        return [], []
    inner = {codes: n for codes, n in heard.cells().items() if "Σ" not in codes}
    noise = heard.body.get("noise")
    scale = float(noise["scale"]) if noise else 0.0
    return [float(sum(inner.values()))], [scale * len(inner) ** 0.5]


def _truth(condition: Condition) -> int:
    class Columns:
        def __getattr__(self, name: str) -> pl.Expr:
            return pl.col(name)

    return people().filter(condition(Columns(), None)).height


def _asked(a: Attacker, cohort: Cohort, rho: str, by: Any = None) -> Heard:
    """A noisy count; where nobody guards the budget, with two hundred times as much of it."""
    spent = Fraction(rho) * (1 if a.stage.gated else 200)
    return a.ask(cohort, "count", by=by, dp=wb.dp(rho=str(spent)))


def _repeated(times: int, rho: str) -> Attack:
    """The same question again and again."""

    def run(a: Attacker) -> Verdict:
        values, scales, seen = [], [], set()
        cohort = a.persons().where(lambda f, o: f.age >= 85)
        for _ in range(times):
            value, scale = _heard(_asked(a, cohort, rho))
            values += [one for one in value if one not in seen or not scale[0]]
            scales += scale[: len(values) - len(scales)]
            seen |= set(value)
        return averaged(values, scales, _truth(lambda f, o: f.age >= 85))

    return Attack(AVERAGING, f"the same count {times} times at ρ = {rho}", run)


def _rewritten(times: int, rho: str) -> Attack:
    """The same persons, described otherwise each time."""

    def run(a: Attacker) -> Verdict:
        values, scales = [], []
        for at in range(times):
            cohort = a.persons().where(
                lambda f, o, at=at: (f.age >= 85) & (f.age < 1000 + at)  # type: ignore[misc]
            )
            value, scale = _heard(_asked(a, cohort, rho))
            values += value
            scales += scale
        return averaged(values, scales, _truth(lambda f, o: f.age >= 85))

    return Attack(AVERAGING, f"the same persons in {times} ways at ρ = {rho}", run)


def _named(times: int) -> Attack:
    """The same persons under derived names."""

    def run(a: Attacker) -> Verdict:
        values, scales = [], []
        for at in range(times):
            cohort = a.persons().where(OLD).derive(**{f"x{at}": lambda f, o: f.sex})
            value, scale = _heard(_asked(a, cohort, "1/50", by=f"x{at}"))
            values += value
            scales += scale
        return averaged(values, scales, _truth(OLD))

    return Attack(AVERAGING, f"the same persons under {times} names of a variable", run)


def _split(splits: int, by: str) -> Attack:
    """Split at random, sum the halves: each split is a new draw of the noise (as of ONS's CKM)."""

    def run(a: Attacker) -> Verdict:
        values, scales = [], []
        for at in range(splits):
            cohort = a.persons().where(lambda f, o: f.age >= 80)
            cohort = cohort.derive(
                part=lambda f, o, at=at: o.when(  # type: ignore[misc]
                    (f.days * (2 * at + 3)) // 7 - 2 * ((f.days * (2 * at + 3)) // 14) == 1,
                    "odd", "even")
            )  # fmt: skip
            value, scale = _heard(_asked(a, cohort, "1/24", by=["part", by]))
            values += value
            scales += scale
        return averaged(values, scales, _truth(lambda f, o: f.age >= 80))

    return Attack(AVERAGING, f"{splits} random splits by {by}, summed", run)


def _margins(by: tuple[str, ...]) -> Attack:
    """One number from the sums of several tables."""

    def run(a: Attacker) -> Verdict:
        values, scales = [], []
        cohort = a.persons().where(lambda f, o: f.age < 30)
        for dims in ((), *[(one,) for one in by], by):
            value, scale = _heard(_asked(a, cohort, "1/8", by=list(dims) or None))
            values += value
            scales += scale
        return averaged(values, scales, _truth(lambda f, o: f.age < 30))

    return Attack(AVERAGING, f"a total from the margins of {' by '.join(by)}", run)


def _all_at_once(rho: str) -> Attack:
    """Whatever the budget gives, or more, for one number."""

    def run(a: Attacker) -> Verdict:
        cohort = a.persons().where(lambda f, o: f.age >= 90)
        values, scales = _heard(_asked(a, cohort, rho))
        more, wide = _heard(_asked(a, cohort.where(lambda f, o: f.age < 999), "1/4"))
        return averaged([*values, *more], [*scales, *wide], _truth(lambda f, o: f.age >= 90))

    return Attack(AVERAGING, f"the whole budget and more for one count: ρ = {rho}", run)


def _difference(few: int, rho: str) -> Attack:
    """With and without a few: sticky noise would cancel."""

    def run(a: Attacker) -> Verdict:
        whole = a.persons().where(lambda f, o: f.age >= 80)
        victims = people().filter(pl.col("age") >= 80)["place"].to_list()[:few]
        without = whole.where(lambda f, o: ~f.place.is_in(victims))
        found = [_heard(_asked(a, one, rho))
                 for one in (whole, without)]  # fmt: skip
        if not all(values for values, _ in found):
            return Verdict(won=False, how="nothing was told")
        (first, wide), (second, narrow) = found
        scale = (wide[0] ** 2 + narrow[0] ** 2) ** 0.5
        return averaged([first[0] - second[0]], [scale], few)

    return Attack(STICKY, f"with and without {few} at ρ = {rho}", run)


def _beside(by: str) -> Attack:
    """The exact total beside the noisy parts: whether the parts' noise is told by it."""

    def run(a: Attacker) -> Verdict:
        cohort = a.persons().where(lambda f, o: f.age >= 70)
        total = sum(a.ask(cohort, "count").cells().values())
        heard = _asked(a, cohort, "1/4", by=by)
        noise = heard.body and heard.body["noise"]
        if not noise:
            return Verdict(won=False, how="nothing was told")
        cells = {codes: n for codes, n in heard.cells().items() if codes != ("",)}
        (first, n), *_ = cells.items()
        # the others' noisy sum, taken from the exact total, is a second look at the first
        other = total - sum(cells.values()) + n
        scale = float(noise["scale"])
        truth = people().filter(pl.col("age") >= 70, pl.col(by).cast(pl.String) == first[0]).height
        weights = [scale, scale * max(len(cells) - 1, 1) ** 0.5]
        return averaged([n, other], weights, truth)

    return Attack(STICKY, f"noisy parts by {by} beside the exact total", run)
