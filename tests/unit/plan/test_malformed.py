"""Untrusted bytes: whatever a kernel sends, the parser gives a plan or a refusal, nothing else."""

import copy
import json
from typing import Any

import numpy as np
import pytest

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, val
from tests.lib.plain_view import described
from workbench.plan import Plan, Refusal, Schema, canonical, check, nodes, parse
from workbench.plan.parse import DEPTH_LIMIT, NODE_LIMIT, SIZE_LIMIT

SCHEMA = Schema.from_view(described(10))
SECRET = "010190-canary"
GOOD = Plan(
    analysis=nodes.Crosstab(
        cohort=nodes.Derive(
            frame=nodes.Filter(
                frame=PERSON_FRAME,
                where=nodes.Logic(
                    op="and",
                    operands=(
                        compare(col("age"), ">=", 18),
                        nodes.IsIn(operand=col("sex"), values=("F", "M")),
                    ),
                ),
            ),
            columns=(
                nodes.Derived(name="group", value=nodes.Bins(operand=col("age"), edges=(40, 60))),
                nodes.Derived(
                    name="late",
                    value=nodes.When(
                        cases=(
                            nodes.Case(
                                when=compare(
                                    nodes.Take(
                                        which="last",
                                        frame=nodes.Sort(frame=VISITS, by=("day",)),
                                        value=col("day"),
                                    ),
                                    ">",
                                    10,
                                ),
                                then=val("late"),
                            ),
                        ),
                        otherwise=val("early"),
                    ),
                ),
            ),
        ),
        by=("group", "late"),
    )
)
ODD: list[Any] = [
    "income", None, True, -1, 2**70, 1e400, "", "Σ", "x" * 300, SECRET, [], {}, [[]],
    {"k": "column"},
    {"k": "exists", "frame": {"k": "dataset", "name": "visit"}}, {"k": "python", "code": "1"},
    "2020-01-01", [1, 2], {"k": "value", "value": {"k": "value"}}, {"__class__": "x"}, "\ud800",
]  # fmt: skip


def outcome(text: str) -> str:
    try:
        check(parse(text), SCHEMA)
    except Refusal as refusal:
        return refusal.code if refusal.reason and refusal.remedy else "speechless"
    return "accepted"


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(tree, (dict, list)):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            found += places(value, (*path, key))
    return found


def changed(tree: Any, path: tuple[Any, ...], chance: np.random.Generator) -> Any:
    tree = copy.deepcopy(tree)
    if not path:
        return ODD[int(chance.integers(len(ODD)))]
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    what = int(chance.integers(4))
    if what == 0 and isinstance(parent, dict):
        del parent[path[-1]]
    elif what == 1 and isinstance(parent, dict):
        parent[f"{path[-1]}_"] = parent.pop(path[-1])
    else:
        parent[path[-1]] = ODD[int(chance.integers(len(ODD)))]
    return tree


def test_four_thousand_damaged_plans_are_refused_or_valid_and_nothing_else() -> None:
    chance = np.random.default_rng(4)
    tree = json.loads(canonical(GOOD))
    everywhere = places(tree)
    seen: dict[str, int] = {}
    for _ in range(4000):
        path = everywhere[int(chance.integers(len(everywhere)))]
        code = outcome(json.dumps(changed(tree, path, chance)))
        seen[code] = seen.get(code, 0) + 1

    assert seen["malformed_plan"] > 2000
    assert {"type_mismatch", "outside_permit"} <= seen.keys()
    assert "speechless" not in seen


def test_a_thousand_cut_and_flipped_texts_are_refused() -> None:
    chance = np.random.default_rng(5)
    raw = canonical(GOOD)
    for _ in range(1000):
        text = bytearray(raw[: int(chance.integers(1, len(raw)))])
        text[int(chance.integers(len(text)))] ^= int(chance.integers(1, 256))
        with pytest.raises(Refusal):
            parse(bytes(text))


def test_the_good_plan_is_accepted() -> None:
    assert outcome(canonical(GOOD).decode()) == "accepted"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda tree: tree.update(extra=1), "extra is a field that this node does not have"),
        (lambda tree: tree["analysis"].update(k="python"), "names a kind of node that does not"),
        (lambda tree: tree["analysis"].pop("cohort"), "cohort is missing"),
        (lambda tree: tree["analysis"].update(by=["Group"]), "is not a name of the agreed form"),
    ],
)
def test_the_refusal_says_where_it_went_wrong(change: Any, where: str) -> None:
    tree = json.loads(canonical(GOOD))
    change(tree)
    with pytest.raises(Refusal) as refused:
        parse(json.dumps(tree))

    assert refused.value.code == "malformed_plan"
    assert where in refused.value.reason


def test_the_refusal_repeats_nothing_of_what_was_sent() -> None:
    tree = json.loads(canonical(GOOD))
    for text in (SECRET, {SECRET * 3: 1}):
        broken = copy.deepcopy(tree)
        broken["analysis"]["cohort"]["frame"]["where"] = text
        with pytest.raises(Refusal) as refused:
            parse(json.dumps(broken))
        assert SECRET not in str(refused.value)


def test_an_oversized_plan_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refusal) as refused:
        parse(b"[" * (SIZE_LIMIT + 1))

    assert refused.value.code == "plan_too_large"


def test_a_plan_that_nests_too_deep_is_refused() -> None:
    where: Any = col("vital")
    for _ in range(DEPTH_LIMIT):
        where = nodes.Not(operand=where)
    plan = Plan(analysis=nodes.Count(cohort=nodes.Filter(frame=PERSON_FRAME, where=where)))

    assert outcome(canonical(plan).decode()) == "plan_too_deep"


def test_a_plan_that_nests_far_too_deep_is_refused_by_the_reader() -> None:
    text = '{"k":"not","operand":' * 2500 + "1" + "}" * 2500

    assert outcome('{"analysis":{"k":"count","cohort":' + text + "}}") == "malformed_plan"


def test_a_plan_of_too_many_parts_is_refused() -> None:
    many = tuple(compare(col("age"), "==", at) for at in range(60))
    some = nodes.Logic(op="or", operands=many)
    where = nodes.Logic(op="or", operands=(some,) * 12)
    plan = Plan(analysis=nodes.Count(cohort=nodes.Filter(frame=PERSON_FRAME, where=where)))

    assert NODE_LIMIT < 12 * 60 * 3
    assert outcome(canonical(plan).decode()) in ("plan_too_large",)


def asked(*values: Any) -> str:
    columns = tuple(nodes.Derived(name=f"d{at}", value=one) for at, one in enumerate(values))
    frame: nodes.Frame = nodes.Derive(frame=PERSON_FRAME, columns=columns[:64])
    if columns[64:]:
        frame = nodes.Derive(frame=frame, columns=columns[64:])
    return canonical(Plan(analysis=nodes.Count(cohort=frame))).decode()


EPISODES = nodes.Episodes(frame=VISITS, start="date")


def split(frame: Any, count: int, name: str) -> nodes.Split:
    return nodes.Split(frame=frame, name=name, edges=tuple(range(1900, 1900 + count)))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            [nodes.Logic(op="and", operands=(nodes.Exists(frame=VISITS),) * 60)] * 4,
            "values from events",
        ),
        ([nodes.Exists(frame=EPISODES)] * 25, "periods more than 24 times"),
        ([nodes.Exists(frame=split(split(EPISODES, 40, "a"), 40, "b"))], "1000 pieces"),
    ],
)
def test_what_would_cost_too_much_is_refused_before_it_runs(values: Any, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(asked(*values))

    assert refused.value.code == "plan_too_costly"
    assert told in refused.value.reason


def test_what_stays_within_the_limits_is_accepted() -> None:
    assert outcome(asked(*[nodes.Exists(frame=EPISODES)] * 24)) == "accepted"
    assert outcome(asked(nodes.Exists(frame=split(EPISODES, 60, "a")))) == "accepted"
