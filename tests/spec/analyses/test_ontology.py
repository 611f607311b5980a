"""What the ontology calls automatic is there: in a release, or to be worked out of one."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from disclosure.ontology import ANALYSES, KINDS, Decided, iri
from tests.lib.engine_world import World
from tests.lib.every_analysis import EXAMPLES, everyone, example, rich_view
from tests.lib.every_answer import opened
from workbench.plan import nodes

COMPUTED = [one for one in ANALYSES if one.told]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("ontology"))


@pytest.fixture(scope="module")
def answers(world: World) -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, (kind, _) in EXAMPLES.items():
        answer = dict(world.ask(example(name), opened(world)))
        found.setdefault(kind.model_fields["k"].default, []).append(answer)
    return found


def stands(body: dict[str, Any], place: str) -> bool:
    """Whether a number stands in the named column of a body."""
    block, column = place.split(".")
    if block == "cells":
        return any(one["values"].get(column) is not None for one in body.get("cells", ()))
    for one in body.get("blocks", ()):
        names = [found["name"] for found in one["columns"]]
        if one["name"] == block and column in names:
            return any(row[names.index(column)] is not None for row in one["rows"])
    return False


@pytest.mark.parametrize("one", COMPUTED, ids=lambda one: one.name)
def test_a_computed_analysis_stands_where_it_is_said_to(
    answers: Mapping[str, list[dict[str, Any]]], one: Any
) -> None:
    for kind, place in zip(one.kinds, one.told, strict=True):
        assert any(stands(found["body"], place) for found in answers[kind]), (kind, place)


def test_every_release_and_its_certificate_name_their_statbarn(
    answers: Mapping[str, list[dict[str, Any]]],
) -> None:
    for kind, found in answers.items():
        for answer in found:
            assert answer["body"]["ontology"]["statbarn"] == iri(KINDS[kind].statbarn)
            proof = answer["certificate"]["statement"]["proof"]
            assert proof["statbarn"] == iri(KINDS[kind].statbarn)


def ask(world: World, analysis: Any) -> dict[str, Any]:
    return dict(world.ask(analysis, opened(world))["body"])


def people() -> Any:
    return rich_view().frames["person"]


def cells(body: dict[str, Any], *shape: int) -> np.ndarray[Any, Any]:
    inner = [one for one in body["cells"] if "Σ" not in one["codes"] and "" not in one["codes"]]
    return np.array([one["values"]["n"] for one in inner], float).reshape(shape)


def test_agreement_is_worked_out_of_a_cross_table(world: World) -> None:
    table = cells(ask(world, nodes.Crosstab(cohort=everyone(), by=("vital", "dead"))), 2, 2)
    n = table.sum()
    chance = (table.sum(0) * table.sum(1)).sum() / n**2
    kappa = (np.trace(table) / n - chance) / (1 - chance)
    vital, dead = people()["vital"].to_numpy(), people()["dead"].to_numpy()
    alike = (vital == dead).mean()
    by_chance = vital.mean() * dead.mean() + (1 - vital.mean()) * (1 - dead.mean())

    assert kappa == pytest.approx((alike - by_chance) / (1 - by_chance), rel=1e-9)


def test_a_paired_test_is_worked_out_of_a_derived_difference(world: World) -> None:
    less = nodes.Arithmetic(
        op="-", left=nodes.Column(name="days"), right=nodes.Column(name="entry")
    )
    cohort = nodes.Derive(frame=everyone(), columns=(nodes.Derived(name="less", value=less),))
    body = ask(world, nodes.Describe(cohort=cohort, variable="less"))
    told = body["cells"][0]["values"]
    frame = people()
    oracle = stats.ttest_rel(frame["days"].to_numpy(), frame["entry"].to_numpy())

    found = told["mean"] / (told["sd"] / math.sqrt(told["n"]))
    assert found == pytest.approx(oracle.statistic, rel=1e-2)


def test_concentration_and_effect_are_worked_out_of_means_and_deviations(world: World) -> None:
    income = people()["income"].to_numpy()
    whole = ask(world, nodes.Totals(cohort=everyone(), variable="income"))["cells"][0]["values"]
    n, cv = whole["n"], whole["sd"] / whole["mean"]
    index = (1 + cv**2 * (n - 1) / n) / n
    groups = ask(world, nodes.MeanTest(cohort=everyone(), variable="income", by="sex"))
    rows = next(one for one in groups["blocks"] if one["name"] == "groups")["rows"]
    (_, n1, mean1, sd1), (_, n2, mean2, sd2) = rows
    pooled = math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    women = income[people()["sex"].to_numpy() == rows[0][0]]
    men = income[people()["sex"].to_numpy() == rows[1][0]]
    spread = math.sqrt(
        ((len(women) - 1) * women.var(ddof=1) + (len(men) - 1) * men.var(ddof=1))
        / (len(income) - 2)
    )

    assert index == pytest.approx((income**2).sum() / income.sum() ** 2, rel=1e-2)
    assert (mean1 - mean2) / pooled == pytest.approx((women.mean() - men.mean()) / spread, abs=1e-2)


def test_no_analysis_is_both_automatic_and_refused() -> None:
    names = [one.name for one in ANALYSES]

    assert len(set(names)) == len(names)
    assert {one.decided for one in ANALYSES} == set(Decided)
