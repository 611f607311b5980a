"""Every person of the view, whichever dataset they are in: what events alone are counted over."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, persons
from tests.lib.engines import answers
from workbench.plan import Plan, Schema, check, nodes
from workbench.plan.errors import Refusal

EVERYONE = nodes.Persons()
PEOPLE = """
    person | age | sex
    0      | 40  | F
    1      | 50  | M
    """
VISITED = """
    person | day | kind
    1      | 3   | in
    1      | 4   | in
    3      | 1   | out
    """
ROWS: dict[str, list[dict[str, Any]]] = {
    "person": [{"person": 0, "sex": "F"}, {"person": 1, "sex": "M"}],
    "visit": [{"person": 1}, {"person": 1}, {"person": 3}],
}
VISITS_BINNED = nodes.Bins(operand=nodes.CountRows(frame=VISITS), edges=(1, 2))


def derived(name: str, value: Any) -> nodes.Derive:
    return nodes.Derive(frame=EVERYONE, columns=(nodes.Derived(name=name, value=value),))


def counted(analysis: nodes.Analysis) -> dict[tuple[str, ...], int]:
    """Persons by cell, the same in all three engines; the view has four persons."""
    found = answers(Plan(analysis=analysis), ROWS, 4)
    assert found["whole"] == found["buckets"] == found["slow"]
    return {codes: int(values[0]) for codes, values in found["slow"].items()}


def test_everybody_is_there_once_also_who_is_in_no_person_dataset() -> None:
    assert persons(EVERYONE, PEOPLE, VISITED) == [0, 1, 2, 3]


def test_a_filter_is_about_the_persons_events() -> None:
    seen = nodes.Filter(frame=EVERYONE, where=nodes.Exists(frame=VISITS))

    assert persons(seen, PEOPLE, VISITED) == [1, 3]


def test_all_persons_are_counted() -> None:
    assert counted(nodes.Count(cohort=EVERYONE)) == {(): 4}


def test_events_alone_make_a_table() -> None:
    table = nodes.Crosstab(cohort=derived("visits", VISITS_BINNED), by=("visits",))

    assert counted(table) == {("<1",): 2, ("1–<2",): 1, ("≥2",): 1}


def test_a_variable_of_a_person_dataset_is_missing_for_who_is_not_in_it() -> None:
    sex = nodes.Take(which="first", frame=PERSON_FRAME, value=col("sex"))

    assert counted(nodes.Count(cohort=derived("sex", sex), by=("sex",))) == {
        ("F",): 1, ("M",): 1, ("",): 2,
    }  # fmt: skip


def test_a_value_of_all_persons_may_stand_in_a_condition_on_events() -> None:
    ordered = nodes.Sort(frame=VISITS, by=("day",))
    first = derived("first", nodes.Take(which="first", frame=ordered, value=col("day")))
    its_own = nodes.Take(which="first", frame=first, value=col("first"))
    later = nodes.Filter(frame=VISITS, where=compare(col("day"), ">", its_own))
    again = nodes.Filter(frame=EVERYONE, where=nodes.Exists(frame=later))

    assert persons(again, PEOPLE, VISITED) == [1]


def test_a_view_of_events_alone_can_be_asked() -> None:
    column = {"type": "integer", "label": {"en": "Day"}}
    dataset = {"kind": "event", "label": {"en": "Visits"}, "columns": {"day": column}}
    view = {"project": "p", "version": "v", "persons": 4, "datasets": {"visit": dataset}}
    plan = Plan(analysis=nodes.Count(cohort=derived("visits", VISITS_BINNED), by=("visits",)))

    assert check(plan, Schema.from_view(view)).cells == 3


@pytest.mark.parametrize("frame", [EVERYONE, derived("seen", nodes.Exists(frame=VISITS))])
def test_the_frame_has_no_variable_but_those_that_are_derived(frame: nodes.Frame) -> None:
    datasets: dict[str, Any] = {"visit": {"kind": "event", "label": {}, "columns": {}}}
    view = {"project": "p", "version": "v", "persons": 4, "datasets": datasets}
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Count(cohort=frame, by=("age",))), Schema.from_view(view))

    assert refused.value.code == "unknown_name"
    assert "p.persons().with_columns(age" in refused.value.remedy
