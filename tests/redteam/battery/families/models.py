"""Models that isolate a person (Ritchie 2019; ACRO lets a dummy of one person pass).

With a dummy for one person the coefficient is that person's outcome less what the others predict.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Heard
from tests.redteam.battery.judges.verdict import Verdict, claimed
from tests.redteam.battery.people import person_like

MODELS = "isolating models"
COVARIANCE = "covariance with known vectors"


def attacks() -> Iterator[Attack]:
    yield from (_dummy(model, kind) for model, kind in (
        ("income ~ mark", "flag"), ("income ~ mark + age", "flag"), ("income ~ mark", "number"),
        ("income ~ mark + sex", "number"), ("income ~ mark", "text"),
        ("income ~ mark + sex + region", "text")))  # fmt: skip
    yield from (_errors(errors) for errors in ("HC0", "HC1", "HC3"))
    yield from (_far(scale) for scale in (1e3, 1e5))
    yield from (_interaction(with_) for with_ in ("sex", "smoker"))
    yield from (_overlapping(few) for few in ("sex", "smoker"))
    yield from (_saturated(by) for by in ("days", "place"))
    yield from (_logit(secret) for secret in ("dead", "smoker", "vital"))
    yield from (_cox(secret) for secret in ("dead", "vital"))
    yield from (_poisson(mark) for mark in ("flag", "number"))
    yield from (_cov(words, scale) for words, scale in (
        ("covariance", 1.0), ("covariance", 1e4), ("covariance", -1.0), ("correlate", 1.0),
        ("correlate", 1e3)))  # fmt: skip
    yield from (_cov_pair(few) for few in (2, 5))
    yield from (_known_vector(at) for at in range(4))
    yield from (_pca(scale) for scale in (1.0, 1e5))


def _victim(at: int) -> dict[str, Any]:
    return person_like((pl.col("income") > 1100) & (pl.col("sex") == "F"), at)


def _marked(a: Attacker, name: str, kind: str) -> Any:
    values = {"flag": (True, False), "number": (1.0, 0.0), "text": ("yes", "no")}[kind]
    if kind == "flag":
        return a.persons().derive(mark=lambda f, o: f.place == name)
    return a.persons().derive(mark=lambda f, o: o.when(f.place == name, *values))


def _coefficients(heard: Heard) -> dict[tuple[str, str], float]:
    return {
        (row["term"], row["level"]): row["estimate"]
        for row in heard.rows("coefficients")
        if row["estimate"] is not None
    }


def _half(value: float) -> float:
    return max(abs(value) * 5e-4, 1e-9)


def _predicted(heard: Heard, victim: dict[str, Any]) -> Verdict:
    """The victim's fitted value, which is its outcome where a column is the victim's alone."""
    total, wide = 0.0, 0.0
    if heard.body is None:
        return Verdict(won=False, how="refused")
    for (term, level), estimate in _coefficients(heard).items():
        worth = 1.0
        if term == "age":
            worth = float(victim["age"])
        elif (term, level) == ("mark", "no"):
            worth = 0.0
        elif term == "region" and not level:
            worth = float(victim["region"])
        elif term in ("sex", "region") and level != str(victim[term]):
            worth = 0.0
        total += worth * estimate
        wide += worth * _half(estimate)
    return claimed(total - wide, total + wide, victim["income"])


def _dummy(model: str, kind: str) -> Attack:
    def run(a: Attacker) -> Verdict:
        victim = _victim(len(model) % 5)
        heard = a.ask(_marked(a, victim["place"], kind), "ols", model)
        return _predicted(heard, victim)

    return Attack(MODELS, f"{model} with a {kind} of one person", run)


def _errors(errors: Any) -> Attack:
    def run(a: Attacker) -> Verdict:
        victim = _victim(2)
        heard = a.ask(_marked(a, victim["place"], "flag"), "ols", "income ~ mark", errors=errors)
        return _predicted(heard, victim)

    return Attack(MODELS, f"income ~ mark of one person, errors {errors}", run)


def _far(scale: float) -> Attack:
    """No dummy but a number that is far from all others for one person."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(3)
        name = victim["place"]
        cohort = a.persons().derive(far=lambda f, o: o.when(f.place == name, scale, f.age / 1000.0))
        heard = a.ask(cohort, "ols", "income ~ far")
        found = _coefficients(heard)
        if not found:
            return Verdict(won=False, how="refused")
        estimate, slope = found["(Intercept)", ""], found["far", ""]
        wide = _half(estimate) + scale * _half(slope)
        return claimed(estimate + scale * slope - wide, estimate + scale * slope + wide,
                       victim["income"])  # fmt: skip

    return Attack(MODELS, f"a number that is {scale:g} for one person", run)


def _interaction(with_: str) -> Attack:
    """Neither factor is small, their product is one person's."""

    def run(a: Attacker) -> Verdict:
        victim = person_like((pl.col("income") > 1000) & (pl.col("smoker")), 1)
        name = victim["place"]
        value = victim[with_]
        cohort = a.persons().derive(
            half=lambda f, o: (
                ((f[with_] == value) & (f.place == name)) | ((f[with_] != value) & (f.age < 60))
            )
        )
        heard = a.ask(cohort, "ols", f"income ~ {with_} * half")
        found = _coefficients(heard)
        if not found:
            return Verdict(won=False, how="refused")
        total = sum(
            estimate
            for (_, level), estimate in found.items()
            if all(part in (str(value), str(value).lower(), "true", "")
                   for part in level.replace(" × ", ":").split(":"))
        )  # fmt: skip
        wide = sum(_half(one) for one in found.values())
        return claimed(total - wide, total + wide, victim["income"])

    return Attack(MODELS, f"an interaction with {with_} that one person has", run)


def _overlapping(base: str) -> Attack:
    """Two large groups that differ by one: the columns' difference isolates it."""

    def run(a: Attacker) -> Verdict:
        victim = person_like((pl.col("income") > 1000) & (pl.col("sex") == "F") & ~pl.col("smoker"))
        name = victim["place"]
        large = (lambda f: f.sex == "M") if base == "sex" else (lambda f: f.smoker)
        cohort = a.persons().derive(
            one=lambda f, o: large(f), two=lambda f, o: large(f) | (f.place == name)
        )
        heard = a.ask(cohort, "ols", "income ~ one + two")
        found = _coefficients(heard)
        if not found:
            return Verdict(won=False, how="refused")
        parts = [value for (term, _), value in found.items() if term in ("(Intercept)", "two")]
        wide = sum(map(_half, parts))
        return claimed(sum(parts) - wide, sum(parts) + wide, victim["income"])

    return Attack(MODELS, f"two groups by {base} that differ by one as two columns", run)


def _saturated(by: str) -> Attack:
    """A coefficient for everybody of a cohort."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(0)
        days, name = victim["days"], victim["place"]
        if by == "days":
            cohort = a.persons().derive(
                cell=lambda f, o: o.when((f.days == days) & (f.sex == "F"), "this", "others")
            )
        else:
            cohort = a.persons().derive(
                cell=lambda f, o: o.when(f.place == name, "this", o.when(f.age < 50, "a", "b"))
            )
        heard = a.ask(cohort, "ols", 'income ~ C(cell, ref="this")')
        found = _coefficients(heard)
        if ("(Intercept)", "") not in found:
            return Verdict(won=False, how="refused")
        value = found["(Intercept)", ""]
        return claimed(value - _half(value), value + _half(value), victim["income"])

    return Attack(MODELS, f"a level of a category for one person, by {by}", run)


def _logit(secret: str) -> Attack:
    """A flag of two, of whom one is the attacker: a finite coefficient says that they differ."""

    def run(a: Attacker) -> Verdict:
        two = [person_like(condition, 3)["place"] for condition in
               (pl.col(secret), ~pl.col(secret))]  # fmt: skip
        cohort = a.persons().derive(mark=lambda f, o: f.place.is_in(two))
        heard = a.ask(cohort, "logit", f"{secret} ~ mark")
        found = list(_coefficients(heard).values())
        won = bool(found) and abs(sum(found)) < 0.05
        return Verdict(won, f"log odds {sum(found):g} of the two" if found else "refused")

    return Attack(MODELS, f"logistic model of {secret} with a flag of two", run)


def _cox(secret: str) -> Attack:
    """The same with a hazard, which would run away if none of the two had the event."""

    def run(a: Attacker) -> Verdict:
        two = [person_like(condition & (pl.col("days") < 900), 3)["place"] for condition in
               (pl.col(secret), ~pl.col(secret))]  # fmt: skip
        cohort = a.persons().derive(mark=lambda f, o: f.place.is_in(two))
        heard = a.ask(cohort, "cox", "days", secret, "mark + age")
        found = [v for (term, _), v in _coefficients(heard).items() if term == "mark"]
        won = bool(found) and abs(found[0]) < 5
        return Verdict(won, f"log hazard {found[0]:g}" if found else "refused")

    return Attack(MODELS, f"Cox model of {secret} with a flag of two", run)


def _poisson(kind: str) -> Attack:
    def run(a: Attacker) -> Verdict:
        victim = person_like(pl.col("visits") >= 8, 1)
        heard = a.ask(_marked(a, victim["place"], kind), "poisson", "visits ~ mark")
        found = _coefficients(heard)
        if not found:
            return Verdict(won=False, how="refused")
        log = sum(found.values())
        wide = sum(map(_half, found.values()))
        low, high = (2.718281828 ** (log + sign * wide) for sign in (-1, 1))
        return claimed(low, high, victim["visits"])

    return Attack(MODELS, f"Poisson model of visits with a {kind} of one person", run)


def _moments(heard: Heard, one: str, other: str) -> tuple[float, float] | None:
    """A told covariance and half of its last digit."""
    for row in heard.rows("matrix"):
        if row["variable"] == one and row[other] is not None:
            return row[other], _digit(row[other])
    return None


def _digit(value: float) -> float:
    text = f"{value:.12g}"
    decimals = len(text.split(".")[1]) if "." in text else 0
    zeros = 0 if "." in text else len(text) - len(text.rstrip("0"))
    return 0.5 * 10.0 ** (zeros - decimals)


def _cov(words: str, scale: float) -> Attack:
    """cov(income, mark) = scale · (income of one - mean) / (n - 1)."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(1)
        name = victim["place"]
        cohort = a.persons().derive(
            mark=lambda f, o: o.when(f.place == name, scale, 0.0), half=lambda f, o: f.income / 2.0
        )
        mean = a.ask(cohort, "describe", "income").cells("mean")[()]
        spread = a.ask(cohort, "describe", "income").cells("sd")[()]
        heard = a.ask(cohort, words, "income", "mark", "age")
        told = _moments(heard, "income", "mark")
        if told is None:
            return Verdict(won=False, how="refused")
        n = 2000
        unit = scale / (n - 1) if words == "covariance" else (1 / n) ** 0.5 / spread
        value = mean + told[0] / unit
        wide = told[1] / abs(unit) + _digit(mean) + (abs(told[0] / unit) * 0.01)
        return claimed(value - wide, value + wide, victim["income"])

    return Attack(COVARIANCE, f"{words} of income with a mark of {scale:g} on one person", run)


def _cov_pair(few: int) -> Attack:
    """Two vectors of many, which differ at a few."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(2)
        others = [person_like(pl.col("sex") == "M", at)["place"] for at in range(few - 1)]
        names = [victim["place"]]
        both = a.persons().derive(
            first_one=lambda f, o: o.when(f.sex == "M", 1.0, 0.0),
            second_one=lambda f, o: o.when((f.sex == "M") | f.place.is_in(names), 1.0, 0.0),
        )
        mean = a.ask(both, "describe", "income").cells("mean")[()]
        told = [
            _moments(a.ask(both, "covariance", "income", one), "income", one)
            for one in ("first_one", "second_one")
        ]
        assert others or few
        if told[0] is None or told[1] is None:
            return Verdict(won=False, how="refused")
        n = 2000
        value = (told[1][0] - told[0][0]) * (n - 1) + mean
        wide = (told[1][1] + told[0][1]) * (n - 1) + _digit(mean)
        return claimed(value - wide, value + wide, victim["income"])

    return Attack(COVARIANCE, f"two covariances whose vectors differ at one ({few})", run)


def _known_vector(at: int) -> Attack:
    """A vector of the attacker's own making, and the same with one entry moved far."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(at)
        name = victim["place"]
        far = 10.0 ** (at + 1)
        cohort = a.persons().derive(
            vector=lambda f, o: f.days / (100.0 + at),
            moved=lambda f, o: o.when(f.place == name, f.days / (100.0 + at) + far,
                                      f.days / (100.0 + at)),
        )  # fmt: skip
        mean = a.ask(cohort, "describe", "income").cells("mean")[()]
        told = [
            _moments(a.ask(cohort, "covariance", "income", one), "income", one)
            for one in ("vector", "moved")
        ]
        if told[0] is None or told[1] is None:
            return Verdict(won=False, how="refused")
        n = 2000
        value = (told[1][0] - told[0][0]) * (n - 1) / far + mean
        wide = (told[1][1] + told[0][1]) * (n - 1) / far + _digit(mean)
        return claimed(value - wide, value + wide, victim["income"])

    return Attack(COVARIANCE, f"a known vector and the same moved by {10 ** (at + 1)} at one", run)


def _pca(scale: float) -> Attack:
    """Loadings of a component that is one person's: its sign tells above or below the mean."""

    def run(a: Attacker) -> Verdict:
        victim = _victim(0)
        name = victim["place"]
        cohort = a.persons().derive(mark=lambda f, o: o.when(f.place == name, scale, 0.0))
        heard = a.ask(cohort, "pca", "income", "mark")
        shown = heard.rows("explained")
        if not shown:
            return Verdict(won=False, how="refused")
        # of two standardised variables the first eigenvalue is 1 + |r|
        r = abs(shown[0]["eigenvalue"] - 1)
        spread = a.ask(cohort, "describe", "income")
        sd, mean = spread.cells("sd")[()], spread.cells("mean")[()]
        value = mean + r * sd * 2000**0.5
        wide = 5e-4 * 2 * sd * 2000**0.5
        return claimed(value - wide, value + wide, victim["income"])

    return Attack(COVARIANCE, f"components of income and a mark of {scale:g}", run)
