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
    [
        ("year", [1960, 1980, None]),
        ("quarter", [1, 4, None]),
        ("month", [2, 12, None]),
        ("day", [29, 31, None]),
        ("weekday", [1, 3, None]),
    ],
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


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (date(1960, 3, 28), [0, -249, None]),
        (date(1960, 3, 29), [1, -249, None]),
        (date(1980, 11, 30), [249, -1, None]),
        (date(1981, 1, 31), [251, 1, None]),
    ],
)
def test_months_are_completed_months(end: date, expected: list[int | None]) -> None:
    between = nodes.Between(unit="months", start=col("birth"), end=val(end))

    assert values(between, PEOPLE) == expected


@pytest.mark.parametrize(
    ("unit", "by", "expected"),
    [
        ("days", 1, [date(1960, 3, 1), date(1981, 1, 1), None]),
        ("days", -366, [date(1959, 2, 28), date(1979, 12, 31), None]),
        ("months", 2, [date(1960, 4, 29), date(1981, 2, 28), None]),
        ("months", -3, [date(1959, 11, 29), date(1980, 9, 30), None]),
        ("years", 1, [date(1961, 2, 28), date(1981, 12, 31), None]),
        ("years", 8050, [None, None, None]),
        ("days", 2**53, [None, None, None]),
    ],
)
def test_a_moved_date_stays_in_its_month_and_in_the_calendar(
    unit: str, by: int, expected: list[date | None]
) -> None:
    moved = nodes.Shift(unit=unit, operand=col("birth"), by=val(by))  # type: ignore[arg-type]

    assert values(moved, PEOPLE) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("month", [date(1960, 2, 1), date(1980, 12, 1), None]),
        ("quarter", [date(1960, 1, 1), date(1980, 10, 1), None]),
        ("year", [date(1960, 1, 1), date(1980, 1, 1), None]),
    ],
)
def test_the_first_day_of_a_month_quarter_or_year(unit: str, expected: list[date | None]) -> None:
    first = nodes.StartOf(unit=unit, operand=col("birth"))  # type: ignore[arg-type]

    assert values(first, PEOPLE) == expected
