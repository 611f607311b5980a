"""Plans of version 1, stored as they were written then: they run, and mean what they meant."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.lib.drawn import VISITS, col
from tests.lib.engines import answers
from workbench.plan import Plan, Refusal, canonical, explain, nodes, parse, plan_hash, pruned
from workbench.plan.nodes.versions import since

STORED = json.loads(
    (Path(__file__).parents[2] / "vectors" / "plans_v1.json").read_text(encoding="utf-8")
)
PLANS: list[dict[str, Any]] = STORED["plans"]
DATES = {"birth", "date"}


def registry() -> dict[str, list[dict[str, Any]]]:
    return {
        dataset: [
            {
                name: date.fromisoformat(value) if name in DATES and value else value
                for name, value in row.items()
            }
            for row in rows
        ]
        for dataset, rows in STORED["registry"].items()
    }


@pytest.mark.parametrize("stored", PLANS)
def test_a_plan_of_version_1_keeps_its_hash_its_words_and_its_spelling(
    stored: dict[str, Any],
) -> None:
    plan = pruned(parse(stored["text"]))

    assert canonical(plan).decode() == stored["text"]
    assert plan_hash(plan) == stored["sha256"]
    assert explain(plan) == stored["explained"]


def test_plans_of_version_1_have_the_answers_that_they_had() -> None:
    rows = registry()

    for stored in PLANS:
        expected = {tuple(codes): tuple(values) for codes, values in stored["answer"]}
        found = answers(parse(stored["text"]), rows, STORED["persons"])
        assert found["whole"] == found["buckets"] == expected, stored["text"]


def test_a_plan_says_the_least_version_that_has_all_its_nodes() -> None:
    old = nodes.Count(cohort=nodes.Filter(frame=nodes.Persons(), where=nodes.Exists(frame=VISITS)))
    some = nodes.Reduce(op="n_unique", frame=VISITS, value=col("kind"))
    where = nodes.Compare(op=">", left=some, right=nodes.Value(value=1))
    new = nodes.Count(cohort=nodes.Filter(frame=nodes.Persons(), where=where))

    assert pruned(Plan(analysis=old)).v == 1
    assert pruned(Plan(analysis=new)).v == 2


@pytest.mark.parametrize("version", [0, 3, "1", None])
def test_a_plan_of_an_unknown_version_is_refused_with_a_hint(version: Any) -> None:
    text = json.dumps(json.loads(PLANS[0]["text"]) | {"v": version})
    with pytest.raises(Refusal) as refused:
        parse(text)

    assert refused.value.code == "plan_version"
    assert "newer Workbench" in refused.value.remedy


def test_a_plan_that_says_an_older_version_than_its_nodes_are_of_is_refused() -> None:
    length = nodes.TextLength(operand=col("place"))
    where = nodes.Compare(op=">", left=length, right=nodes.Value(value=1))
    cohort = nodes.Filter(frame=nodes.Dataset(name="person"), where=where)
    text = canonical(Plan(v=1, analysis=nodes.Count(cohort=cohort)))
    with pytest.raises(Refusal) as refused:
        parse(text)

    assert refused.value.code == "plan_version"
    assert "text_length" in refused.value.reason


@pytest.mark.parametrize(
    ("node", "version"),
    [
        (nodes.DatePart(part="year", operand=col("birth")), 1),
        (nodes.DatePart(part="weekday", operand=col("birth")), 2),
        (nodes.Between(unit="months", start=col("birth"), end=col("birth")), 2),
        (nodes.Take(which="last", frame=VISITS, value=col("day")), 1),
        (nodes.Nth(n=1, frame=VISITS, value=col("day")), 2),
    ],
)
def test_new_words_of_old_nodes_are_of_the_new_version(node: nodes.Node, version: int) -> None:
    assert since(node) == version
