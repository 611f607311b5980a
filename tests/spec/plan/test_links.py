"""Links between persons: a mother's children, and what is known of her, told of each child."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, persons, table, val, values
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, lineage, nodes, pruned

PEOPLE = """
    person | mother | age | sex
    0      | ·      | 50  | F
    1      | 0      | 20  | M
    2      | 0      | 18  | F
    3      | 4      | 30  | M
    5      | 9      | 10  | F
    """
VISITED = """
    person | day
    0      | 1
    0      | 2
    4      | 7
    """
CHILDREN = nodes.Linked(frame=PERSON_FRAME, link="mother", keep=("age", "sex"))


def test_a_mother_has_a_row_for_each_child() -> None:
    """Person 4 has no row of her own; person 9 is nobody of the view."""
    assert table(CHILDREN, ("age", "sex"), PEOPLE, VISITED) == [
        (0, 18, "F"), (0, 20, "M"), (4, 30, "M"),
    ]  # fmt: skip


def test_children_are_counted_of_their_mother() -> None:
    count = nodes.CountRows(frame=CHILDREN)

    assert values(count, PEOPLE, VISITED) == [2, 0, 0, 0, 0]


def test_a_filter_before_the_link_is_about_the_child() -> None:
    girls = nodes.Filter(frame=PERSON_FRAME, where=compare(col("sex"), "==", "F"))
    linked = nodes.Linked(frame=girls, link="mother", keep=("age",))

    assert table(linked, ("age",), PEOPLE, VISITED) == [(0, 18)]


def test_what_is_known_of_the_mother_is_told_of_each_child() -> None:
    hers = (
        nodes.Derived(
            name="visits", value=nodes.CountRows(frame=VISITS)
        ),
        nodes.Derived(name="children", value=nodes.CountRows(frame=CHILDREN)),
    )  # fmt: skip
    back = nodes.Back(
        frame=nodes.Derive(frame=CHILDREN, columns=hers), keep=("sex", "visits", "children")
    )

    assert table(back, ("sex", "visits", "children"), PEOPLE, VISITED) == [
        (1, "M", 2, 2), (2, "F", 2, 2), (3, "M", 1, 1),
    ]  # fmt: skip


def test_those_without_a_mother_in_the_view_do_not_come_back() -> None:
    back = nodes.Back(frame=CHILDREN, keep=("age",))

    assert persons(back, PEOPLE, VISITED) == [1, 2, 3]


def test_rows_of_a_person_frame_come_back_as_a_person_frame() -> None:
    schema = Schema.from_view(described(10))
    back = nodes.Back(frame=CHILDREN, keep=("sex",))

    assert check(Plan(analysis=nodes.Count(cohort=back, by=("sex",))), schema).cells == 3


def test_the_link_itself_stands_in_the_lineage() -> None:
    plan = pruned(
        Plan(
            analysis=nodes.Count(
                cohort=nodes.Back(frame=CHILDREN, keep=("sex", "age")), by=("sex",)
            )
        )
    )

    assert lineage(plan).variables == ("person.mother", "person.sex")


LONG = nodes.Linked(frame=nodes.Episodes(frame=VISITS, start="date"), link="mother")


@pytest.mark.parametrize(
    ("frame", "code", "told"),
    [
        (nodes.Linked(frame=PERSON_FRAME, link="mothr"), "unknown_name", '.linked("mother")'),
        (nodes.Linked(frame=PERSON_FRAME, link="employer"), "outside_permit", "mother"),
        (nodes.Linked(frame=VISITS, link="mother"), "outside_permit", "none"),
        (LONG, "wrong_frame", "Link the dataset first"),
        (nodes.Linked(frame=nodes.Persons(), link="mother"), "wrong_frame", "Link the dataset"),
        (nodes.Back(frame=VISITS), "wrong_frame", ".back()"),
        (nodes.Linked(frame=CHILDREN, link="mother"), "wrong_frame", "Link the dataset first"),
    ],
)
def test_links_are_those_that_the_contract_declares(
    frame: nodes.Frame, code: str, told: str
) -> None:
    cohort = nodes.Filter(frame=PERSON_FRAME, where=nodes.Exists(frame=frame))
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Count(cohort=cohort)), Schema.from_view(described(10)))

    assert refused.value.code == code
    assert told in refused.value.remedy


def test_a_link_that_the_permit_does_not_open_is_refused() -> None:
    closed = Schema.from_view(described(10) | {"closed": ["person.mother"]})
    cohort = nodes.Filter(frame=PERSON_FRAME, where=nodes.Exists(frame=CHILDREN))
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Count(cohort=cohort)), closed)

    assert refused.value.code == "outside_permit"


@pytest.mark.parametrize("name", ["mother", "person", "_link", "_origin"])
def test_nobody_is_named(name: str) -> None:
    def ask() -> None:
        column: Any = nodes.Column(name=name)
        rows = nodes.Filter(frame=CHILDREN, where=compare(column, ">", val(1)))
        cohort = nodes.Filter(frame=PERSON_FRAME, where=nodes.Exists(frame=rows))
        check(Plan(analysis=nodes.Count(cohort=cohort)), Schema.from_view(described(10)))

    with pytest.raises((Refusal, ValueError)):
        ask()
