"""Matched controls: whom a case gets, drawn and then shown over random registries."""

from threading import Event
from typing import Any

import pytest

from tests.lib.drawn import PERSON_FRAME, col, compare, table
from tests.lib.engines import EXECUTOR, run
from tests.lib.plain_view import PlainView, described, frame
from tests.lib.plans import registry_for
from tests.lib.slow_engine import SlowEngine
from workbench.domain.errors import Refusal as Refused
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.plan import Plan, Refusal, Schema, check, lineage, nodes
from workbench.sdk.compile import matching

PEOPLE = """
    person | vital | sex | age | birth
    0      | no    | F   | 40  | 1960-01-01
    1      | no    | M   | 60  | 1940-01-01
    2      | yes   | F   | 40  | 1960-03-01
    3      | yes   | F   | 42  | 1958-01-01
    4      | yes   | F   | 50  | 1950-01-01
    5      | yes   | M   | 59  | ·
    6      | yes   | ·   | 40  | 1960-01-01
    7      | no    | M   | 20  | 1980-01-01
    """
SCHEMA = Schema.from_view(described(10))
CASES = nodes.Filter(frame=PERSON_FRAME, where=nodes.Not(operand=col("vital")))


def matched(**fields: Any) -> nodes.Matched:
    given: dict[str, Any] = {"exact": ("sex",)} | fields
    return nodes.Matched(cases=CASES, controls=PERSON_FRAME, **given)


def who(**fields: Any) -> list[tuple[Any, ...]]:
    return table(matched(**fields), ("case", "sets"), PEOPLE)


def test_a_control_has_the_exact_values_of_its_case() -> None:
    """Case 0 gets the three women of the same sex, case 1 or 7 the only man."""
    found = who(ratio=9)

    assert [row for row in found if row[0] in (0, 2, 3, 4)] == [
        (0, True, 1), (2, False, 1), (3, False, 1), (4, False, 1),
    ]  # fmt: skip
    assert (5, False, 1) in found
    assert len([row for row in found if row[0] in (1, 7)]) == 1


def test_a_control_lies_within_the_calipers() -> None:
    near = (nodes.Caliper(name="age", within=2),)

    assert [row[0] for row in who(calipers=near, ratio=9)] == [0, 1, 2, 3, 5]


def test_a_caliper_of_a_date_is_in_days() -> None:
    near = (nodes.Caliper(name="birth", within=60),)

    assert [row[0] for row in who(calipers=near, ratio=9)] == [0, 2]


def test_who_lacks_a_value_and_who_is_a_case_is_no_control() -> None:
    everyone = [row[0] for row in who(exact=(), calipers=(nodes.Caliper(name="age", within=99),),
                                      ratio=20, replacement=True)]  # fmt: skip

    assert everyone == [0, 1, 2, 3, 4, 5, 6, 7]
    assert 6 not in [row[0] for row in who(ratio=20)]


def test_with_replacement_a_control_may_be_in_several_sets() -> None:
    found = {row[0]: row[1:] for row in who(ratio=9, replacement=True)}

    assert found[5] == (False, 2)
    assert found[1] == found[7] == (True, 1)


def test_a_control_carries_a_value_from_its_case() -> None:
    near = (nodes.Caliper(name="age", within=2),)
    found = table(matched(calipers=near, ratio=9, carry=("birth",)), ("case", "birth"), PEOPLE)

    assert {row[0]: row[2].year for row in found} == {0: 1960, 2: 1960, 3: 1960, 1: 1940, 5: 1940}


@pytest.mark.parametrize("replacement", [False, True])
def test_whom_a_case_gets_does_not_depend_on_the_buckets(replacement: bool) -> None:
    cohort = matched(
        exact=("sex",), calipers=(nodes.Caliper(name="age", within=2),), ratio=2,
        replacement=replacement,
    )  # fmt: skip
    plan = Plan(analysis=nodes.Crosstab(cohort=cohort, by=("sex", "case")))
    data = registry_for(plan, 300, 0)
    frames = {name: frame(name, rows) for name, rows in data.items()}
    placed = []
    for buckets in (1, 2, 7, 50):
        view = PlainView(frames, 300, buckets)
        schema = Schema.from_view(view.describe())
        vector = run(check(plan, schema), view, schema).placed.vector
        members = [one for bucket in view._members for one in bucket]
        placed.append(sorted(zip(members, vector.tolist(), strict=True)))

    assert len({cell for _, cell in placed[0]}) > 3
    assert all(one == placed[0] for one in placed)


def test_nobody_is_chosen_twice_and_no_case_gets_more_than_its_ratio() -> None:
    cohort = matched(exact=("region",), ratio=2, seed=5)
    plan = Plan(analysis=nodes.Count(cohort=cohort))
    rows = SlowEngine(registry_for(plan, 200, 0), 200).rows(cohort)
    cases = [row for row in rows if row["case"]]
    controls = [row for row in rows if not row["case"]]

    assert {row["sets"] for row in rows} == {1}
    assert len({row["person"] for row in rows}) == len(rows)
    assert len(cases) < len(controls) <= 2 * len(cases)


def test_another_seed_chooses_others_and_the_same_seed_the_same() -> None:
    plan = Plan(analysis=nodes.Count(cohort=matched()))
    data = registry_for(plan, 200, 0)

    def chosen(seed: int) -> set[int]:
        return {row["person"] for row in SlowEngine(data, 200).rows(matched(seed=seed))}

    assert chosen(1) == chosen(1) != chosen(2)


def test_the_variables_of_both_frames_may_be_asked_for() -> None:
    cohort = nodes.Derive(frame=matched(), columns=(
        nodes.Derived(name="group", value=nodes.Bins(operand=col("age"), edges=(40,))),
    ))  # fmt: skip
    plan = Plan(analysis=nodes.Crosstab(cohort=cohort, by=("group", "case")))

    assert check(plan, SCHEMA).cells == 6
    assert lineage(plan).variables == ("person.age", "person.sex", "person.vital")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (matched(exact=("weight",)), "type_mismatch"),
        (matched(calipers=(nodes.Caliper(name="place", within=1),)), "type_mismatch"),
        (matched(exact=("income",)), "outside_permit"),
        (matched(carry=("exit",)), "outside_permit"),
        (matched().model_copy(update={"controls": nodes.Dataset(name="visit")}), "wrong_frame"),
        (matched().model_copy(update={"cases": matched()}), "name_taken"),
    ],
)
def test_what_cannot_be_matched_is_refused(frame: nodes.Matched, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=nodes.Count(cohort=frame)), SCHEMA)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "fields",
    [
        {"exact": ()},
        {"exact": ("sex", "sex")},
        {"exact": ("age",), "calipers": (nodes.Caliper(name="age", within=1),)},
        {"carry": ("birth",), "replacement": True},
    ],
)
def test_a_matching_that_makes_no_sense_is_no_node(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="once"):
        matched(**fields)


def test_a_variable_outside_the_permit_does_not_come_along() -> None:
    closed = Schema.from_view(described(10) | {"closed": ["person.weight"]})
    kept = nodes.Filter(frame=matched(), where=compare(col("weight"), ">", 1))
    with pytest.raises(Refusal):
        check(Plan(analysis=nodes.Count(cohort=kept)), closed)


def test_too_many_comparisons_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PAIRS", 10)
    plan = Plan(analysis=nodes.Count(cohort=matched()))
    view = PlainView({n: frame(n, r) for n, r in registry_for(plan, 50, 0).items()}, 50, 2)
    with pytest.raises(Refused) as refused:
        run(check(plan, SCHEMA), view, SCHEMA)

    assert refused.value.code == "too_many_pairs"


def test_a_matching_that_is_cancelled_ends() -> None:
    plan = Plan(analysis=nodes.Count(cohort=matched()))
    view = PlainView({n: frame(n, r) for n, r in registry_for(plan, 50, 0).items()}, 50, 2)
    cancelled = Event()
    cancelled.set()
    with pytest.raises(Refused) as refused:
        compute(EXECUTOR, Job(check(plan, SCHEMA), view, SCHEMA, cancelled, lambda *_: None))

    assert refused.value.code == "cancelled"
