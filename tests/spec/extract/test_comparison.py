"""Comparison with the previous version: what changed by more than the contract allows."""

import math

import polars as pl
import pytest

from pseudonym.contract import Profile, profile, validate_content
from pseudonym.contract.phases.comparison import stability
from pseudonym.contract.report import Report
from tests.lib.extracts import a_contract

CONTRACT = a_contract(
    dataset={"primaryKey": []},
    variable=[
        {"name": "day", "label": {"nb": "Dag"}, "dataType": "DATE", "role": "start"},
        {
            "name": "sex",
            "label": {"nb": "Kjønn"},
            "dataType": "STRING",
            "valueDomain": {
                "codes": [{"code": code, "label": {"nb": code}} for code in ("K", "M", "U")]
            },
        },
        {
            "name": "age",
            "label": {"nb": "Alder"},
            "dataType": "LONG",
            "valueDomain": {"min": 0, "max": 100},
        },
    ],
)


def version(
    women: int = 500, men: int = 500, unknown: int = 0, age: int = 40, missing: int = 0
) -> pl.DataFrame:
    rows = women + men + unknown
    days = pl.datetime_range(
        pl.datetime(2010, 1, 1), pl.datetime(2013, 12, 31), "1d", eager=True
    ).dt.date()
    ages = [None if place < missing else age + place % 20 for place in range(rows)]
    return pl.DataFrame(
        {
            "day": [days[place * 37 % len(days)] for place in range(rows)],
            "sex": ["K"] * women + ["M"] * men + ["U"] * unknown,
            "age": pl.Series(ages, dtype=pl.Int64),
        }
    )


def compared(new: pl.DataFrame, old: pl.DataFrame) -> Report:
    return validate_content(new, CONTRACT, profile(old, CONTRACT))


def rules(report: Report) -> dict[str, str]:
    return {item.rule: item.severity for item in report.findings}


def test_the_same_data_again_raise_nothing() -> None:
    assert compared(version(), version()).findings == ()


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (version(women=540, men=540), {"row_count_change": "warn", "period_change": "warn"}),
        (version(women=700, men=700), {"row_count_change": "stop", "period_change": "stop"}),
        (version(missing=100), {"null_rate_change": "warn"}),
        (version(missing=300), {"null_rate_change": "stop"}),
        (version(women=497, men=500, unknown=3), {"categories_appeared": "warn"}),
        (version(women=340, men=660), {"distribution_shift": "warn"}),
        (version(women=200, men=800), {"distribution_shift": "stop"}),
        (version(age=60), {"distribution_shift": "stop"}),
    ],
)
def test_a_change_is_told_by_its_size(new: pl.DataFrame, expected: dict[str, str]) -> None:
    assert rules(compared(new, version())) == expected


def test_a_code_that_vanishes_and_a_year_that_empties_are_told() -> None:
    old = version(women=498, men=499, unknown=3)
    report = compared(version(), old)
    assert rules(report) == {"categories_vanished": "warn"}

    lost = old.filter(pl.col("day").dt.year() != 2011)
    assert rules(compared(lost, old))["period_change"] == "stop"


def test_the_newest_year_may_grow_as_registries_resend_cumulatively() -> None:
    old = version().filter(pl.col("day") < pl.date(2013, 12, 10))
    assert compared(version(), old).findings == ()


def test_a_profile_survives_its_way_through_json_and_quotes_no_limit_of_the_data() -> None:
    made = profile(version(), CONTRACT)
    assert Profile.from_json(made.to_json()) == made
    assert made.bins["age"][8:12] == (250, 250, 250, 250)
    assert sum(made.counts["sex"].values()) == 1000


def test_the_stability_index_is_the_textbook_sum() -> None:
    index = stability({"a": 30, "b": 70}, {"a": 50, "b": 50})
    assert index == pytest.approx((0.3 - 0.5) * math.log(0.6) + (0.7 - 0.5) * math.log(1.4))
    assert stability({}, {"a": 1}) == 0.0
