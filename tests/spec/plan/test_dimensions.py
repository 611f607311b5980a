"""Dimensions: public categories only, from code lists, bins and constants, empty ones included."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, drawn, val
from tests.lib.engines import run
from tests.lib.plain_view import PlainView, described, frame
from workbench.plan import CheckedPlan, Plan, Refusal, Schema, check, nodes

SCHEMA = Schema.from_view(described(3))


def checked(by: str, value: Any = None) -> CheckedPlan:
    cohort: Any = PERSON_FRAME
    if value is not None:
        cohort = nodes.Derive(frame=cohort, columns=(nodes.Derived(name=by, value=value),))
    return check(Plan(analysis=nodes.Crosstab(cohort=cohort, by=(by,))), SCHEMA)


@pytest.mark.parametrize(
    ("by", "value", "codes"),
    [
        ("sex", None, ("F", "M", "")),
        ("region", None, ("1", "2", "3", "")),
        ("vital", None, ("false", "true", "")),
        ("visited", nodes.Exists(frame=VISITS), ("false", "true")),
        ("group", nodes.Bins(operand=col("age"), edges=(40, 60)), ("<40", "40–<60", "≥60", "")),
        ("often", nodes.Bins(operand=nodes.CountRows(frame=VISITS), edges=(1,)), ("<1", "≥1")),
        ("known", nodes.IsNull(operand=col("age")), ("false", "true")),
        ("town", nodes.AsCode(operand=col("place"), codes=("A", "B")), ("A", "B", "")),
        (
            "word",
            nodes.When(cases=(nodes.Case(when=col("vital"), then=val("b")),), otherwise=val("a")),
            ("b", "a"),
        ),
        (
            "month",
            nodes.DatePart(part="month", operand=col("birth")),
            (*(str(one) for one in range(1, 13)), ""),
        ),
    ],
)
def test_the_categories_are_known_before_any_row_is_read(
    by: str, value: Any, codes: tuple[str, ...]
) -> None:
    assert checked(by, value).dimensions[0].codes == codes


@pytest.mark.parametrize(
    ("by", "value", "remedy"),
    [
        ("place", None, ".as_code("),
        ("age", None, ".bins("),
        ("weight", None, ".bins("),
        ("birth", None, ".dt.year().bins("),
        ("visits", nodes.CountRows(frame=VISITS), ".bins("),
    ],
)
def test_free_texts_and_raw_numbers_are_no_dimensions(by: str, value: Any, remedy: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(by, value)

    assert refused.value.code == "not_a_dimension"
    assert remedy in refused.value.remedy


def test_empty_categories_are_counted_as_zero() -> None:
    people = drawn("person", "person | sex\n 0 | F\n 1 | F\n 2 | ·")
    view = PlainView({"person": frame("person", people)}, 3, 2)

    assert run(checked("sex"), view, SCHEMA).placed.n.tolist() == [2, 0, 1]


def test_a_code_outside_its_list_counts_as_missing() -> None:
    people = drawn("person", "person | sex\n 0 | F\n 1 | X\n 2 | M")
    view = PlainView({"person": frame("person", people)}, 3, 2)

    assert run(checked("sex"), view, SCHEMA).placed.n.tolist() == [1, 1, 1]


def test_a_table_may_not_have_more_cells_than_the_limit() -> None:
    wide = tuple(
        nodes.Derived(
            name=f"d{at}", value=nodes.Bins(operand=col("age"), edges=tuple(range(at, at + 30)))
        )
        for at in range(3)
    )
    cohort = nodes.Derive(frame=PERSON_FRAME, columns=wide)

    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Crosstab(cohort=cohort, by=("d0", "d1", "d2"))), SCHEMA)

    assert refused.value.code == "too_many_cells"


def test_a_dimension_is_named_once() -> None:
    with pytest.raises(Refusal, match="twice"):
        check(Plan(analysis=nodes.Crosstab(cohort=PERSON_FRAME, by=("sex", "sex"))), SCHEMA)


def test_analyses_need_one_row_a_person() -> None:
    events = nodes.Filter(frame=VISITS, where=compare(col("day"), ">", 1))

    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Count(cohort=events)), SCHEMA)

    assert refused.value.code == "wrong_frame"
