"""From many rows a person to one value a person: the only way, and what it means at the edges."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, val, values
from workbench.plan import nodes

PEOPLE = """
    person | age
    0      | 40
    1      | 50
    2      | 60
    """
VISITED = """
    person | day | value | kind
    0      | 3   | 1.5   | in
    0      | 1   | 2.0   | out
    0      | ·   | 9.0   | in
    1      | 5   | ·     | in
    1      | 5   | 4.0   | out
    1      | 5   | 3.0   | in
    """


def asked(expression: Any) -> list[Any]:
    return values(expression, PEOPLE, VISITED)


def ordered(*, descending: bool = False) -> nodes.Sort:
    return nodes.Sort(frame=VISITS, by=("day",), descending=descending)


def take(which: Any, frame: Any, name: str = "value") -> nodes.Take:
    return nodes.Take(which=which, frame=frame, value=col(name))


def test_exists_is_false_without_a_row() -> None:
    assert asked(nodes.Exists(frame=VISITS)) == [True, True, False]


def test_count_is_zero_without_a_row() -> None:
    assert asked(nodes.CountRows(frame=VISITS)) == [3, 3, 0]


def test_a_filter_on_events_decides_which_rows_count() -> None:
    inside = nodes.Filter(frame=VISITS, where=compare(col("kind"), "==", "in"))

    assert asked(nodes.CountRows(frame=inside)) == [2, 2, 0]


def test_first_is_the_value_of_the_row_with_the_least_key() -> None:
    assert asked(take("first", ordered())) == [2.0, 3.0, None]


def test_last_is_the_value_of_the_row_with_the_greatest_key() -> None:
    assert asked(take("last", ordered())) == [1.5, 4.0, None]


def test_rows_without_a_sort_key_are_neither_first_nor_last() -> None:
    assert 9.0 not in asked(take("last", ordered()))
    assert 9.0 not in asked(take("first", ordered(descending=True)))


def test_among_equal_keys_first_takes_the_least_value_and_last_the_greatest() -> None:
    assert asked(take("first", ordered()))[1] == 3.0
    assert asked(take("last", ordered()))[1] == 4.0


def test_descending_turns_the_order_round() -> None:
    assert asked(take("first", ordered(descending=True))) == [1.5, 3.0, None]


def test_a_filter_after_sorting_keeps_the_order() -> None:
    inside = nodes.Filter(frame=ordered(), where=compare(col("kind"), "==", "in"))

    assert asked(take("last", inside)) == [1.5, 3.0, None]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("sum", [12.5, 7.0, 0.0]),
        ("mean", [12.5 / 3, 3.5, None]),
        ("min", [1.5, 3.0, None]),
        ("max", [9.0, 4.0, None]),
        ("median", [2.0, 3.5, None]),
        ("n_unique", [3, 2, 0]),
    ],
)
def test_sums_are_zero_and_the_others_missing_without_a_value(
    op: Any, expected: list[float | None]
) -> None:
    assert asked(nodes.Reduce(op=op, frame=VISITS, value=col("value"))) == expected


@pytest.mark.parametrize(
    ("op", "expected"), [("any", [True, True, False]), ("all", [False, False, True])]
)
def test_any_is_false_and_all_is_true_without_a_row(op: Any, expected: list[bool]) -> None:
    inside = compare(col("kind"), "==", "in")

    assert asked(nodes.Reduce(op=op, frame=VISITS, value=inside)) == expected


def test_the_standard_deviation_is_that_of_a_sample() -> None:
    spread = nodes.Reduce(op="std", frame=VISITS, value=col("value"))

    # 1.5, 2 and 9; 4 and 3
    assert asked(nodes.Round(digits=6, operand=spread)) == [4.193249, 0.707107, None]


def test_a_standard_deviation_needs_two_values() -> None:
    early = nodes.Filter(frame=VISITS, where=compare(col("day"), "<=", 1))

    assert asked(nodes.Reduce(op="std", frame=early, value=col("value"))) == [None, None, None]


@pytest.mark.parametrize(
    ("n", "end", "expected"),
    [
        (1, "first", [2.0, 3.0, None]),
        (2, "first", [1.5, 4.0, None]),
        (3, "first", [None, None, None]),
        (1, "last", [1.5, 4.0, None]),
        (2, "last", [2.0, 3.0, None]),
    ],
)
def test_the_n_th_row_is_counted_in_the_order_of_first_and_last(
    n: int, end: Any, expected: list[float | None]
) -> None:
    node = nodes.Nth(n=n, counted_from=end, frame=ordered(), value=col("value"))

    assert asked(node) == expected


def test_a_variable_may_be_derived_on_each_row() -> None:
    doubled = nodes.Arithmetic(op="*", left=col("value"), right=val(2))
    rows = nodes.Derive(frame=VISITS, columns=(nodes.Derived(name="twice", value=doubled),))

    assert asked(nodes.Reduce(op="max", frame=rows, value=col("twice"))) == [18.0, 8.0, None]


def test_a_derived_row_value_may_use_a_value_of_the_person() -> None:
    own = nodes.Take(which="first", frame=PERSON_FRAME, value=col("age"))
    since = nodes.Arithmetic(op="-", left=own, right=col("day"))
    rows = nodes.Derive(frame=VISITS, columns=(nodes.Derived(name="left", value=since),))

    assert asked(nodes.Reduce(op="min", frame=rows, value=col("left"))) == [37, 45, None]


def test_the_value_may_be_calculated_from_the_row() -> None:
    product = nodes.Arithmetic(op="*", left=col("day"), right=col("value"))

    assert asked(nodes.Reduce(op="sum", frame=VISITS, value=product)) == [6.5, 35.0, 0.0]


def test_a_condition_on_events_may_name_a_value_of_the_person() -> None:
    first_day = take("first", ordered(), "day")
    later = nodes.Filter(frame=VISITS, where=compare(col("day"), ">", first_day))

    assert asked(nodes.CountRows(frame=later)) == [1, 0, 0]


def test_a_variable_of_the_person_frame_can_stand_in_a_condition_on_events() -> None:
    age = nodes.Take(which="first", frame=PERSON_FRAME, value=col("age"))
    old = nodes.Filter(frame=VISITS, where=compare(age, ">=", 50))

    assert asked(nodes.CountRows(frame=old)) == [0, 3, 0]
