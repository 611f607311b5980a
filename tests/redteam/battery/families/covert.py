"""A bit through anything but the numbers: refusals, words, marks, labels, order.

Each conversation is held in two worlds that differ in one person's bit. Where the numbers may not
differ either (a mark on that person alone), they are compared as well.
"""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

import workbench.sdk as wb
from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker
from tests.redteam.battery.judges.channels import same_looks
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.people import person_like

COVERT = "covert channels"
Script = Callable[[Attacker, dict[str, Any], str], None]
SCRIPTS: dict[str, Script] = {}


def attacks() -> Iterator[Attack]:
    for at, (words, script) in enumerate(SCRIPTS.items()):
        yield _bit(words, script, ("dead", "smoker", "vital")[at % 3], at)


def _bit(words: str, script: Script, secret: str, at: int) -> Attack:
    def run(a: Attacker) -> Verdict:
        victim = person_like(~pl.col(secret) & pl.col("age").is_between(30, 70), at)
        other = a.elsewhere({victim["person"]: {secret: True}})
        for one in (a, other):
            script(one, victim, secret)
        return same_looks(a.heard, other.heard, numbers=not a.stage.gated)

    return Attack(COVERT, f"{secret} of one: {words}", run)


def _script(words: str) -> Callable[[Script], Script]:
    def added(script: Script) -> Script:
        SCRIPTS[words] = script
        return script

    return added


@_script("the words of a refusal of a small cohort")
def _small(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    a.ask(a.persons().where(lambda f, o: (f.place == name) & f[secret]), "count")
    a.ask(a.persons().where(lambda f, o: (f.place == name) & ~f[secret]), "count")


@_script("the label of a group")
def _label(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(
        group=lambda f, o: o.when((f.place == name) & f[secret], "yes", "no")
    )
    a.ask(cohort, "crosstab", "group", "sex")


@_script("which cell is withheld, of a flag")
def _flag(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    a.ask(a.persons().derive(flag=lambda f, o: (f.place == name) & f[secret]), "crosstab", "flag")


@_script("which mean is withheld, of a mark")
def _mark(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(mark=lambda f, o: o.when((f.place == name) & f[secret], 1.0, 0.0))
    a.ask(cohort, "describe", "mark", by="sex")


@_script("in which group a mark is withheld")
def _where(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(
        mark=lambda f, o: o.when(f.place == name, 1.0, 0.0),
        side=lambda f, o: o.when(f[secret], "left", "right"),
    )
    a.ask(cohort, "describe", "mark", by="side")


@_script("in which group an income that was made huge is withheld")
def _huge(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(
        huge=lambda f, o: o.when(f.place == name, 1e9, f.income),
        side=lambda f, o: o.when(f[secret], "left", "right"),
    )
    a.ask(cohort, "describe", "huge", by="side")


@_script("whether a cohort is refused after one that differs by the bit")
def _refused(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    a.ask(a.persons().where(lambda f, o: f.place != name), "count")
    a.ask(a.persons().where(lambda f, o: f.age < 60), "count")
    a.ask(
        a.persons().where(
            lambda f, o: ((f.age < 60) & (f.place != name)) | ((f.place == name) & f[secret])
        ),
        "count",
    )


@_script("whether a model is refused, by a column that is the bit")
def _model(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(mark=lambda f, o: o.when((f.place == name) & f[secret], 1.0, 0.0))
    a.ask(cohort, "ols", "income ~ age + mark")


@_script("whether a model is separated, by an outcome that is the bit")
def _separated(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(hit=lambda f, o: (f.place == name) & f[secret])
    a.ask(cohort, "logit", "hit ~ age + sex")


@_script("whether a covariance is refused, by a vector that is the bit")
def _vector(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(mark=lambda f, o: o.when((f.place == name) & f[secret], 1.0, 0.0))
    a.ask(cohort, "covariance", "income", "mark")


@_script("a divisor that is nothing")
def _division(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(
        x=lambda f, o: f.income / o.when((f.place == name) & f[secret], 0.0, 1.0)
    )
    a.ask(cohort, "describe", "x")


@_script("a curve that ends early")
def _curve(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(
        stop=lambda f, o: o.when((f.place == name) & f[secret], 2999, f.days)
    )
    a.ask(cohort, "kaplan_meier", "stop", "dead", times=[700, 1400, 2990])


@_script("bins that fit one person")
def _bins(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    cohort = a.persons().derive(
        x=lambda f, o: o.when((f.place == name) & f[secret], 1000.0, o.number(f.age))
    )
    a.ask(cohort, "histogram", "x", edges=[20, 40, 60, 80, 999])


@_script("a noisy answer's budget")
def _budget(a: Attacker, victim: dict[str, Any], secret: str) -> None:
    name = victim["place"]
    a.ask(a.persons().where(lambda f, o: (f.place == name) & f[secret]), "count",
          dp=wb.dp(rho="1/4"))  # fmt: skip
    a.ask(a.persons(), "count", dp=wb.dp(rho="1/4"))
    a.ask(a.persons(), "count", by="sex", dp=wb.dp(rho="1/4"))
