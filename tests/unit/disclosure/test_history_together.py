"""All releases together: what one withholds may not follow from what others tell."""

import copy
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from disclosure.history import check_history
from disclosure.history.across import groups_of
from tests.lib.histories import (
    PUBLIC,
    Instance,
    People,
    again,
    checked,
    column,
    people,
    refused,
)


def plan_of(*steps: Any, by: Sequence[str] = ("sex",), **more: Any) -> str:
    """A plan whose cohort is put together step by step: conditions, or derived names."""
    frame: dict[str, Any] = {"k": "dataset", "name": "person"}
    for step in steps:
        if "k" in step:
            frame = {"k": "filter", "frame": frame, "where": step}
        else:
            columns = [{"name": name, "value": value} for name, value in step.items()]
            frame = {"k": "derive", "frame": frame, "columns": columns}
    analysis = {"k": "count", "cohort": frame, "by": list(by)} | more
    return json.dumps({"v": 1, "analysis": analysis})


def compare(name: str, op: str, value: Any) -> dict[str, Any]:
    right = {"k": "value", "value": value}
    return {"k": "compare", "op": op, "left": column(name), "right": right}


def cells(plan: str, codes: Sequence[str] = ("F", "M")) -> list[frozenset[str]]:
    found = groups_of(plan, {"dimensions": [{"name": "sex", "codes": list(codes)}]})
    assert found is not None
    return [frozenset(one) for one in found]


YOUNG, NORTH = compare("age", "<", 40), compare("region", "==", "north")
BINS = {"k": "bins", "operand": column("age"), "edges": [40, 60]}


def test_the_same_persons_in_another_order_are_the_same_group() -> None:
    both = {"k": "logic", "op": "and", "operands": [NORTH, YOUNG]}

    assert cells(plan_of(YOUNG, NORTH)) == cells(plan_of(NORTH, YOUNG)) == cells(plan_of(both))
    assert cells(plan_of(YOUNG)) != cells(plan_of(YOUNG, NORTH))


def test_a_filter_and_a_category_are_the_same_condition() -> None:
    filtered = groups_of(plan_of(compare("sex", "==", "F"), by=()), {"dimensions": []})
    assert filtered is not None
    assert frozenset(filtered[0]) == cells(plan_of())[0]
    assert cells(plan_of())[2] < cells(plan_of())[0]


def test_a_derived_name_is_what_it_was_derived_from() -> None:
    one = plan_of({"group": BINS}, compare("group", "==", "<40"))
    other = plan_of({"band": BINS}, compare("band", "==", "<40"))
    wider = plan_of({"group": {**BINS, "edges": [50, 60]}}, compare("group", "==", "<40"))

    assert cells(one) == cells(other)
    assert cells(one) != cells(wider)
    deep = {"half": {"k": "arithmetic", "op": "/", "left": column("group"), "right": column("age")}}
    assert cells(plan_of({"group": BINS}, deep, compare("half", "<", 2))) != cells(
        plan_of({"group": {**BINS, "edges": [50, 60]}}, deep, compare("half", "<", 2))
    )


def test_a_described_number_is_of_those_who_have_it() -> None:
    described = cells(plan_of(k="describe", variable="bmi"))

    assert described != cells(plan_of())
    assert all(wide < narrow for wide, narrow in zip(cells(plan_of()), described, strict=True))
    assert described != cells(plan_of(k="describe", variable="weight"))


def test_other_frames_and_other_analyses_are_not_compared() -> None:
    assert groups_of(plan_of(k="cox"), {"dimensions": []}) is None
    persons = plan_of().replace('{"k": "dataset", "name": "person"}', '{"k": "persons"}')
    assert cells(persons) != cells(plan_of())


def test_a_name_that_is_derived_from_itself_ends() -> None:
    assert cells(plan_of({"a": column("b")}, {"b": column("a")}, compare("a", "<", 1)))


def small_difference() -> Instance:
    """Everybody, and everybody but seven who have a mark."""
    mark = np.zeros(3000, int)
    mark[:7] = 1
    made = Instance(People({"sex": np.arange(3000) % 2, "mark": mark}))
    assert made.cross(["sex"], audited=False)
    assert made.cross(["sex"], {"mark": "0"}, audited=False)
    return made


def test_two_releases_that_differ_by_a_small_group_are_named() -> None:
    made = small_difference()
    names = [one["certificate"]["statement"]["release"] for one in made.releases]

    said = refused(made.history())
    assert all(name in said for name in names)
    assert "differ by a small group" in said


def withheld_elsewhere() -> Instance:
    """A row whose two withheld cells are told by the same row in another table."""
    rng = np.random.default_rng(2)
    row, col = rng.integers(0, 6, 9000), rng.integers(0, 6, 9000)
    keep = ~((row == 2) & (col == 3)) | (np.arange(9000) % 40 == 0)
    made = Instance(People({"row": row[keep], "col": col[keep]}))
    assert made.cross(["row", "col"], audited=False)
    return made


def test_what_one_release_withholds_may_not_follow_from_another() -> None:
    made = withheld_elsewhere()
    assert checked(made.history()).withheld >= 4
    told = made.releases[0]["certificate"]["statement"]["proof"]["statistics"][0]
    columns = np.unravel_index([int(cell) for cell in told["withheld"]], (7, 7))[1]
    other = next(str(c) for c in columns.tolist() if c not in (3, 6))

    # All of the other column, row by row: nobody in it is few, and two cells were to be secret.
    assert made.cross(["row"], {"col": other}, audited=False)
    said = refused(made.history())
    assert "together" in said
    assert "follows" in said


def test_the_gate_itself_withholds_what_would_follow() -> None:
    made = withheld_elsewhere()
    for code in range(6):
        made.cross(["row"], {"col": str(code)})
        made.cross(["col"], {"row": str(code)})

    assert check_history(made.history(), {PUBLIC}).releases >= 1


def test_the_same_persons_have_one_count() -> None:
    made = Instance(people(6000, age=10, sex=2, status=3))
    made.cross(["sex", "status"])
    made.cross(["sex"])
    last = made.releases[-1]
    body = copy.deepcopy(last["body"])
    proof = copy.deepcopy(last["certificate"]["statement"]["proof"])
    counts = proof["statistics"][0]["counts"]
    counts[0], counts[1] = counts[0] + 20, counts[1] - 20
    for cell, count in zip(body["cells"], counts, strict=True):
        cell["values"]["n"] = count
    first = made.releases[0]["certificate"]["statement"]["release"]

    said = refused(again(made, body=body, proof=proof).history())
    assert f"same persons is another one in release {first}" in said


def test_other_views_and_other_projects_are_other_persons() -> None:
    for more in ({"view": "v2"}, {"project": "beta"}, {"view": ""}):
        made = small_difference()
        assert checked(again(made, statement=more).history()).compared == 0


@pytest.mark.parametrize("seed", range(4))
def test_histories_that_the_gate_made_hold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = Instance(people(4000, seed, a=5, b=4, c=3))
    names = list(made.everybody.columns)
    for _ in range(10):
        by = list(rng.permutation(names)[: rng.integers(1, 3)])
        left = [one for one in names if one not in by]
        where = {left[0]: str(rng.integers(0, 3))} if rng.random() < 0.4 else {}
        made.cross(by, where)

    found = check_history(made.history(), {PUBLIC})
    assert found.releases == len(made.releases) > 1
