"""Missing values: three-valued logic, as in polars and SQL, said once for every operator."""

from tests.lib.drawn import PERSON_FRAME, col, compare, persons, val, values
from workbench.plan import nodes

PEOPLE = """
    person | age | vital | sex
    0      | 40  | yes   | F
    1      | ·   | no    | M
    2      | 70  | ·     | ·
    """


def test_a_comparison_with_a_missing_value_is_missing() -> None:
    assert values(compare(col("age"), ">=", 50), PEOPLE) == [False, None, True]


def test_a_missing_value_does_not_even_equal_itself() -> None:
    assert values(compare(col("age"), "==", col("age")), PEOPLE) == [True, None, True]


def test_and_is_false_as_soon_as_one_side_is_false() -> None:
    both = nodes.Logic(op="and", operands=(col("vital"), compare(col("age"), ">=", 50)))

    assert values(both, PEOPLE) == [False, False, None]


def test_or_is_true_as_soon_as_one_side_is_true() -> None:
    either = nodes.Logic(op="or", operands=(col("vital"), compare(col("age"), ">=", 50)))

    assert values(either, PEOPLE) == [True, None, True]


def test_not_of_a_missing_value_is_missing() -> None:
    assert values(nodes.Not(operand=col("vital")), PEOPLE) == [False, True, None]


def test_is_in_of_a_missing_value_is_missing() -> None:
    assert values(nodes.IsIn(operand=col("sex"), values=("F",)), PEOPLE) == [True, False, None]


def test_is_null_is_never_missing() -> None:
    assert values(nodes.IsNull(operand=col("sex")), PEOPLE) == [False, False, True]


def test_fill_null_puts_a_value_where_there_was_none() -> None:
    filled = nodes.FillNull(operand=col("age"), value=val(0))

    assert values(filled, PEOPLE) == [40, 0, 70]


def test_a_filter_keeps_only_what_is_true() -> None:
    frame = nodes.Filter(frame=PERSON_FRAME, where=compare(col("age"), ">=", 40))

    assert persons(frame, PEOPLE) == [0, 2]


def test_a_filter_and_its_opposite_both_leave_out_the_missing() -> None:
    frame = nodes.Filter(frame=PERSON_FRAME, where=nodes.Not(operand=compare(col("age"), ">=", 40)))

    assert persons(frame, PEOPLE) == []


def test_a_missing_condition_is_not_met_in_when() -> None:
    worded = nodes.When(
        cases=(nodes.Case(when=compare(col("age"), ">=", 50), then=val("old")),),
        otherwise=val("young"),
    )

    assert values(worded, PEOPLE) == ["young", "young", "old"]


def test_when_without_otherwise_is_missing_where_nothing_holds() -> None:
    worded = nodes.When(cases=(nodes.Case(when=col("vital"), then=val(1)),))

    assert values(worded, PEOPLE) == [1, None, None]
