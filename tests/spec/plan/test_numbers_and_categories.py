"""Arithmetic, bins with public edges, and codes."""

import pytest

from tests.lib.drawn import col, val, values
from workbench.plan import nodes

PEOPLE = """
    person | age | weight | region | vital
    0      | 39  | 60.0   | 1      | yes
    1      | 40  | 0.0    | 2      | no
    2      | 59  | -2.5   | 3      | ·
    3      | 60  | ·      | 1      | yes
    4      | ·   | 80.5   | ·      | no
    """


def arithmetic(op: str, left: str, right: object) -> nodes.Arithmetic:
    other = right if isinstance(right, nodes.Node) else val(right)
    return nodes.Arithmetic(op=op, left=col(left), right=other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("op", "right", "expected"),
    [
        ("+", 1, [40, 41, 60, 61, None]),
        ("-", 50, [-11, -10, 9, 10, None]),
        ("*", 2, [78, 80, 118, 120, None]),
        ("//", 7, [5, 5, 8, 8, None]),
        ("/", 4, [9.75, 10.0, 14.75, 15.0, None]),
        ("//", 0, [None, None, None, None, None]),
        ("/", 0, [None, None, None, None, None]),
    ],
)
def test_arithmetic_with_missing_or_without_a_finite_result_is_missing(
    op: str, right: int, expected: list[float | None]
) -> None:
    assert values(arithmetic(op, "age", right), PEOPLE) == expected


def test_whole_division_rounds_down_below_zero_too() -> None:
    assert values(arithmetic("//", "weight", 2), PEOPLE) == [30.0, 0.0, -2.0, None, 40.0]


def test_dividing_by_a_variable_that_is_zero_is_missing() -> None:
    assert values(arithmetic("/", "age", col("weight")), PEOPLE) == [0.65, None, -23.6, None, None]


def test_bins_are_closed_to_the_left_and_open_to_the_right() -> None:
    bins = nodes.Bins(operand=col("age"), edges=(40, 60))

    assert values(bins, PEOPLE) == ["<40", "40–<60", "40–<60", "≥60", None]


def test_one_edge_makes_two_categories() -> None:
    bins = nodes.Bins(operand=col("weight"), edges=(0,))

    assert values(bins, PEOPLE) == ["≥0", "≥0", "<0", None, "≥0"]


def test_casting_to_codes_leaves_out_what_is_not_listed() -> None:
    coded = nodes.AsCode(operand=col("region"), codes=("1", "3"))

    assert values(coded, PEOPLE) == ["1", None, "3", "1", None]


def test_yes_and_no_cast_to_true_and_false() -> None:
    coded = nodes.AsCode(operand=col("vital"), codes=("true", "false"))

    assert values(coded, PEOPLE) == ["true", "false", None, "true", "false"]


def test_whole_and_broken_numbers_compare_as_numbers() -> None:
    compared = nodes.Compare(op="<", left=col("age"), right=val(59.5))

    assert values(compared, PEOPLE) == [True, True, True, False, None]
