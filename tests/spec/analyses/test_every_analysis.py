"""What holds of every kind of analysis: the same answer whatever the buckets, and never ungated."""

import contextlib
import json
import re
from threading import Event
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest

import disclosure.verifier
from tests.lib.engine_world import World
from tests.lib.every_analysis import (
    EXAMPLES,
    PERSONS,
    example,
    rich_view,
)
from tests.lib.every_answer import PROJECTS, Broken, numbers, opened, plain, put
from tests.lib.plans_analyses import alike
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.engine.local import LocalExecutor
from workbench.plan import Plan, Schema, canonical, check, explain, lineage, nodes, parse, pruned
from workbench.plan.errors import Refusal as PlanRefusal
from workbench.sdk.explained import Explained
from workbench.sdk.release import Release
from workbench.sdk.render import as_html, as_text
from workbench.services.verify_certificate import verify_certificate

THRESHOLD = 10
NOISY = [name for name, (kind, _) in EXAMPLES.items() if issubclass(kind, nodes.Private)]
NAMES = [name for name in EXAMPLES if name not in NOISY]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("every"))


@pytest.fixture
def project(world: World) -> str:
    """A project of its own, without any release."""
    return opened(world)


def test_every_kind_of_analysis_has_an_example() -> None:
    kinds = set(get_args(get_args(nodes.Analysis)[0]))
    assert kinds == {kind for kind, _ in EXAMPLES.values()}


def evidence(name: str, buckets: int, seed: int | None = None) -> Any:
    view = rich_view(buckets=buckets, seed=seed)
    schema = Schema.from_view(view.describe())
    checked = check(Plan(analysis=example(name)), schema)
    job = Job(checked, view, schema, Event(), lambda done, total: None)
    return compute(LocalExecutor(), job).evidence


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_does_not_depend_on_the_buckets(name: str) -> None:
    whole = evidence(name, 1)
    for other in (evidence(name, 3), evidence(name, 3, seed=5)):
        alike(whole, other, name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_release_is_whole(world: World, project: str, name: str) -> None:
    asked = example(name)
    spent = world.records.releases.account(project).spent
    answer = world.ask(asked, project)
    body = answer["body"]
    text = json.dumps(answer, allow_nan=False)
    assert body["kind"] == asked.k

    key = world.keys.verify_key
    disclosure.verifier.check(answer["certificate"], [key], body)
    verify_certificate(text.encode(), [key], {})
    release = Release(answer)
    for language in ("en", "nb"):
        html, plain = as_html(release.id, body, language), as_text(release.id, body, language)
        assert "<table" in html
        for shown in (html, plain):
            assert "None" not in shown
            assert "nan" not in shown.split()
    for block in (*release.blocks, *(() if release.blocks else (None,))):
        frame = release.to_polars(block)
        assert frame.height
        assert frame.width
        assert release.to_csv(block=block).count("\n") == frame.height + 1
        assert "\\begin{tabular}" in release.to_latex(block=block)
    assert release.to_json() == body

    plan = pruned(Plan(analysis=asked))
    words = explain(plan)
    assert words == release.explained == Explained(plan).words
    assert not re.search(r"None|True|False|\(\)|\['|',\)|nodes\.|\bk=|\d{8}", words)
    named = lineage(plan).variables
    own = {{"group": "age"}.get(one, one) for one in asked.reads}
    assert set(named) == {f"person.{one}" for one in own}
    written = [e for e in world.audited(What.PLAN_RELEASE) if e.subject == project]
    assert [e.details["release"] for e in written] == [answer["release"]]
    assert written[0].details["variables"] == ", ".join(named)

    charged = world.records.releases.account(project).spent
    assert charged - spent == asked.cost
    again = world.ask(asked, project)
    assert (again["release"], again["replayed"]) == (answer["release"], True)
    assert world.records.releases.account(project).spent == charged
    assert text


def rich_columns() -> list[str]:
    return list(rich_view().describe()["datasets"]["person"]["columns"])


@pytest.mark.parametrize("name", NAMES)
def test_no_number_has_more_digits_than_ten(world: World, project: str, name: str) -> None:
    """Figures of floats as machines hold them would tell more than any rule has judged."""
    answer = world.ask(example(name), project)
    body, statement = answer["body"], answer["certificate"]["statement"]
    judged = [body.get("cells"), statement["proof"], statement["findings"]]
    if statement["kind"] == "result":
        judged += [plain(one) for one in body["blocks"]]
    for number in numbers(judged):
        if isinstance(number, float):
            assert len(re.sub(r"e.*|[-.]", "", repr(float(number))).strip("0")) <= 10, number


@pytest.mark.parametrize("name", NAMES)
def test_a_proof_holds_no_number_that_is_not_released(
    world: World, project: str, name: str
) -> None:
    """Counts of rules and steps are small; a count of persons or events stands in the body too."""
    answer = world.ask(example(name), project)
    proof = answer["certificate"]["statement"]["proof"]
    shown = set(numbers([answer["body"].get("cells"), answer["body"].get("blocks")]))
    if proof["kind"] == "suppression":
        counts = {one for each in proof["statistics"] for one in each["counts"] if one}
        assert counts <= shown | {PERSONS}
        return
    rules = proof["rules"]
    for number in numbers(rules):
        assert number < 50 or number in shown or number + rules["parameters"] in shown


def checked(text: str, without: str = "") -> None:
    columns = [one for one in rich_columns() if one != without]
    schema = Schema.from_view(rich_view().describe(), {"person": tuple(columns)})
    check(pruned(parse(text)), schema)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_permit_does_not_open_is_refused_in_every_place(name: str) -> None:
    asked = example(name)
    for variable in asked.reads:
        closed = {"group": "age"}.get(variable, variable)
        with pytest.raises(PlanRefusal) as refused:
            checked(canonical(Plan(analysis=asked)).decode(), without=closed)
        assert refused.value.code == "outside_permit"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_misspelt_name_is_answered_with_the_nearest_in_every_place(
    world: World, project: str, name: str
) -> None:
    for variable in example(name).reads:
        with pytest.raises(Refusal) as refused:
            world.ask(put(example(name), variable, f"{variable}q"), project)
        assert refused.value.code == "unknown_name"
        assert variable in refused.value.reason + refused.value.remedy


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_wrong_type_is_refused_with_a_way_out_in_every_place(name: str) -> None:
    places, told = 0, []
    for variable in example(name).reads:
        places += 1
        for other in ("birth", "place", "weight", "dead", "sex", "days"):
            try:
                checked(put(example(name), variable, other))
            except PlanRefusal as refusal:
                told.append(refusal)
    assert {one.code for one in told} <= WRONG
    assert all(len(one.remedy) > 10 for one in told)
    refusals = [one for one in told if one.code in ("type_mismatch", "not_a_dimension")]
    assert len(refusals) >= places or name == "missingness", (
        "any type may be missing, and only there"
    )


WRONG = {
    "type_mismatch", "not_a_dimension", "same_dimension_twice", "same_variable_twice",
    "outcome_in_model", "no_public_range", "unknown_code", "malformed_plan", "unknown_errors",
    "same_term_twice",
}  # fmt: skip


ODD: list[Any] = [
    None, True, -1, 0, 1, 2**53, 2**70, 1e300, 1e-300, -0.5, float("nan"), "", "Σ", "x" * 300,
    "sex", "place", "alone", "huge", [], {}, [[]], ["sex"], ["sex", "sex"], [0.5, 0.5], [1, 0],
    [float("inf")], list(range(300)), ["sex"] * 50, {"k": "column"}, {"k": "python"},
]  # fmt: skip


def test_whatever_stands_in_a_field_is_answered_or_refused(world: World, project: str) -> None:
    chance = np.random.default_rng(9)
    seen: dict[str, int] = {}
    for at in range(1500):
        tree = json.loads(canonical(Plan(analysis=example(list(EXAMPLES)[at % len(EXAMPLES)]))))
        fields = [path for path in places_in(tree["analysis"]) if path[0] not in ("cohort", "k")]
        for path in [fields[int(chance.integers(len(fields)))] for _ in range(1 + at % 2)]:
            put_at(tree["analysis"], path, ODD[int(chance.integers(len(ODD)))])
        try:
            world.ask(json.dumps(tree), project if at % 10 else opened(world))
            code = "released"
        except Refusal as refusal:
            code = refusal.code if refusal.reason and refusal.remedy else "speechless"
        seen[code] = seen.get(code, 0) + 1
    assert "speechless" not in seen
    assert seen["malformed_plan"] > 300
    assert seen["released"] > 10


def places_in(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            if key != "cohort":
                found += places_in(value, (*path, key))
    return found


def put_at(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        try:
            tree = tree[key]
        except (TypeError, KeyError, IndexError):
            return
    with contextlib.suppress(TypeError, IndexError):  # an earlier change took this place away
        tree[path[-1]] = value


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_failing_bucket_and_a_cancelled_plan_leave_nothing(world: World, name: str) -> None:
    project = f"project-{next(PROJECTS)}"
    whole = rich_view(project)
    view = Broken(whole.frames, PERSONS, 3, project, "v1", description=whole.describe())
    world.add(view)
    with pytest.raises(pl.exceptions.PolarsError):
        world.ask(example(name), project)
    view.mended = True
    stopped = Event()
    with pytest.raises(Refusal) as refused:
        world.engine.run(
            project,
            "researcher",
            canonical(Plan(analysis=example(name))).decode(),
            cancelled=stopped,
            progress=lambda done, total: stopped.set(),
        )
    assert refused.value.code == "cancelled"
    assert not world.records.releases.memberships(project)
    assert not world.records.releases.account(project).spent
    answer = world.ask(example(name), project)
    assert not answer["replayed"]
