"""What a refused question may become: every change that the gate tried is released when asked."""

import json
import re
import threading
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from tests.lib.engine_world import World
from tests.lib.every_analysis import EXAMPLES, ages, everyone, example, rich_view, singled_out
from tests.lib.every_answer import opened, put, told
from tests.lib.plain_view import PlainView
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.engine import mending
from workbench.plan import Plan, canonical, nodes

NAMES = [name for name, (kind, _) in EXAMPLES.items() if not issubclass(kind, nodes.Private)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("fix"))


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn what was tried into a maybe."""
    monkeypatch.setattr(mending, "SECONDS", 120.0)


def spelt(analysis: Any) -> str:
    return canonical(Plan(analysis=analysis)).decode()


def fix(world: World, project: str, plan: str) -> Mapping[str, Any]:
    return world.engine.fix(project, "researcher", plan, cancelled=threading.Event())


@pytest.mark.parametrize("name", NAMES[::2])
def test_a_difference_is_mended_by_the_cohort_of_the_earlier_release(
    world: World, name: str
) -> None:
    project = opened(world)
    first = told(world, example(name, ages(60)), project)
    assert first is not None
    few = singled_out(3, 200 if getattr(example(name), "landmark", None) else 60)

    found = fix(world, project, spelt(example(name, few)))

    assert found["asked"] == "refused"
    best = found["proposals"][0]
    assert best["changes"][0] == {"k": "cohort", "release": first["release"]}
    assert world.ask(best["plan"], project)["release"] == first["release"]


@pytest.mark.parametrize("name", NAMES[::5])
def test_a_small_cohort_is_mended_by_leaving_its_filter_out(world: World, name: str) -> None:
    project = opened(world)

    found = fix(world, project, spelt(example(name, ages(19))))

    assert found["rules"] == ["population"]
    assert [one["k"] for one in found["proposals"][0]["changes"]] == ["wider"]
    assert world.ask(found["proposals"][0]["plan"], project)["body"]


CATEGORIES = {name: old for name in NAMES for old in example(name).reads if old in ("sex", "group")}
MENDED = {"merge", "leave_out", "edges", "every", "margins", "times", "fewer", "term", "cap"}


@pytest.mark.parametrize(("name", "old"), CATEGORIES.items())
def test_a_small_category_is_mended_by_telling_less_of_it_or_something_else(
    world: World, name: str, old: str
) -> None:
    project = opened(world)
    plan = put(example(name), old, "town")
    answer = told(world, plan, project)
    before = len(world.records.releases.of_project(project))

    found = fix(world, project, plan)

    assert len(world.records.releases.of_project(project)) == before
    assert len(world.records.releases.memberships(project)) == before
    if answer is None:
        assert found["asked"] == "refused"
        assert found["proposals"], found
    tried = [one for one in found["proposals"] if one["tried"]]
    for one in tried:
        assert {step["k"] for step in one["changes"]} <= MENDED
        assert one["words"]["en"] != one["words"]["nb"]
    if tried:
        released = world.ask(tried[0]["plan"], project)["body"]
        held = sum(one["cells"] for one in released["findings"] if one["severity"] == "withheld")
        assert (tried[0]["shows"] == "everything") == (held == 0)


def test_a_dominated_mean_is_mended_by_a_cap_at_a_round_number(world: World) -> None:
    project = opened(world)

    found = fix(world, project, put(example("mean_test"), "income", "huge"))

    assert found["proposals"][0]["changes"] == [{"k": "cap", "variable": "huge", "high": 1000.0}]
    assert world.ask(found["proposals"][0]["plan"], project)["body"]


def test_what_shows_everything_needs_no_mending_and_a_count_may_take_noise(world: World) -> None:
    project = opened(world)
    whole = fix(world, project, spelt(example("count by")))
    found = fix(world, project, put(example("crosstab"), "group", "alone"))

    assert whole == {"asked": "released", "rules": [], "proposals": [], "tried": 0}
    assert found["proposals"][-1]["changes"] == [{"k": "noise", "rho": "1/100"}]
    assert not found["proposals"][-1]["tried"]


@pytest.mark.parametrize("name", NAMES[::3])
def test_every_finding_of_a_refusal_carries_a_change_that_may_help(world: World, name: str) -> None:
    project = opened(world)
    first = told(world, example(name, ages(60)), project)
    assert first is not None
    landmark = getattr(example(name), "landmark", None)
    for cohort, kind in ((ages(19), "wider"), (singled_out(3, 200 if landmark else 60), "cohort")):
        with pytest.raises(Refusal) as refused:
            world.ask(example(name, cohort), project)
        findings: Any = getattr(refused.value, "findings", ())
        assert findings
        assert {one["change"]["what"]["k"] for one in findings} == {kind}
        assert all(set(one["change"]["words"]) == {"en", "nb"} for one in findings)


def test_a_fix_charges_nothing_and_is_audited_as_itself(world: World) -> None:
    project = opened(world)

    fix(world, project, put(example("crosstab"), "group", "town"))

    assert world.records.releases.account(project).spent == 0
    event = world.audited(What.PLAN_FIX)[-1]
    assert event.subject == project
    assert event.details["tried"]


def test_a_question_that_is_malformed_or_not_permitted_is_refused_as_ever(world: World) -> None:
    project = opened(world)

    for text, code in (("{", "malformed_plan"), (put(example("count by"), "sex", "secret"), "")):
        with pytest.raises(Refusal) as refused:
            fix(world, project, text)
        assert refused.value.code != "not_released"
        assert not code or refused.value.code == code


def test_without_time_to_try_changes_are_offered_as_a_maybe(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "SECONDS", 0.0)

    found = fix(world, opened(world), put(example("log_rank, strata"), "sex", "town"))

    assert found["tried"] == 0
    assert found["proposals"]
    assert not any(one["tried"] or one["shows"] for one in found["proposals"])


def test_a_stopped_fix_is_a_refusal(world: World) -> None:
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Refusal) as refused:
        world.engine.fix(opened(world), "researcher", spelt(example("count by")), cancelled=stopped)

    assert refused.value.code == "cancelled"


def changed_view(project: str) -> PlainView:
    """The rich view with other values of the first persons below 60."""
    view = rich_view(project)
    few = view.frames["person"].filter(pl.col("age") < 60)["place"].head(3).to_list()
    here = pl.col("place").is_in(few)
    other = view.frames["person"].with_columns(
        pl.when(here).then(pl.lit("M")).otherwise(pl.col("sex")).alias("sex"),
        pl.when(here).then(pl.lit(500.0)).otherwise(pl.col("income")).alias("income"),
        pl.when(here).then(~pl.col("dead")).otherwise(pl.col("dead")).alias("dead"),
    )
    view.frames = view.frames | {"person": other}
    return view


@pytest.mark.parametrize("name", ["crosstab", "describe", "linear regression", "cox", "rates"])
def test_the_fix_of_a_difference_says_the_same_whatever_the_few_persons_hold(
    world: World, name: str
) -> None:
    said = []
    for view in (rich_view(f"fix-same-{len(name)}"), changed_view(f"fix-other-{len(name)}")):
        world.add(view)
        world.ask(nodes.Count(cohort=ages(60)), view.project)
        found = fix(world, view.project, spelt(example(name, singled_out(3, 60))))
        said.append(re.sub(r"\b[0-9a-f]{16}\b", "release", json.dumps(found)))

    assert said[0] == said[1]


def test_only_categories_below_the_threshold_and_the_next_are_named_as_small(world: World) -> None:
    found = fix(world, opened(world), put(example("mean_test"), "sex", "town"))

    assert found["proposals"][0]["changes"][0]["codes"] == ["1", "3"]


def test_a_merged_category_that_an_earlier_table_would_undo_is_not_offered(world: World) -> None:
    """1+3 less the 1 that was told before is 3, which was withheld."""
    project = opened(world)
    assert told(world, nodes.Count(cohort=everyone(), by=("town",)), project)

    found = fix(world, project, put(example("mean_test"), "sex", "town"))

    assert not [one for one in found["proposals"] if one["tried"]]
