"""Cox regression: what its rounds mean is drawn in tests/unit/engine/test_cox; here, its rules."""

from typing import Any

import numpy as np
import pytest

from disclosure.results import judge
from tests.lib.followed import block, evidence
from tests.lib.gate import policy
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, check, explain, nodes

PERSON = nodes.Dataset(name="person")


def asked(*terms: Any, **fields: Any) -> nodes.Cox:
    design = nodes.Design(terms=tuple(nodes.Term(factors=(one,)) for one in terms))
    return nodes.Cox(cohort=PERSON, **{"time": "age", "event": "vital", "design": design, **fields})


SEX, REGION = nodes.Category(variable="sex"), nodes.Category(variable="region")
WEIGHT = nodes.Number(variable="weight")


def people(count: int = 1200, **change: Any) -> list[dict[str, Any]]:
    """Half of them men, a third in each region; a hazard a half higher for men."""
    chance = np.random.default_rng(3)
    rows = []
    for at in range(count):
        time = chance.exponential(400 / (1.5 if at % 2 else 1.0))
        rows.append(
            {"person": at, "sex": "FM"[at % 2], "region": 1 + at % 3,
             "weight": float(chance.integers(50, 90)), "age": int(min(time, 300)) + 1,
             "vital": time < 300}
        )  # fmt: skip
    return rows


def said(analysis: nodes.Cox, rows: list[dict[str, Any]]) -> list[str]:
    return [one.text["en"] for one in judge(evidence(analysis, rows, near=0.05), policy()).findings]


def test_a_model_is_told_as_ratios_with_tests_and_without_any_residual_or_baseline() -> None:
    judged = judge(evidence(asked(SEX, REGION, WEIGHT), people(), near=1e-8), policy())
    assert [one.name for one in judged.blocks] == ["coefficients", "terms", "fit", "proportional"]
    told = block(judged, "coefficients").filter(block(judged, "coefficients")["term"] == "sex")
    assert told["level"].to_list() == ["F (ref.)", "M"]
    assert 1.3 < told["ratio"][1] < 1.8
    assert block(judged, "proportional")["term"].to_list() == ["sex", "region", "weight", "Σ"]


def test_what_it_counts_is_in_the_ledgers_hands() -> None:
    """Persons and events in all and of each sex: (event, sex) cells 0 and 1 alive, 2 and 3 dead."""
    found = evidence(asked(SEX), people(), near=1e-8)
    assert found.groups == (("false", "F"), ("false", "M"), ("true", "F"), ("true", "M"))
    assert judge(found, policy()).published == (
        (0, 1, 2, 3), (2, 3), (0, 2), (2,), (1, 3), (3,)
    )  # fmt: skip


def test_a_level_needs_ten_persons_ten_events_and_ten_without() -> None:
    few = [row | {"region": 3 if row["person"] < 9 else 1} for row in people()]
    assert said(asked(REGION), few) == [
        "The model tells groups of fewer than 10 persons apart: region [3]."
    ]
    rows = people()
    for spared in (True, False):
        at_most = [
            row | {"vital": row["vital"] if row["region"] != 3 else (row["person"] < 20) == spared}
            for row in rows
        ]
        assert said(asked(REGION), at_most) == [
            "Fewer than 10 persons with the outcome, or without it: region [3]."
        ]


def test_ten_events_a_coefficient_are_needed() -> None:
    """Thirty events bear three coefficients, not four."""
    rows = [
        row | {"vital": row["person"] % 40 == 0 or row["person"] % 41 == 0} for row in people(600)
    ]
    events = sum(row["vital"] for row in rows)
    assert 20 <= events < 40
    assert said(asked(SEX, REGION, WEIGHT), rows) == [
        "The model has too many terms: 10 events a coefficient are needed."
    ]


def test_a_number_that_one_person_decides_is_refused() -> None:
    rows = people()
    rows[7] |= {"weight": 1e6, "vital": True, "age": 1}
    assert any(one.startswith("Beside the other terms") for one in said(asked(WEIGHT), rows))


@pytest.mark.parametrize(
    ("node", "code", "told"),
    [
        (asked(), "empty_model", 'frame.cox("days", "died", "age + sex")'),
        (asked(SEX, event="sex"), "outcome_in_model", "once"),
        (asked(SEX, strata=("sex",)), "outcome_in_model", "once"),
        (asked(WEIGHT, event="sex"), "type_mismatch", 'frame.sex == "…"'),
        (asked(SEX, time="weight"), "type_mismatch", "dt.days_since"),
        (asked(SEX, entry="birth"), "type_mismatch", "dt.days_since"),
        (asked(SEX, cluster="place"), "not_a_dimension", "as_code"),
    ],
)
def test_misuse_is_refused_with_what_to_write(node: nodes.Cox, code: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(Plan(analysis=node), Schema.from_view(described(3)))
    assert refused.value.code == code
    assert told in refused.value.remedy


def test_the_plan_in_words() -> None:
    node = asked(SEX, WEIGHT, strata=("region",), robust=True)
    assert explain(Plan(analysis=node)) == (
        "Cox regression (Efron's ties) of vital, followed for age days, on sex and weight, "
        "within strata of region, with robust errors, among person."
    )
