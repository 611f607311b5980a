"""The permit decides what has a name."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, nodes

OPENED = {"person": ("age", "sex"), "visit": ("day",)}


def count(where: Any) -> Plan:
    return Plan(analysis=nodes.Count(cohort=nodes.Filter(frame=PERSON_FRAME, where=where)))


def latest(name: str) -> nodes.IsNull:
    return nodes.IsNull(operand=nodes.Reduce(op="max", frame=VISITS, value=col(name)))


def code(plan: Plan, schema: Schema) -> str:
    with pytest.raises(Refusal) as refused:
        check(plan, schema)
    return refused.value.code


def test_what_the_permit_opens_may_be_named() -> None:
    schema = Schema.from_view(described(10), OPENED)

    assert check(count(nodes.IsNull(operand=col("age"))), schema).cells == 1
    assert check(count(latest("day")), schema).cells == 1


def test_what_the_view_holds_beyond_the_permit_is_outside_it() -> None:
    schema = Schema.from_view(described(10), OPENED)

    assert code(count(nodes.IsNull(operand=col("weight"))), schema) == "outside_permit"
    assert code(count(latest("value")), schema) == "outside_permit"


def test_a_permit_without_a_dataset_closes_all_of_it() -> None:
    schema = Schema.from_view(described(10), {"person": ("age",)})

    assert code(count(latest("day")), schema) == "outside_permit"


def test_what_the_registry_has_beyond_the_view_is_outside_and_not_misspelt() -> None:
    schema = Schema.from_view(described(10), None, lambda name: ("ages",) * (name == "person"))

    assert code(count(nodes.IsNull(operand=col("ages"))), schema) == "outside_permit"
    assert code(count(nodes.IsNull(operand=col("agee"))), schema) == "unknown_name"


def test_a_description_may_say_itself_what_is_closed() -> None:
    schema = Schema.from_view(described(10) | {"closed": ["person.height"]})

    assert code(count(nodes.IsNull(operand=col("height"))), schema) == "outside_permit"


def test_a_derived_variable_may_bear_a_closed_name() -> None:
    schema = Schema.from_view(described(10) | {"closed": ["person.height"]})
    made = nodes.Derive(
        frame=PERSON_FRAME,
        columns=(nodes.Derived(name="height", value=nodes.IsNull(operand=col("age"))),),
    )

    assert check(Plan(analysis=nodes.Count(cohort=made, by=("height",))), schema).cells == 2


def test_the_refusal_lists_only_what_is_open() -> None:
    schema = Schema.from_view(described(10), OPENED)
    with pytest.raises(Refusal) as refused:
        check(count(nodes.IsNull(operand=col("weight"))), schema)

    assert "sex, age" in refused.value.remedy
    assert "birth" not in refused.value.remedy


@pytest.mark.parametrize(
    "broken",
    [{}, {"datasets": []}, {"datasets": {"a": 1}}, {"datasets": {"a": {"kind": "both"}}}],
)
def test_a_broken_description_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        Schema.from_view({"project": "p", "version": "v", "persons": 1} | broken)

    assert refused.value.code == "malformed_view"
