"""Dates: their parts, days and completed years between them."""

from datetime import date

import pytest

from tests.lib.drawn import col, val, values
from workbench.plan import nodes

PEOPLE = """
    person | birth
    0      | 1960-02-29
    1      | 1980-12-31
    2      | ·
    """


@pytest.mark.parametrize(
    ("part", "expected"),
    [("year", [1960, 1980, None]), ("month", [2, 12, None]), ("day", [29, 31, None])],
)
def test_the_parts_of_a_date(part: str, expected: list[int | None]) -> None:
    assert values(nodes.DatePart(part=part, operand=col("birth")), PEOPLE) == expected  # type: ignore[arg-type]


def test_days_between_are_negative_when_the_end_comes_first() -> None:
    between = nodes.Between(unit="days", start=col("birth"), end=val(date(1960, 3, 10)))

    assert values(between, PEOPLE) == [10, -7601, None]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (date(2019, 2, 28), [58, 38, None]),
        (date(2019, 3, 1), [59, 38, None]),
        (date(2020, 12, 30), [60, 39, None]),
        (date(2020, 12, 31), [60, 40, None]),
    ],
)
def test_years_are_completed_years(end: date, expected: list[int | None]) -> None:
    between = nodes.Between(unit="years", start=col("birth"), end=val(end))

    assert values(between, PEOPLE) == expected


def test_years_backwards_are_the_negative_of_years_forwards() -> None:
    between = nodes.Between(unit="years", start=val(date(2020, 12, 30)), end=col("birth"))

    assert values(between, PEOPLE) == [-60, -39, None]
