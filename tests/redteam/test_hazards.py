"""Attackers who ask for hazards and rates: of one person, of a few, of a day."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import disclosure.results.cox
import disclosure.results.rates
from disclosure.results import judge, regression
from tests.lib.engines import run
from tests.lib.gate import policy
from tests.lib.one_table import TABLE, table_view
from workbench.plan import Plan, Schema, check, nodes

COUNT, VICTIM = 1500, 137


def people() -> pl.DataFrame:
    """The victim died on day 700, which whoever knows that they are in the data may not learn."""
    chance = np.random.default_rng(4)
    died = chance.random(COUNT) < 0.4
    day = chance.integers(20, 2000, COUNT)
    died[VICTIM], day[VICTIM] = True, 700
    at = np.arange(COUNT)
    return pl.DataFrame(
        {
            "day": day,
            "died": died,
            "sex": np.where(at % 2, "F", "M"),
            "age": chance.integers(20, 90, COUNT),
            "victim": at == VICTIM,
            "town": np.where((at == VICTIM) | (at % 500 == 3), "small", "large"),
            "pointed": np.where(at == VICTIM, 1e4, chance.normal(0, 1, COUNT)),
        }
    )


def evidence(analysis: nodes.Analysis) -> Any:
    view = table_view(people())
    schema = Schema.from_view(view.describe())
    return run(check(Plan(analysis=analysis), schema), view, schema).evidence


def cox(*factors: Any, **fields: Any) -> nodes.Cox:
    design = nodes.Design(terms=tuple(nodes.Term(factors=(one,)) for one in factors))
    return nodes.Cox(cohort=TABLE, time="day", event="died", design=design, **fields)


AGE = nodes.Number(variable="age")
ATTACKS: dict[str, nodes.Analysis] = {
    "a coefficient of one person": cox(AGE, nodes.Category(variable="victim")),
    "a number that points at one person": cox(AGE, nodes.Number(variable="pointed")),
    "a baseline of four persons": cox(AGE, strata=("town",)),
    "a rate of one person": nodes.Rates(cohort=TABLE, event="died", days="day", by=("victim",)),
}


def nothing(*_arguments: Any, **_named: Any) -> list[Any]:
    return []


def everything(strata: Any, _policy: Any) -> Any:
    return np.ones(strata.persons.shape, dtype=bool)


WITHOUT: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a coefficient of one person": (regression, "_groups", nothing),
    "a number that points at one person": (regression, "_fit", nothing),
    "a baseline of four persons": (regression, "_groups", nothing),
    "a rate of one person": (disclosure.results.rates, "told", everything),
}
"""The rule that holds each attack back."""


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_tells_nothing_of_the_victim_and_would_without_its_rule(
    attack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = evidence(ATTACKS[attack])
    judged = judge(found, policy())
    shown = [row for one in judged.blocks for row in one.rows if "true" in row]
    assert all(value is None for row in shown for value in row[1:])
    assert judged.blocks == () or attack == "a rate of one person"

    module, rule, off = WITHOUT[attack]
    monkeypatch.setattr(module, rule, off)
    if attack == "a coefficient of one person":
        monkeypatch.setattr(regression, "_fit", nothing)  # a second rule sees it as well
    bare = judge(found, policy())
    assert bare.blocks
    if attack == "a rate of one person":
        rates = next(one for one in bare.blocks if one.name == "rates")
        assert next(row for row in rates.rows if row[0] == "true")[1] == 1
