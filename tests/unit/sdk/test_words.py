"""The SDK's words for texts, numbers, dates and windows say what they look like."""

from collections.abc import Callable
from typing import Any

import pytest

import workbench.sdk as wb
from workbench.sdk.frames import EventFrame, PersonFrame

SAID: list[tuple[Callable[[Any, Any], Any], str]] = [
    (lambda p, v: p.place.str.contains("5"), "place holds “5”"),
    (lambda p, v: p.place.str.ends_with("9"), "place ends with “9”"),
    (lambda p, v: p.place.str.head(3), "characters 1 to 3 of place"),
    (lambda p, v: p.place.str.len_chars(), "the length of place"),
    (lambda p, v: p.place.str.to_date(), "place read as a date"),
    (lambda p, v: p.vital.cast("integer"), "vital as a whole number"),
    (lambda p, v: p.age.abs(), "the absolute value of age"),
    (lambda p, v: p.weight.log(), "the natural logarithm of weight"),
    (lambda p, v: p.weight.round(1), "weight rounded to 1 decimals"),
    (lambda p, v: p.age.clip(0, 100), "age clipped to at least 0 and at most 100"),
    (lambda p, v: wb.coalesce(p.age, 0), "the first of age, 0 that is not missing"),
    (
        lambda p, v: wb.earliest(p.birth, "2020-12-31"),
        "the least of birth, 2020-12-31",
    ),
    (lambda p, v: p.birth.dt.add_days(-1), "1 day before birth"),
    (lambda p, v: p.birth.dt.add_months(p.age), "birth plus age months"),
    (lambda p, v: p.birth.dt.quarter_start(), "the first day of the quarter of birth"),
    (lambda p, v: p.age_at("2020-01-01"), "years from birth to 2020-01-01"),
    (lambda p, v: v.sort("day").nth(2, "value"), "the 2nd value of visit sorted by day"),
    (
        lambda p, v: v.sort("day").nth(11, "value", counted_from="last"),
        "the 11th from the last value of visit sorted by day",
    ),
    (lambda p, v: v.median("value"), "the median of value of visit"),
    (lambda p, v: v.any(v.kind == "in"), "whether (kind == “in”) in any row of visit"),
    (
        lambda p, v: v.before(p.birth, days=30).count(),
        (
            "the number of rows of visit where (date < the first birth of person) and "
            "(date >= 30 days before the first birth of person)"
        ),
    ),
    (
        lambda p, v: v.window("2019-01-01", "2020-01-01").exists(),
        "any row of visit where (date >= 2019-01-01) and (date < 2020-01-01)",
    ),
    (
        lambda p, v: v.as_of("2020-01-01", "value"),
        "the last value of visit where (date < 2020-01-01) sorted by date",
    ),
]


@pytest.mark.parametrize(("write", "said"), SAID)
def test_each_word_says_what_it_means(
    person: PersonFrame, visit: EventFrame, write: Callable[[Any, Any], Any], said: str
) -> None:
    made = person.with_columns(made=write(person, visit))

    assert made.explain() == f"person with made = {said}"


def test_a_look_forward_holds_the_day_itself(visit: EventFrame) -> None:
    rows = visit.after("2020-01-01", days=30)

    assert rows.explain() == (
        "visit where (date >= 2020-01-01) and (date < 30 days after 2020-01-01)"
    )


def test_rows_may_have_derived_variables(visit: EventFrame) -> None:
    rows = visit.with_columns(twice=visit.value * 2)

    assert rows.filter(rows.twice > 1).explain().endswith("where (twice > 1)")


def test_a_date_in_quotes_must_be_one(person: PersonFrame) -> None:
    with pytest.raises(wb.Refused) as refused:
        person.birth.dt.days_since("1.1.2020")

    assert "2020-01-31" in refused.value.remedy


def test_a_frame_with_two_dates_asks_which_is_meant(visit: EventFrame) -> None:
    twice = visit.with_columns(out=visit.date.dt.add_days(3))

    with pytest.raises(wb.Refused) as refused:
        twice.before("2020-01-01")

    assert "date, out" in refused.value.remedy
    assert twice.before("2020-01-01", on="out").explain().endswith("(out < 2020-01-01)")


def test_the_date_of_birth_is_asked_for_when_no_name_tells_it(
    person: PersonFrame, visit: EventFrame
) -> None:
    with pytest.raises(wb.Refused) as refused:
        person.with_columns(birth_two=person.birth).age_at("2020-01-01")

    assert refused.value.code == "which_date"


def test_bounds_out_of_order_are_told_on_the_line(person: PersonFrame) -> None:
    with pytest.raises(wb.Refused):
        person.age.clip(10, 0)
