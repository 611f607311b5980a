"""Periods: from a day up to but not on another; merged, cut at edges, cut where others begin."""

from datetime import date
from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, table, val, values
from workbench.plan import nodes

PEOPLE = """
    person | birth
    0      | 1960-06-15
    1      | 1999-03-01
    2      | ·
    """
VISITED = """
    person | date       | day
    0      | 2000-01-01 | 10
    0      | 2000-01-06 | 10
    0      | 2000-01-16 | 2
    0      | 2000-03-01 | 5
    1      | 2000-02-01 | ·
    1      | ·          | 3
    1      | 2000-05-01 | -1
    """
EPISODE = ("start", "end", "days", "rows", "covered")
"""Each visit lasts `day` days."""
LASTING = nodes.Derive(
    frame=VISITS,
    columns=(
        nodes.Derived(
            name="out", value=nodes.Shift(unit="days", operand=col("date"), by=col("day"))
        ),
    ),
)


def day(month: int, number: int) -> date:
    return date(2000, month, number)


def lasting(gap: int = 0) -> nodes.Episodes:
    return nodes.Episodes(frame=LASTING, start="date", end="out", gap=gap)


def test_rows_that_overlap_or_touch_are_one_episode() -> None:
    assert table(lasting(), EPISODE, PEOPLE, VISITED) == [
        (0, day(1, 1), day(1, 18), 17, 3, 17),
        (0, day(3, 1), day(3, 6), 5, 1, 5),
    ]


@pytest.mark.parametrize(("gap", "episodes"), [(42, 2), (43, 1)])
def test_rows_at_most_the_gap_apart_are_merged_and_the_gap_is_not_covered(
    gap: int, episodes: int
) -> None:
    """From 18 January to 1 March there are 43 days."""
    found = table(lasting(gap), EPISODE, PEOPLE, VISITED)

    assert len(found) == episodes
    if episodes == 1:
        assert found == [(0, day(1, 1), day(3, 6), 65, 4, 22)]


def test_rows_without_a_start_or_an_end_or_with_an_end_before_take_no_part() -> None:
    assert not [row for row in table(lasting(999), EPISODE, PEOPLE, VISITED) if row[0] == 1]


def test_rows_without_an_end_variable_are_moments() -> None:
    moments = nodes.Episodes(frame=VISITS, start="date", gap=10)

    assert table(moments, EPISODE, PEOPLE, VISITED) == [
        (0, day(1, 1), day(1, 16), 15, 3, 0),
        (0, day(3, 1), day(3, 1), 0, 1, 0),
        (1, day(2, 1), day(2, 1), 0, 1, 0),
        (1, day(5, 1), day(5, 1), 0, 1, 0),
    ]


FROM, TO = day(1, 10), day(7, 1)


def followed(start: date = FROM, end: date = TO) -> nodes.Spans:
    """Everybody's follow-up from one day to another."""
    dates = tuple(
        nodes.Derived(name=name, value=val(one)) for name, one in (("a", start), ("b", end))
    )
    frame = nodes.Derive(frame=PERSON_FRAME, columns=dates)
    return nodes.Spans(frame=frame, start="a", end="b", keep=("birth",))


def test_follow_up_is_one_period_a_person() -> None:
    names = ("start", "end", "days", "birth")

    assert table(followed(), names, PEOPLE)[:2] == [
        (0, day(1, 10), day(7, 1), 173, date(1960, 6, 15)),
        (1, day(1, 10), day(7, 1), 173, date(1999, 3, 1)),
    ]


@pytest.mark.parametrize("end", [day(1, 9), day(1, 10)])
def test_a_follow_up_without_a_day_is_none(end: date) -> None:
    assert table(followed(end=end), ("days",), PEOPLE) == []


def test_periods_are_cut_at_birthdays() -> None:
    ages = nodes.Split(frame=followed(), name="age", edges=(1, 40), origin=col("birth"))

    assert table(ages, ("start", "end", "days", "age"), PEOPLE) == [
        (0, day(1, 10), day(6, 15), 157, "1–<40"),
        (0, day(6, 15), day(7, 1), 16, "≥40"),
        (1, day(1, 10), day(3, 1), 51, "<1"),
        (1, day(3, 1), day(7, 1), 122, "1–<40"),
        (2, day(1, 10), day(7, 1), 173, None),
    ]


def test_periods_are_cut_at_the_new_year() -> None:
    long = followed(date(1999, 12, 30), date(2001, 1, 1))
    years = nodes.Split(frame=long, name="year", edges=(2000, 2001))

    assert table(years, ("days", "year"), "person | birth\n 0 | ·") == [
        (0, 2, "<2000"),
        (0, 366, "2000–<2001"),
    ]


def test_periods_are_cut_at_the_time_since_a_date() -> None:
    since = nodes.Split(
        frame=followed(), name="since", edges=(0, 30), unit="days", origin=val(day(2, 1))
    )

    assert [row[1:] for row in table(since, ("days", "since"), "person | birth\n 0 | ·")] == [
        (122 - 1, "≥30"),
        (22, "<0"),
        (30, "0–<30"),
    ]


def test_periods_are_cut_where_an_exposure_begins_and_ends() -> None:
    exposed = nodes.Exposed(frame=followed(), name="treated", by=lasting())

    assert table(exposed, ("start", "end", "treated"), PEOPLE, VISITED) == [
        (0, day(1, 10), day(1, 18), True),
        (0, day(1, 18), day(3, 1), False),
        (0, day(3, 1), day(3, 6), True),
        (0, day(3, 6), day(7, 1), False),
        (1, day(1, 10), day(7, 1), False),
        (2, day(1, 10), day(7, 1), False),
    ]


def test_exposures_that_overlap_count_once() -> None:
    overlapping = lasting()
    twice = nodes.Exposed(frame=followed(), name="treated", by=overlapping)
    days = nodes.Reduce(
        op="sum", frame=nodes.Filter(frame=twice, where=col("treated")), value=col("days")
    )

    assert values(days, PEOPLE, VISITED) == [13, 0, 0]


def test_no_day_is_lost_or_counted_twice_by_cuts() -> None:
    cut: Any = nodes.Split(frame=followed(), name="age", edges=(1, 40), origin=col("birth"))
    cut = nodes.Exposed(frame=cut, name="treated", by=lasting())
    cut = nodes.Split(frame=cut, name="year", edges=(2000,))
    days = nodes.Reduce(op="sum", frame=cut, value=col("days"))

    assert values(days, PEOPLE, VISITED) == [173, 173, 173]


def test_a_moment_lies_in_the_band_and_in_the_exposure_that_hold_its_day() -> None:
    moments: Any = nodes.Episodes(frame=VISITS, start="date")
    moments = nodes.Split(
        frame=moments, name="since", edges=(0,), unit="days", origin=val(day(3, 1))
    )
    moments = nodes.Exposed(frame=moments, name="treated", by=lasting())

    assert table(moments, ("start", "since", "treated"), PEOPLE, VISITED)[:4] == [
        (0, day(1, 1), "<0", True),
        (0, day(1, 16), "<0", True),
        (0, day(1, 6), "<0", True),
        (0, day(3, 1), "≥0", True),
    ]
