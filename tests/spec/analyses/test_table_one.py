"""Table one: put together from releases, with differences that published figures have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats as ss

from tests.lib.asked import NAFLD, body, nafld_rows, the_same_whatever_the_buckets
from tests.lib.engine_world import World
from tests.lib.nafld_view import nafld_view
from workbench.plan import Schema, nodes
from workbench.sdk.differences import (
    chi_squared,
    difference_of_means,
    difference_of_shares,
    variance_ratio,
)
from workbench.sdk.frames import PersonFrame
from workbench.sdk.refused import Refused
from workbench.sdk.release import Release
from workbench.sdk.table_one import TableOne


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonFrame]:
    world, view = World(Path(tmp_path_factory.mktemp("world"))), nafld_view()
    world.add(view)
    yield PersonFrame(
        NAFLD, Schema.from_view(view.describe()), lambda analysis: Release(world.ask(analysis))
    )
    world.records.close()


@pytest.fixture(scope="module")
def table(cohort: PersonFrame) -> TableOne:
    return cohort.table_one(by="sex", variables=["age", "status", "bmi"], p=True)


def test_a_summary_is_the_moments_and_the_quartiles() -> None:
    released = body(nodes.Summary(cohort=NAFLD, variable="age", by=("sex",)))
    plain = body(nodes.Describe(cohort=NAFLD, variable="age", by=("sex",)))
    quartiles = body(nodes.Quantiles(cohort=NAFLD, variable="age", by=("sex",)))

    assert released["statistics"] == ["n", "mean", "sd", "p25", "p50", "p75"]
    for one, moments, places in zip(
        released["cells"], plain["cells"], quartiles["cells"], strict=True
    ):
        assert one["values"] == moments["values"] | places["values"]


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(
        nodes.Summary(cohort=NAFLD, variable="bmi", by=("status",))
    )


def test_each_line_is_that_of_the_data(table: TableOne) -> None:
    frame = table.to_polars()
    rows = nafld_rows()
    women = rows.filter(sex="female")

    assert frame.columns == ["variable", "line", "g0", "g1", "g2", "smd", "p"]
    assert frame["g0"][0] == str(women.height)
    assert frame["g2"][0] == str(rows.height)
    dead = frame.filter(frame["line"] == "Dead").row(0, named=True)
    deaths = women.filter(status="dead").height
    assert dead["g0"] == f"{deaths} ({100 * deaths / women.height:.1f})"
    ages = frame.filter(frame["line"] == "mean (sd)").row(0, named=True)
    mean, _, sd = ages["g0"].partition(" ")
    assert float(mean) == pytest.approx(women["age"].mean(), abs=0.05)
    assert float(sd.strip("()")) == pytest.approx(women["age"].std(), abs=0.05)
    missing = frame.filter(frame["line"].str.starts_with("missing")).row(0, named=True)
    lacking = women["bmi"].null_count()
    assert missing["g0"] == f"{lacking} ({100 * lacking / women.height:.1f})"


def test_all_its_numbers_are_those_of_releases_with_certificates(table: TableOne) -> None:
    assert len(table.releases) == 1 + 2 + 1 + 2
    assert all(one.certificate["signature"] for one in table.releases)


def test_it_is_shown_in_both_languages(table: TableOne) -> None:
    assert "Table one" in repr(table)
    assert "<table" in table._repr_html_()
    assert "gjennomsnitt (sd)" in table.to_polars("nb")["line"].to_list()


def test_without_groups_there_is_one_column(cohort: PersonFrame) -> None:
    frame = cohort.table_one(variables=["status", "age"]).to_polars()

    assert frame.columns == ["variable", "line", "g0"]
    assert frame["g0"][0] == str(nafld_rows().height)


def test_differences_are_those_of_the_literature() -> None:
    """Yang & Dalton 2012 give the two-category case as Austin's (2009) formula."""
    p, q = 0.3, 0.4
    austin = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)

    assert difference_of_shares([[30, 70], [40, 60]]) == pytest.approx(austin, abs=1e-12)
    assert difference_of_means([(10, 5.0, 2.0), (20, 6.0, 1.0)]) == pytest.approx(
        1 / np.sqrt(2.5), abs=1e-12
    )
    assert difference_of_shares([[10, 0], [20, 0]]) is None
    three = [[20, 30, 50], [30, 30, 40]]
    a, b = np.array(three[0]) / 100, np.array(three[1]) / 100
    spread = (np.diag(a) - np.outer(a, a) + np.diag(b) - np.outer(b, b))[:2, :2] / 2
    expected = np.sqrt((a - b)[:2] @ np.linalg.inv(spread) @ (a - b)[:2])
    assert difference_of_shares(three) == pytest.approx(expected, abs=1e-10)


def test_p_values_are_scipys() -> None:
    chance = np.random.default_rng(2)
    groups = [chance.normal(at / 5, 1 + at, 40 + 10 * at) for at in range(3)]
    moments = [(one.size, one.mean(), one.std(ddof=1)) for one in groups]
    counts = [[30, 20, 10], [25, 25, 30]]

    assert variance_ratio(moments) == pytest.approx(ss.f_oneway(*groups).pvalue, abs=1e-10)
    assert variance_ratio(moments[:2]) == pytest.approx(
        ss.ttest_ind(*groups[:2], equal_var=False).pvalue, abs=1e-10
    )
    assert chi_squared(counts) == pytest.approx(
        ss.chi2_contingency(counts, correction=False).pvalue, abs=1e-12
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"by": "sex", "variables": ["sex"]}, "same_variable_twice"),
        ({"variables": ["age", "age"]}, "same_variable_twice"),
        ({"variables": []}, "malformed_plan"),
        ({"variables": "age"}, "malformed_plan"),
        ({"variables": ["agee"]}, "unknown_name"),
    ],
)
def test_what_is_no_table_one_is_refused(
    cohort: PersonFrame, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the engine's and the notebook's own
        cohort.table_one(**asked)

    assert getattr(refused.value, "code", None) == code
    assert isinstance(refused.value, Refused) or code == "unknown_name"


def test_its_picture_shows_the_differences_of_the_table(table: TableOne) -> None:
    differences = table.to_polars()["smd"].drop_nulls().to_list()
    (points,) = [
        layer["data"]["values"]
        for layer in table.plot().spec["layer"]
        if layer["mark"]["type"] == "point"
    ]

    assert [point["value"] for point in points] == sorted(differences, reverse=True)
    assert table.plot("nb").svg.startswith("<svg")


def test_a_table_of_one_group_has_no_picture(cohort: PersonFrame) -> None:
    with pytest.raises(Refused, match="no differences"):
        cohort.table_one(variables=["age"]).plot()
