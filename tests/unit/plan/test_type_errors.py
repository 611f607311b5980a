"""What a plan may not say: each refusal names the rule and a way out."""

from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, val
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, nodes

SCHEMA = Schema.from_view(described(10))


def refusal(cohort: Any, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Count(cohort=cohort, **fields)), SCHEMA)
    return refused.value


def derived(value: Any, name: str = "made") -> nodes.Derive:
    return nodes.Derive(frame=PERSON_FRAME, columns=(nodes.Derived(name=name, value=value),))


def kept(where: Any) -> nodes.Filter:
    return nodes.Filter(frame=PERSON_FRAME, where=where)


def take(frame: Any) -> nodes.Take:
    return nodes.Take(which="first", frame=frame, value=col("day"))


SPANS = nodes.Spans(
    frame=nodes.Derive(
        frame=PERSON_FRAME, columns=(nodes.Derived(name="end", value=col("birth")),)
    ),
    start="birth",
    end="end",
)


def rows_of(frame: Any) -> nodes.Derive:
    return derived(nodes.Exists(frame=frame))


MISTYPED = [
    kept(col("age")),
    kept(compare(col("age"), "==", "forty")),
    kept(compare(col("birth"), ">", 1980)),
    kept(compare(col("vital"), "<", True)),
    kept(nodes.Not(operand=col("age"))),
    kept(nodes.Logic(op="and", operands=(col("vital"), col("age")))),
    kept(nodes.IsIn(operand=col("weight"), values=(1.5,))),
    kept(nodes.IsIn(operand=col("region"), values=("1",))),
    kept(nodes.StartsWith(operand=col("age"), prefixes=("4",))),
    derived(nodes.Arithmetic(op="+", left=col("sex"), right=val(1))),
    derived(nodes.Arithmetic(op="-", left=col("birth"), right=col("birth"))),
    derived(nodes.Bins(operand=col("sex"), edges=(1,))),
    derived(nodes.AsCode(operand=col("weight"), codes=("1",))),
    derived(nodes.AsCode(operand=col("place"), codes=("Σ",))),
    derived(nodes.DatePart(part="year", operand=col("age"))),
    derived(nodes.Between(unit="days", start=col("birth"), end=col("age"))),
    derived(nodes.FillNull(operand=col("age"), value=val("none"))),
    derived(nodes.When(cases=(nodes.Case(when=col("age"), then=val(1)),))),
    derived(nodes.When(cases=(nodes.Case(when=col("vital"), then=val(1)),), otherwise=val("two"))),
    derived(nodes.Reduce(op="sum", frame=VISITS, value=col("kind"))),
    derived(nodes.Reduce(op="mean", frame=VISITS, value=col("date"))),
    derived(nodes.Reduce(op="any", frame=VISITS, value=col("day"))),
    derived(nodes.Cast(to="string", operand=col("weight"))),
    derived(nodes.Cast(to="integer", operand=col("birth"))),
    derived(nodes.ReadText(to="integer", operand=col("age"))),
    derived(nodes.Math(fn="log", operand=col("sex"))),
    derived(nodes.Round(operand=col("birth"))),
    derived(nodes.Clip(operand=col("place"), low=1)),
    derived(nodes.Extreme(op="least", operands=(col("age"), col("birth")))),
    derived(nodes.Extreme(op="least", operands=(col("sex"), col("place")))),
    derived(nodes.Coalesce(operands=(col("age"), col("sex")))),
    derived(nodes.Contains(operand=col("age"), pieces=("4",))),
    derived(nodes.Slice(operand=col("age"), length=1)),
    derived(nodes.Shift(unit="days", operand=col("birth"), by=col("weight"))),
    derived(nodes.Shift(unit="days", operand=col("age"), by=val(1))),
    derived(nodes.StartOf(unit="year", operand=col("age"))),
    derived(nodes.RollUp(to="county", operand=col("age"))),
    rows_of(nodes.Episodes(frame=VISITS, start="day")),
    rows_of(nodes.Spans(frame=PERSON_FRAME, start="birth", end="age")),
    rows_of(nodes.Split(frame=SPANS, name="band", edges=(1,), origin=col("days"))),
]


@pytest.mark.parametrize("cohort", MISTYPED)
def test_types_that_do_not_fit_are_refused_with_a_remedy(cohort: Any) -> None:
    refused = refusal(cohort)

    assert refused.code == "type_mismatch"
    assert refused.remedy


@pytest.mark.parametrize(
    "cohort",
    [
        derived(take(VISITS)),
        rows_of(nodes.Episodes(frame=PERSON_FRAME, start="birth")),
        rows_of(nodes.Spans(frame=VISITS, start="date", end="date")),
        rows_of(nodes.Split(frame=VISITS, name="band", edges=(2000,))),
        rows_of(nodes.Exposed(frame=SPANS, name="treated", by=VISITS)),
        rows_of(nodes.Exposed(frame=VISITS, name="treated", by=SPANS)),
        derived(nodes.Nth(n=2, frame=VISITS, value=col("day"))),
        derived(nodes.Nth(n=2, frame=PERSON_FRAME, value=col("age"))),
        nodes.Sort(frame=PERSON_FRAME, by=("age",)),
        nodes.Derive(frame=VISITS, columns=(nodes.Derived(name="made", value=val(1)),)),
        VISITS,
    ],
)
def test_frames_are_not_taken_for_one_another(cohort: Any) -> None:
    assert refusal(cohort).code == "wrong_frame"


def test_an_unknown_variable_gets_the_nearest_known_name() -> None:
    refused = refusal(kept(compare(col("weigth"), ">", 1)))

    assert refused.code == "unknown_name"
    assert "weight" in refused.remedy


def test_an_unknown_dataset_gets_the_nearest_known_name() -> None:
    refused = refusal(nodes.Dataset(name="persons"))

    assert refused.code == "unknown_name"
    assert 'p["person"]' in refused.remedy


def test_a_variable_that_is_like_no_other_is_outside_the_permit() -> None:
    assert refusal(kept(nodes.IsNull(operand=col("income")))).code == "outside_permit"


def test_a_dataset_that_is_like_no_other_is_outside_the_permit() -> None:
    assert refusal(nodes.Dataset(name="tax_return")).code == "outside_permit"


def test_a_code_that_is_not_in_the_list_gets_the_nearest_one() -> None:
    outs = nodes.Filter(frame=VISITS, where=compare(col("kind"), "==", "outt"))
    refused = refusal(derived(nodes.Exists(frame=outs)))

    assert refused.code == "unknown_code"
    assert "“out”" in refused.remedy


def test_a_code_in_is_in_is_checked_too() -> None:
    assert refusal(kept(nodes.IsIn(operand=col("region"), values=(1, 9)))).code == "unknown_code"


def test_a_name_that_is_taken_is_not_given_twice() -> None:
    refused = refusal(derived(val(1), "age"))

    assert refused.code == "name_taken"
    assert "age_2" in refused.remedy


@pytest.mark.parametrize(
    "frame",
    [
        nodes.Split(frame=SPANS, name="days", edges=(2000,)),
        nodes.Exposed(frame=SPANS, name="start", by=SPANS),
        SPANS.model_copy(update={"keep": ("sex", "sex")}),
        SPANS.model_copy(update={"keep": ("end",)}),
    ],
)
def test_what_every_period_has_is_not_named_again(frame: Any) -> None:
    assert refusal(rows_of(frame)).code == "name_taken"


def test_derived_variables_of_one_step_do_not_see_each_other() -> None:
    columns = (
        nodes.Derived(name="one", value=val(1)),
        nodes.Derived(name="two", value=nodes.Arithmetic(op="+", left=col("one"), right=val(1))),
    )

    assert refusal(nodes.Derive(frame=PERSON_FRAME, columns=columns)).code == "outside_permit"


def test_only_numbers_are_described() -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Describe(cohort=PERSON_FRAME, variable="sex")), SCHEMA)

    assert refused.value.code == "type_mismatch"
    assert '.count(by="sex")' in refused.value.remedy


def test_a_refusal_repeats_no_more_than_64_letters_of_a_code() -> None:
    long = "x" * 120
    outs = nodes.Filter(frame=VISITS, where=compare(col("kind"), "==", long))

    assert long not in str(refusal(derived(nodes.Exists(frame=outs))))
