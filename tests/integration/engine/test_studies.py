"""Every study of the gallery runs from top to bottom against a real engine, and tells what is so.

The monitor of probing watches: none of them is ever slowed down. Here in one process, on a nation
of some ten thousands; `make gallery` runs them in real kernels.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl
import pytest

from tests.lib.engine_world import World, attached
from tests.lib.gallery import NAFLD, NATION, STUDIES, permit, told
from tests.lib.nafld_view import nafld_view
from tests.lib.nation_world import permitted_project
from workbench.sdk.project import open_project
from workbench.sdk.release import Release

Study = Callable[[str], dict[str, Any]]
PERSONS = 49_000
"""Below 50,000 a view counts as small, and a cohort of a hundred is one."""
LARGER = {"breast-cancer-survival": 200_000}
"""A year of breast cancer in a nation of 49,000 is too few to be told about."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Runs a study, once: its names after the last cell."""

    @cache
    def run(name: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp(name)
        if name != NAFLD:
            with permitted_project(folder, permit(name), LARGER.get(name, PERSONS)) as project:
                return told(name, project)
        world = World(folder)
        world.add(nafld_view(), datasets=permit(NAFLD).datasets)
        with (
            world.served(watched=True) as control,
            attached(control, folder, os.getuid()) as path,
        ):
            return told(name, open_project(path))

    return run


def ratio(model: Release, term: str) -> tuple[float, float, float]:
    """The ratio of a term's only level that is no reference, with its limits."""
    found = model.to_polars("coefficients").filter(
        pl.col("term") == term, pl.col("ratio").is_not_null()
    )
    return tuple(found.select("ratio", "ratio_low", "ratio_high").row(0))  # type: ignore[return-value]  # three columns


def test_there_are_eight_studies_each_with_its_permit() -> None:
    notebooks = {path.stem for path in STUDIES.glob("*.ipynb")}

    assert len(notebooks) >= 8
    assert notebooks == {*NATION, NAFLD}
    assert all(permit(name).project == name for name in notebooks)


@pytest.mark.parametrize("name", [*NATION, NAFLD])
def test_notebooks_are_stored_without_what_they_showed(name: str) -> None:
    text = (STUDIES / f"{name}.ipynb").read_text(encoding="utf-8")

    assert '"outputs": []' in text
    assert '"execution_count": null' in text
    assert "image/png" not in text


@pytest.mark.parametrize("name", [*NATION, NAFLD])
def test_every_release_of_a_study_is_certified_and_has_a_picture(study: Study, name: str) -> None:
    releases = [value for value in study(name).values() if isinstance(value, Release)]

    assert len(releases) >= 2
    for release in releases:
        assert release.certificate["signature"]
        assert release.plot().svg.startswith("<svg")


def test_those_who_begin_with_a_statin_die_less_often(study: Study) -> None:
    names = study("statins-after-infarction")

    assert ratio(names["model"], "statin")[2] < 1.3
    assert len(names["table"].releases) >= 4
    assert names["curve"].to_polars("curve")["survival"].min() < 1


def test_spread_breast_cancer_kills_more(study: Study) -> None:
    names = study("breast-cancer-survival")

    assert ratio(names["model"], "spread")[1] > 1
    causes = names["causes"].to_polars("curve")
    assert set(causes["ended"]) == {"breast cancer", "another cause"}


def test_children_of_daily_smokers_are_two_hundred_grams_lighter(study: Study) -> None:
    names = study("birth-weight-and-smoking")
    low, high = names["difference"].to_polars("test").select("low", "high").row(0)
    daily = names["whole"].to_polars("coefficients").filter(level="daily")["estimate"].item()

    table = names["table"].to_polars()
    weeks = table.filter(pl.col("variable").str.starts_with("Length of gestation"))
    assert "mean (sd)" in weeks["line"].to_list(), "weeks are numbers, few as they are"
    assert 150 < low < high < 300
    assert -300 < daily < -150
    assert ratio(names["risk"], "daily")[1] > 1


def test_regions_are_compared_at_equal_ages(study: Study) -> None:
    names = study("regional-rates")
    rates = names["standardised"].to_polars("standardised")

    assert rates.height == 4
    assert names["crude"].to_polars("rates").height == 4


def test_apixaban_takes_the_place_of_warfarin(study: Study) -> None:
    names = study("prescription-trends")
    share = names["share"].to_polars("trend")["proportion"].drop_nulls().to_list()

    assert share[-1] > share[0]
    assert ratio(names["model"], "year")[1] > 1


def test_persons_with_copd_die_more_often_than_their_matched_controls(study: Study) -> None:
    names = study("matched-cohort")
    lost = names["lost"].to_polars("differences")["difference"].item()

    assert ratio(names["model"], "case")[1] > 1
    assert lost < 0


def test_a_municipality_sees_its_deaths_and_diagnoses(study: Study) -> None:
    names = study("municipality-dashboard")

    assert names["deaths_by_year"].to_polars("trend")["persons"].drop_nulls().len() == 10
    assert names["diagnoses"].to_polars("top").height >= 5
    assert names["noisy"].accuracy > 0


def test_diabetes_and_heart_disease_shorten_life_in_the_nafld_study(study: Study) -> None:
    names = study("nafld-risk-factors")

    assert ratio(names["model"], "diabetes")[1] > 1
    assert ratio(names["model"], "heart")[1] > 1
    assert ratio(names["model"], "age")[1] > 1
