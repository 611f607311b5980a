"""Histogram, density and heat map: tables over public intervals, equal to counting by hand."""

from typing import Any

import numpy as np
import pytest
import scipy.integrate as si
import scipy.stats as ss

from tests.lib.asked import (
    NAFLD,
    block,
    body,
    judged,
    nafld_rows,
    people,
    the_same_whatever_the_buckets,
)
from tests.lib.drawn import PERSON_FRAME
from tests.lib.plain_view import described
from workbench.engine.analyses.density import Curve, Interval
from workbench.plan import Plan, Refusal, Schema, check, nodes
from workbench.plan.check.intervals import nice_edges
from workbench.plan.words import bin_bounds, bin_labels

SCHEMA = Schema.from_view(described(3))


def test_a_histogram_counts_the_persons_between_round_edges() -> None:
    found = block(body(nodes.Histogram(cohort=NAFLD, variable="age")), "histogram")
    ages = nafld_rows()["age"].to_numpy()

    for row in found.iter_rows(named=True):
        low = -np.inf if row["age_from"] is None else row["age_from"]
        high = np.inf if row["age_to"] is None else row["age_to"]
        assert row["persons"] == int(((ages >= low) & (ages < high)).sum())
    assert found["persons"].sum() == ages.size


def test_edges_may_be_given_and_the_missing_are_counted_apart() -> None:
    asked = nodes.Histogram(cohort=NAFLD, variable="bmi", edges=(20, 25, 30, 35, 40))
    found = block(body(asked), "histogram")
    bmi = nafld_rows()["bmi"].drop_nulls().to_numpy()
    counts, _ = np.histogram(bmi, [-np.inf, 20, 25, 30, 35, 40, np.inf])

    assert found["persons"].to_list() == [*counts.tolist(), nafld_rows()["bmi"].null_count()]
    assert found["bmi"].to_list()[-1] == ""


def test_a_heat_map_counts_pairs_and_withholds_the_few() -> None:
    asked = nodes.Heatmap(
        cohort=NAFLD, x="age", y="bmi", x_edges=(30, 50, 70), y_edges=(20, 30, 60)
    )
    found = block(body(asked), "heatmap")
    rows = nafld_rows().select("age", "bmi").drop_nulls()
    counts, _, _ = np.histogram2d(
        rows["bmi"], rows["age"], [[-1, 20, 30, 60, 999], [-1, 30, 50, 70, 999]]
    )

    told = np.array(found["persons"].to_list(), float).reshape(counts.shape)
    small = (counts > 0) & (counts < 10)
    assert small.any()
    assert np.isnan(told[small]).all()
    assert (told[~np.isnan(told)] == counts[~np.isnan(told)]).all()


def test_a_density_is_the_histogram_smoothed_by_a_normal_kernel() -> None:
    asked = nodes.Density(
        cohort=NAFLD, variable="age", edges=tuple(range(5, 115, 5)), bandwidth=3.0
    )
    found = body(asked)
    curve = block(found, "density")
    ages = nafld_rows()["age"].to_numpy()
    edges = [0, *range(5, 115, 5), 120]
    counts, _ = np.histogram(ages, edges)

    def smoothed(x: float) -> float:
        total = 0.0
        for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True):
            mass, _ = si.quad(lambda u: ss.norm.pdf(x - u, scale=3), low, high, epsabs=1e-12)
            total += n / ages.size / (high - low) * mass
        return total

    for at in (0, 33, 66, 99):
        assert curve["density"][at] == pytest.approx(smoothed(curve["x"][at]), abs=1e-8)
    assert curve.height == 100
    near = ss.gaussian_kde(ages, 3 / ages.std(ddof=1))
    assert np.abs(near(curve["x"].to_numpy()) - curve["density"].to_numpy()).max() < 1e-3


def test_a_curve_runs_from_p1_to_p99_with_silvermans_bandwidth() -> None:
    chance = np.random.default_rng(3)
    values = chance.normal(50, 10, 5000)
    edges = np.arange(0, 101, 1.0)
    counts, _ = np.histogram(values, edges)
    parts = [Interval(a, b, int(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False)]
    curve = Curve.of(parts, None, None)

    assert curve is not None
    spread = min(values.std(), float(ss.iqr(values)) / 1.34)
    assert curve.bandwidth == pytest.approx(0.9 * spread * 5000**-0.2, rel=0.02)
    grid = curve.grid()
    assert np.quantile(values, [0.01, 0.99]) == pytest.approx([grid[0], grid[-1]], abs=0.5)


def test_persons_in_open_ends_are_counted_and_not_drawn() -> None:
    parts = [Interval(None, 0.0, 50), Interval(0.0, 10.0, 100), Interval(10.0, None, 50)]

    curve = Curve.of(parts, None, 0.1)

    assert curve is not None
    assert curve.persons == 200
    assert curve.at(5.0) == pytest.approx(0.05)
    assert Curve.of(parts, (-10, 20), 0.1) == Curve.of(
        [Interval(-10.0, 0.0, 50), parts[1], Interval(10.0, 20.0, 50)], None, 0.1
    )
    assert Curve.of(None, None, None) is None


@pytest.mark.parametrize(
    "asked",
    [
        nodes.Histogram(cohort=NAFLD, variable="bmi", by=("sex",), edges=(20, 30, 40)),
        nodes.Heatmap(cohort=NAFLD, x="age", y="bmi", y_edges=(20, 30, 40)),
        nodes.Density(cohort=NAFLD, variable="age", by=("sex",)),
    ],
)
def test_buckets_make_no_difference(asked: Any) -> None:
    assert the_same_whatever_the_buckets(asked)


def test_a_histogram_is_the_table_over_bins_without_its_joined_tails() -> None:
    """Values on the edges, between them, below zero, and none at all."""
    values = [*[at / 2 for at in range(-20, 60)] * 5, *[None] * 30]
    view = people(weight=values)
    edges = (-5, 0, 2.5, 10, 20)
    binned = nodes.Derive(
        frame=PERSON_FRAME,
        columns=(
            nodes.Derived(
                name="bin",
                value=nodes.Bins(operand=nodes.Column(name="weight"), edges=edges),
            ),
        ),
    )
    plain = body(nodes.Crosstab(cohort=binned, by=("bin",), margins=False), view)["cells"]
    found = body(nodes.Histogram(cohort=PERSON_FRAME, variable="weight", edges=edges), view)

    assert found["cells"] == plain


def test_each_group_has_its_own_curve() -> None:
    found = body(nodes.Density(cohort=NAFLD, variable="age", by=("sex",)))

    persons = dict(block(found, "curves").select("sex", "persons").iter_rows())
    counts = dict(nafld_rows()["sex"].value_counts().iter_rows())
    assert persons == counts
    assert block(found, "density").height == 200


def test_tails_of_few_persons_never_show() -> None:
    """110 persons, three of them above 90: these stand in no interval of their own."""
    view = people(age=[50] * 60 + [70] * 47 + [95] * 3)
    found = block(body(nodes.Histogram(cohort=PERSON_FRAME, variable="age"), view), "histogram")

    assert found["age"].to_list()[-1] == "≥70"
    assert found["persons"].to_list()[-1] == 50


def test_too_small_a_cohort_says_so_without_a_number() -> None:
    view = people(age=[50] * 30)
    _, decision = judged(nodes.Histogram(cohort=PERSON_FRAME, variable="age"), view)

    assert decision.verdict == "refuse"
    assert "30" not in decision.findings[0].text["en"]


@pytest.mark.parametrize(
    ("asked", "code", "remedy"),
    [
        (nodes.Histogram(cohort=PERSON_FRAME, variable="weight"), "no_public_range", "edges=["),
        (nodes.Histogram(cohort=PERSON_FRAME, variable="sex"), "type_mismatch", ".count("),
        (nodes.Histogram(cohort=PERSON_FRAME, variable="agee"), "unknown_name", "age"),
        (nodes.Heatmap(cohort=PERSON_FRAME, x="age", y="age"), "same_dimension_twice", "once"),
        (nodes.Density(cohort=PERSON_FRAME, variable="age", by=("place",)), "not_a_dimension",
         ".as_code("),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_a_way_out(asked: Any, code: str, remedy: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked), SCHEMA)

    assert refused.value.code == code
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(
    ("least", "most", "bins", "first", "last", "step"),
    [(0, 120, 20, 10, 110, 10), (0, 1, 10, 0.1, 0.9, 0.1), (18.5, 60, 20, 20, 57.5, 2.5)],
)
def test_edges_are_round_numbers_within_the_range(
    least: float, most: float, bins: int, first: float, last: float, step: float
) -> None:
    edges = nice_edges(least, most, bins)

    assert (edges[0], edges[-1]) == (first, last)
    assert edges[1] - edges[0] == pytest.approx(step)
    assert len(edges) + 1 <= bins


def test_a_category_tells_its_ends() -> None:
    assert [bin_bounds(one) for one in bin_labels((-2.5, 0, 10))] == [
        (None, -2.5), (-2.5, 0), (0, 10), (10, None),
    ]  # fmt: skip
    assert bin_bounds("") == (None, None)
