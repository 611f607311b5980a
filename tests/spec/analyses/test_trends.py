"""Trends over calendar time, and ages at a date: counts, shares and means with their tests."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy.stats as ss
from statsmodels.stats.contingency_tables import Table

from tests.lib.asked import block, body, people
from tests.lib.drawn import PERSON_FRAME
from tests.lib.plain_view import PlainView, described
from workbench.engine.analyses.slopes import of_counts, of_means, of_shares
from workbench.plan import Plan, Refusal, Schema, check, nodes

CHANCE = np.random.default_rng(5)
DAYS = [date(2010, 1, 1) + timedelta(days=int(at)) for at in CHANCE.integers(0, 4 * 365, 1200)]
YES = [bool(CHANCE.random() < 0.2 + 0.1 * (day.year - 2010)) for day in DAYS]
WEIGHT = [70 + 2.0 * (day.year - 2010) + float(CHANCE.integers(-20, 20)) / 4 for day in DAYS]


def view(days: list[date | None] | None = None) -> PlainView:
    sex = ["F" if at % 3 else "M" for at in range(len(DAYS))]
    return people(birth=days or DAYS, vital=YES, weight=WEIGHT, sex=sex)


def trend(**more: Any) -> nodes.Trend:
    return nodes.Trend(cohort=PERSON_FRAME, date="birth", first=2010, last=2013, **more)


def test_persons_are_counted_by_year_with_a_least_squares_trend() -> None:
    found = body(trend(), view())
    counts = [sum(day.year == year for day in DAYS) for year in range(2010, 2014)]

    assert block(found, "trend")["persons"].to_list() == counts
    line = ss.linregress(range(4), counts)
    slope, se, t, df, p = block(found, "test").row(0)
    assert (slope, se, p) == pytest.approx((line.slope, line.stderr, line.pvalue), abs=1e-9)
    assert (df, t) == (2, pytest.approx(line.slope / line.stderr))


@pytest.mark.parametrize(("every", "code", "label"), [
    ("quarter", "20113", "2011 Q3"), ("month", "201107", "2011-07"), ("year", "2011", "2011"),
])  # fmt: skip
def test_periods_have_names(every: Any, code: str, label: str) -> None:
    found = body(trend(every=every), view())
    rows = block(found, "trend").filter(birth=code)
    held = [day for day in DAYS if day.year == 2011]
    wanted = {
        "quarter": [day for day in held if day.month in (7, 8, 9)],
        "month": [day for day in held if day.month == 7],
        "year": held,
    }[every]

    assert rows["persons"].to_list() == [len(wanted)]
    assert found["dimensions"][0]["labels"][code]["en"] == label


def test_a_share_has_the_test_of_cochran_and_armitage() -> None:
    found = body(trend(variable="vital"), view())
    years = np.array([day.year for day in DAYS])
    yes = np.array(YES)
    table = np.array(
        [[((years == y) & (yes == v)).sum() for y in range(2010, 2014)] for v in (0, 1)]
    )
    oracle = Table(table).test_ordinal_association(row_scores=np.arange(2), col_scores=np.arange(4))

    rows = block(found, "trend")
    assert rows["events"].to_list() == table[1].tolist()
    assert rows["proportion"].to_list() == (table[1] / table.sum(0)).tolist()
    _, _, z, df, p = block(found, "test").row(0)
    assert df is None
    assert z * np.sqrt((len(DAYS) - 1) / len(DAYS)) == pytest.approx(oracle.zscore, abs=1e-8)
    assert p == pytest.approx(2 * ss.norm.sf(abs(z)), abs=1e-12)


def test_a_mean_has_the_least_squares_of_its_persons() -> None:
    years = np.array([day.year - 2010 for day in DAYS])
    weight = np.array(WEIGHT)
    rows = [
        (at, int((years == at).sum()), weight[years == at].mean(), weight[years == at].std(ddof=1))
        for at in range(4)
    ]
    line = ss.linregress(years, weight)
    slope = of_means(rows)

    assert slope is not None
    assert slope.row() == pytest.approx(
        [line.slope, line.stderr, line.slope / line.stderr, len(DAYS) - 2, line.pvalue], abs=1e-8
    )
    found = block(body(trend(variable="weight"), view()), "test").row(0)
    assert found[0] == pytest.approx(line.slope, abs=0.05)


def test_each_group_has_its_own_trend() -> None:
    found = body(trend(by=("sex",)), view())

    groups = dict(block(found, "trend").group_by("sex").agg(pl.col("persons").sum()).iter_rows())
    assert groups["F"] == 800
    assert groups["M"] == 400
    assert block(found, "test")["sex"].to_list() == ["F", "M", ""]


def test_a_period_of_few_is_withheld_and_then_there_is_no_test() -> None:
    few = [day if day.year != 2012 or at % 50 == 0 else None for at, day in enumerate(DAYS)]
    found = body(trend(), view(few))
    persons = block(found, "trend")["persons"].to_list()

    assert persons[2] is None
    assert block(found, "test").row(0) == (None,) * 5


def test_too_few_periods_or_no_variation_has_no_trend() -> None:
    assert of_counts([5, 6]) is None
    assert of_counts([10, 20, 30]) is None
    assert of_means([(0, 10, 1.0, 1.0)]) is None
    assert of_shares([10, 10], [0, 0]) is None
    assert of_shares([0, 20], [0, 5]) is None


def test_ages_are_completed_years_at_the_date() -> None:
    born = [date(1950 + at % 50, 7, 1) for at in range(1000)]
    asked = nodes.LifeCourse(
        cohort=nodes.Derive(
            frame=PERSON_FRAME,
            columns=(nodes.Derived(name="then", value=nodes.DateValue(value=date(2020, 6, 30))),),
        ),
        birth="birth", date="then", ages=(30, 40, 50, 60),
    )  # fmt: skip
    found = block(body(asked, people(birth=born)), "ages")
    ages = np.array([2019 - day.year for day in born])
    counts = np.histogram(ages, [0, 30, 40, 50, 60, 200])[0]

    assert found["persons"].to_list() == counts.tolist()
    assert found["cumulative"].to_list() == (counts.cumsum() / 1000).tolist()
    assert found["age_to"].to_list() == [30, 40, 50, 60, None]


@pytest.mark.parametrize("buckets", [1, 5])
def test_buckets_make_no_difference(buckets: int) -> None:
    one = view()
    other = PlainView(one.frames, one.count, buckets)

    assert body(trend(variable="weight", by=("sex",)), other) == body(
        trend(variable="weight", by=("sex",)), one
    )


@pytest.mark.parametrize(
    ("asked", "code", "remedy"),
    [
        (trend(variable="sex"), "type_mismatch", "with_columns("),
        (
            nodes.Trend(cohort=PERSON_FRAME, date="age", first=2010, last=2012),
            "type_mismatch", "date",
        ),
        (nodes.Trend(cohort=PERSON_FRAME, date="brith", first=2010, last=2012), "unknown_name",
         "birth"),
        (nodes.LifeCourse(cohort=PERSON_FRAME, birth="birth", date="age"), "type_mismatch", "date"),
        (nodes.LifeCourse(cohort=PERSON_FRAME, birth="birth", date="birth", ages=()),
         "no_public_range", "ages="),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(asked: Any, code: str, remedy: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked), Schema.from_view(described(3)))

    assert refused.value.code == code
    assert remedy in refused.value.remedy


def test_the_first_year_comes_first() -> None:
    with pytest.raises(ValueError, match="first"):
        nodes.Trend(cohort=PERSON_FRAME, date="birth", first=2013, last=2010)


def test_a_date_that_is_missing_is_at_no_age() -> None:
    asked = nodes.LifeCourse(cohort=PERSON_FRAME, birth="birth", date="birth", ages=(10,))
    found = body(asked, people(birth=[*DAYS[:300], *[None] * 50]))

    assert block(found, "ages")["persons"].to_list()[0] == 300
