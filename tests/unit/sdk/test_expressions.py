"""Operators build the nodes that they look like; mistakes are told at the line that makes them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

import workbench.sdk as wb
from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, val
from workbench.plan import nodes
from workbench.sdk.frames import EventFrame, PersonFrame


def built(frame: PersonFrame, expression: Any) -> Any:
    derived = frame.with_columns(made=expression)._node
    assert isinstance(derived, nodes.Derive)
    return derived.columns[0].value


CASES: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda p: p.age >= 40, compare(col("age"), ">=", 40)),
    (lambda p: p.sex == "F", compare(col("sex"), "==", "F")),
    (lambda p: p.birth < date(1980, 1, 1), compare(col("birth"), "<", date(1980, 1, 1))),
    (lambda p: p["age"] + 1, nodes.Arithmetic(op="+", left=col("age"), right=val(1))),
    (lambda p: 2020 - p.age, nodes.Arithmetic(op="-", left=val(2020), right=col("age"))),
    (lambda p: 1 / p.weight, nodes.Arithmetic(op="/", left=val(1), right=col("weight"))),
    (lambda p: p.age // np.int64(10), nodes.Arithmetic(op="//", left=col("age"), right=val(10))),
    (lambda p: ~p.vital, nodes.Not(operand=col("vital"))),
    (lambda p: p.sex.is_in(["F", "M"]), nodes.IsIn(operand=col("sex"), values=("F", "M"))),
    (lambda p: p.age.bins([40, 60]), nodes.Bins(operand=col("age"), edges=(40, 60))),
    (lambda p: p.place.as_code(["A"]), nodes.AsCode(operand=col("place"), codes=("A",))),
    (lambda p: p.age.fill_null(0), nodes.FillNull(operand=col("age"), value=val(0))),
    (lambda p: p.age.is_not_null(), nodes.Not(operand=nodes.IsNull(operand=col("age")))),
    (
        lambda p: p.place.str.starts_with("A", "B"),
        nodes.StartsWith(operand=col("place"), prefixes=("A", "B")),
    ),
    (lambda p: p.birth < "1980-01-01", compare(col("birth"), "<", date(1980, 1, 1))),
    (lambda p: p.birth.dt.year(), nodes.DatePart(part="year", operand=col("birth"))),
    (
        lambda p: p.birth.dt.days_since(date(2000, 1, 1)),
        nodes.Between(unit="days", start=val(date(2000, 1, 1)), end=col("birth")),
    ),
    (
        lambda p: p.vital & (p.age > 1) & (p.age < 9),
        nodes.Logic(
            op="and",
            operands=(col("vital"), compare(col("age"), ">", 1), compare(col("age"), "<", 9)),
        ),
    ),
    (
        lambda p: wb.when(p.age > 60).then("old").when(p.age > 20).then("mid").otherwise("young"),
        nodes.When(
            cases=(
                nodes.Case(when=compare(col("age"), ">", 60), then=val("old")),
                nodes.Case(when=compare(col("age"), ">", 20), then=val("mid")),
            ),
            otherwise=val("young"),
        ),
    ),
]


@pytest.mark.parametrize(("write", "node"), CASES)
def test_an_expression_is_the_node_it_looks_like(
    person: PersonFrame, write: Callable[[Any], Any], node: Any
) -> None:
    assert built(person, write(person)) == node


def test_aggregates_of_events_stand_in_a_person_frame(
    person: PersonFrame, visit: EventFrame
) -> None:
    inside = visit.filter(visit.kind == "in", visit.day > 3)
    where = nodes.Filter(
        frame=nodes.Filter(frame=VISITS, where=compare(col("kind"), "==", "in")),
        where=compare(col("day"), ">", 3),
    )

    assert built(person, inside.count()) == nodes.CountRows(frame=where)
    assert built(person, inside.exists()) == nodes.Exists(frame=where)
    assert built(person, inside.sum("value")) == nodes.Reduce(
        op="sum", frame=where, value=col("value")
    )
    assert built(person, inside.sort("day").last("value")) == nodes.Take(
        which="last", frame=nodes.Sort(frame=where, by=("day",)), value=col("value")
    )


def test_the_value_of_an_aggregate_may_be_calculated(
    person: PersonFrame, visit: EventFrame
) -> None:
    product = nodes.Arithmetic(op="*", left=col("value"), right=val(2))

    assert built(person, visit.max(visit.value * 2)) == nodes.Reduce(
        op="max", frame=VISITS, value=product
    )


def test_a_variable_of_the_person_can_be_named_in_a_filter_on_events(
    person: PersonFrame, visit: EventFrame
) -> None:
    frame = visit.filter(visit.day > person.age)._node
    age = nodes.Take(which="first", frame=PERSON_FRAME, value=col("age"))

    assert frame == nodes.Filter(frame=VISITS, where=compare(col("day"), ">", age))


def test_a_variable_of_events_is_not_one_value_a_person(
    person: PersonFrame, visit: EventFrame
) -> None:
    with pytest.raises(wb.Refused) as refused:
        person.filter(visit.day > 3)

    assert refused.value.code == "wrong_frame"
    assert ".first(" in refused.value.remedy


def test_a_derived_variable_is_the_same_in_frames_that_grew_from_it(person: PersonFrame) -> None:
    grown = person.with_columns(old=person.age > 60)
    kept = grown.filter(grown.old)._node

    assert isinstance(kept, nodes.Filter)
    assert kept.where == col("old")


def test_two_derived_variables_of_one_name_are_not_mixed_up(person: PersonFrame) -> None:
    one, other = person.with_columns(x=person.age > 60), person.with_columns(x=person.age > 20)
    kept = other.filter(one.x)._node

    assert isinstance(kept, nodes.Filter)
    assert kept.where == nodes.Take(which="first", frame=one._node, value=col("x"))


@pytest.mark.parametrize(
    "mistake",
    [
        lambda p: bool(p.age > 1),
        lambda p: list(p.age),
        lambda p: p.age + object(),
        lambda p: p.age.bins([3, 1]),
        lambda p: p.age.bins([]),
        lambda p: p.age.is_in([]),
        lambda p: wb.lit(float("nan")),
        lambda p: p.filter(p.age),
        lambda p: p.with_columns(age=1),
        lambda p: p.agee,
        lambda p: p["income"],
        lambda p: p.crosstab(),
        lambda p: p.crosstab("sex", "vital", "region", "birth"),
        lambda p: wb.dp(rho=0.1),
        lambda p: p.count(dp=wb.dp(rho="0")),
        lambda p: p.count(dp=wb.dp(rho="a")),
    ],
)
def test_a_mistake_is_refused_with_a_remedy_and_no_other_error(
    person: PersonFrame, mistake: Callable[[Any], Any]
) -> None:
    with pytest.raises(wb.Refused) as refused:
        mistake(person)

    assert refused.value.remedy
    assert refused.value.__cause__ is None
