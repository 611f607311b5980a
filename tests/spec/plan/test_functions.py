"""Functions of numbers and texts, casts, and the least and greatest of several values."""

from datetime import date
from typing import Any

import pytest

from tests.lib.drawn import col, val, values
from workbench.plan import nodes

PEOPLE = """
    person | age | weight | place     | vital | birth
    0      | 7   | 2.5    | I21.9     | yes   | 1960-05-01
    1      | -3  | -0.5   | 12        | no    | ·
    2      | 0   | 0.0    | 2020-02-30 | ·    | 1999-12-31
    3      | ·   | ·      | ·         | yes   | ·
    """


def asked(expression: Any) -> list[Any]:
    return values(expression, PEOPLE)


@pytest.mark.parametrize(
    ("fn", "name", "expected"),
    [
        ("abs", "age", [7, 3, 0, None]),
        ("abs", "weight", [2.5, 0.5, 0.0, None]),
        ("floor", "weight", [2, -1, 0, None]),
        ("ceil", "weight", [3, 0, 0, None]),
        ("sqrt", "weight", [2.5**0.5, None, 0.0, None]),
    ],
)
def test_functions_of_numbers(fn: Any, name: str, expected: list[Any]) -> None:
    assert asked(nodes.Math(fn=fn, operand=col(name))) == expected


def test_the_logarithm_of_nothing_and_of_less_is_missing() -> None:
    rounded = nodes.Round(digits=6, operand=nodes.Math(fn="log", operand=col("age")))

    assert asked(rounded) == [1.94591, None, None, None]


def test_what_grows_beyond_all_numbers_is_missing() -> None:
    thousandfold = nodes.Arithmetic(op="*", left=col("weight"), right=val(1000))

    assert asked(nodes.Math(fn="exp", operand=thousandfold))[0] is None


def test_halves_are_rounded_away_from_zero() -> None:
    assert asked(nodes.Round(operand=col("weight"))) == [3.0, -1.0, 0.0, None]
    assert asked(nodes.Round(operand=col("age"))) == [7, -3, 0, None]


def test_clipped_values_become_the_bound() -> None:
    assert asked(nodes.Clip(operand=col("age"), low=-1, high=5)) == [5, -1, 0, None]
    assert asked(nodes.Clip(operand=col("age"), low=0.5)) == [7.0, 0.5, 0.5, None]


def test_the_least_leaves_missing_values_out() -> None:
    least = nodes.Extreme(op="least", operands=(col("age"), col("weight"), val(1)))

    assert asked(least) == [1.0, -3.0, 0.0, 1.0]


def test_the_earliest_of_several_dates_is_that_of_those_that_happened() -> None:
    end = val(date(1999, 1, 1))

    assert asked(nodes.Extreme(op="least", operands=(col("birth"), end))) == [
        date(1960, 5, 1), date(1999, 1, 1), date(1999, 1, 1), date(1999, 1, 1),
    ]  # fmt: skip


def test_the_first_that_is_not_missing() -> None:
    assert asked(nodes.Coalesce(operands=(col("age"), val(99)))) == [7, -3, 0, 99]


@pytest.mark.parametrize(
    ("to", "name", "expected"),
    [
        ("integer", "weight", [2, 0, 0, None]),
        ("integer", "vital", [1, 0, None, 1]),
        ("float", "age", [7.0, -3.0, 0.0, None]),
        ("string", "age", ["7", "-3", "0", None]),
        ("string", "vital", ["true", "false", None, "true"]),
    ],
)
def test_casts_between_types(to: Any, name: str, expected: list[Any]) -> None:
    assert asked(nodes.Cast(to=to, operand=col(name))) == expected


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("integer", [None, 12, None, None]),
        ("float", [None, 12.0, None, None]),
        ("date", [None, None, None, None]),
    ],
)
def test_a_text_that_is_no_number_or_no_day_of_the_calendar_is_missing(
    to: Any, expected: list[Any]
) -> None:
    assert asked(nodes.ReadText(to=to, operand=col("place"))) == expected


def test_pieces_of_a_code_are_cut_out_by_place() -> None:
    three = nodes.Slice(operand=col("place"), length=3)
    fourth = nodes.Slice(operand=col("place"), start=4, length=9)

    assert asked(three) == ["I21", "12", "202", None]
    assert asked(fourth) == ["9", "", "-02-30", None]


def test_texts_hold_and_end_with_letters_not_patterns() -> None:
    held = nodes.Contains(operand=col("place"), pieces=(".", "x"))
    ended = nodes.EndsWith(operand=col("place"), suffixes=("9", "2"))

    assert asked(held) == [True, False, False, None]
    assert asked(ended) == [True, True, False, None]


def test_a_text_is_as_long_as_its_characters() -> None:
    assert asked(nodes.TextLength(operand=col("place"))) == [5, 2, 10, None]
    assert asked(nodes.TextLength(operand=val("blåbærøl")))[0] == 8
