"""Sums, means and ratios, within the digits that the gate leaves them."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats as ss

from disclosure.gate import decide
from disclosure.rules.means import capped, mean_digits
from tests.lib.asked import (
    NAFLD,
    block,
    body,
    derived,
    nafld_rows,
    people,
    the_same_whatever_the_buckets,
)
from tests.lib.drawn import PERSON_FRAME, col
from tests.lib.engines import run
from tests.lib.gate import lenient, policy
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, nodes

POLICY = policy()


def ratio(numerator: str, denominator: str) -> nodes.Ratio:
    return nodes.Ratio(cohort=PERSON_FRAME, numerator=numerator, denominator=denominator)


def test_a_sum_is_persons_times_the_mean_as_released() -> None:
    found = block(body(nodes.Totals(cohort=NAFLD, variable="bmi", by=("sex",))), "totals")

    for row in found.iter_rows(named=True):
        bmi = nafld_rows().filter(sex=row["sex"])["bmi"].drop_nulls().to_numpy()
        digits = mean_digits(bmi.size, float(bmi.max()), POLICY)
        mean = capped(math.fsum(bmi) / bmi.size, digits)
        assert row["persons"] == bmi.size
        assert row["mean"] == pytest.approx(mean, abs=1e-8)
        assert row["sum"] == pytest.approx(bmi.size * mean, abs=1e-8)
        assert abs(row["sum"] - math.fsum(bmi)) <= bmi.size * 0.5 * 10.0**-digits
        assert row["sd"] == pytest.approx(bmi.std(ddof=1), abs=0.05)
        assert row["cv"] == row["sd"] / row["mean"]


def test_the_interval_of_the_mean_is_students() -> None:
    row = block(body(nodes.Totals(cohort=NAFLD, variable="age")), "totals").row(0, named=True)
    oracle = ss.t.interval(
        0.95, row["persons"] - 1, row["mean"], row["sd"] / math.sqrt(row["persons"])
    )

    assert (row["low"], row["high"]) == pytest.approx(oracle, abs=1e-10)


def test_a_sum_of_few_or_of_one_rich_person_is_withheld() -> None:
    poor = [10.0 + at % 7 for at in range(200)]
    view = people(sex=["F"] * 100 + ["M"] * 100, weight=[*poor[:199], 1e6])
    found = block(
        body(nodes.Totals(cohort=PERSON_FRAME, variable="weight", by=("sex",)), view), "totals"
    )

    assert found.filter(sex="M").row(0)[2:] == (None,) * 6


def test_a_ratio_is_that_of_the_sums_with_the_error_of_linearisation() -> None:
    asked = nodes.Ratio(cohort=NAFLD, numerator="weight", denominator="bmi", by=("sex",))
    found = block(body(asked), "ratios")

    for row in found.iter_rows(named=True):
        rows = nafld_rows().filter(sex=row["sex"]).drop_nulls(["weight", "bmi"])
        x, y = rows["weight"].to_numpy(), rows["bmi"].to_numpy()
        ratio = x.sum() / y.sum()
        error = np.std(x - ratio * y, ddof=1) / math.sqrt(x.size) / y.mean()
        assert row["persons"] == x.size
        assert row["ratio"] == pytest.approx(ratio, abs=5e-4)
        assert row["se"] == pytest.approx(error, abs=5e-4)
        assert row["low"] < row["ratio"] < row["high"]


def test_the_sums_behind_a_ratio_are_exact() -> None:
    asked = nodes.Ratio(cohort=PERSON_FRAME, numerator="weight", denominator="age")
    weights, ages = [at / 4 for at in range(300)], [at % 60 + 20 for at in range(300)]
    view = people(weight=weights, age=ages)
    schema = Schema.from_view(view.describe())
    evidence: Any = run(check(Plan(analysis=asked), schema), view, schema).evidence

    assert evidence.further[0].cross.tolist() == [
        sum(a * b for a, b in zip(weights, ages, strict=True))
    ]
    assert evidence.magnitudes[0].total == sum(weights)
    assert evidence.magnitudes[1].total_sq == sum(one * one for one in ages)


def test_a_ratio_has_digits_that_leave_the_largest_open() -> None:
    """Of 300 persons the largest moves the ratio by its share; a tenth of that is not told."""
    view = people(weight=[1.0 + at / 100 for at in range(300)], age=[50] * 150 + [51] * 150)
    asked = nodes.Ratio(cohort=PERSON_FRAME, numerator="weight", denominator="age")
    schema = Schema.from_view(view.describe())
    evidence: Any = run(check(Plan(analysis=asked), schema), view, schema).evidence
    shown = decide(evidence, lenient(), ()).cells[0].values["ratio"]

    assert shown == round(748.5 / (150 * 101), 4)


def test_where_one_number_is_dominated_there_is_no_ratio() -> None:
    view = people(weight=[1.0] * 100 + [2.0] * 99 + [1e6], age=[50 + at % 3 for at in range(200)])
    asked = nodes.Ratio(cohort=PERSON_FRAME, numerator="weight", denominator="age")
    schema = Schema.from_view(view.describe())
    evidence: Any = run(check(Plan(analysis=asked), schema), view, schema).evidence

    values = decide(evidence, POLICY, ()).cells[0].values

    assert values["ratio"] is values["se"] is values["weight.mean"] is None
    assert values["age.mean"] is not None


def test_buckets_make_no_difference() -> None:
    assert the_same_whatever_the_buckets(
        nodes.Totals(cohort=NAFLD, variable="bmi", by=("sex",), margins=True)
    )
    assert the_same_whatever_the_buckets(
        nodes.Ratio(cohort=derived(w=col("weight")), numerator="w", denominator="bmi")
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (nodes.Totals(cohort=PERSON_FRAME, variable="sex"), "type_mismatch"),
        (ratio("age", "age"), "same_variable_twice"),
        (ratio("age", "wieght"), "unknown_name"),
    ],
)  # fmt: skip
def test_what_has_no_sum_is_refused(asked: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=asked), Schema.from_view(described(3)))

    assert refused.value.code == code
