"""Probing a real engine through a kernel's line: slowed, told why, shown to an officer."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import workbench.sdk as wb
from tests.lib.drawn import PERSON_FRAME
from tests.lib.engine_world import World, attached
from tests.lib.small_world import crosstab, younger_than
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.engine.desk import Desk
from workbench.engine.watch import Slowed
from workbench.plan import Plan, canonical, nodes
from workbench.sdk.refused import Refused
from workbench.services.calm import calm_project


def text(analysis: Any) -> str:
    return canonical(Plan(analysis=analysis)).decode()


def asker(world: World, user: str = "researcher") -> Callable[[Any], str]:
    """Asks like a kernel does and says what came of it."""
    desk = Desk(world.engine, world.keys)

    def ask(analysis: Any) -> str:
        world.clock.at += timedelta(seconds=5)
        try:
            desk.run("alpha", user, text(analysis), cancelled=Event(), progress=lambda *_: None)
        except Refusal as refusal:
            return refusal.code
        return "released"

    return ask


def probe(age: int) -> nodes.Count:
    """One more year of age: the few who are that old, if the gate told it."""
    return nodes.Count(cohort=younger_than(age))


def test_a_limit_that_creeps_is_slowed_and_then_shown_to_an_officer(world: World) -> None:
    ask = asker(world)
    told = [ask(probe(age)) for age in range(20, 60)]
    assert told.count("slow_down") >= 10
    assert "slow_down" not in told[:15]
    assert ask(crosstab("sex")) == "released"

    for age in range(200, 260):
        world.clock.at += timedelta(hours=1)
        if ask(probe(age)) == "ask_officer":
            break
    else:
        pytest.fail("an officer was never asked")
    slow = world.audited(What.PLAN_SLOW)
    assert {one.why for one in slow} == {"pause", "officer"}
    assert set(slow[0].details) == {"rule", "count"}

    world.clock.at += timedelta(hours=2)
    assert ask(probe(999)) == "ask_officer"
    calm_project(world.records, "alpha", who="officer", why="a sensitivity analysis")
    assert ask(probe(998)) != "ask_officer"


def test_another_kernel_a_colleague_and_a_restart_make_no_difference(world: World) -> None:
    ask = asker(world)
    asked = 0
    while ask(probe(120 + asked)) != "slow_down":
        asked += 1
        assert asked < 60
    colleague = asker(world, "colleague")  # of a new engine that has read the books

    released = len(world.records.releases.of_project("alpha"))
    assert released
    told = [colleague(probe(400 + number)) for number in range(30)]
    assert "slow_down" in told


def test_what_was_answered_before_a_restart_is_answered_again(world: World) -> None:
    """However much it looks like the next step: the same plan has the same answer."""
    unused = nodes.Derived(name="never_read", value=nodes.Column(name="age"))
    plans = [
        nodes.Count(cohort=nodes.Derive(frame=younger_than(60 + age), columns=(unused,)))
        for age in range(0, 250, 10)
    ]
    ask = asker(world)
    answered = [plan for plan in plans if ask(plan) == "released"]
    assert answered
    later = asker(world)
    assert [later(plan) for plan in answered] == ["released"] * len(answered)


def test_refusals_in_a_row_are_slowed_and_a_new_engine_has_not_forgotten(world: World) -> None:
    ask = asker(world)
    refused = [nodes.Count(cohort=younger_than(20), by=(name,)) for name in ("sex", "region")]
    told = [ask(refused[number % 2]) for number in range(15)]
    assert set(told) == {"not_released"}
    other = nodes.Count(cohort=younger_than(20), by=("vital",))
    assert asker(world)(other) == "slow_down"
    assert asker(world, "colleague")(other) == "not_released"


@pytest.fixture
def project(world: World, tmp_path: Path) -> Iterator[wb.Project]:
    with (
        world.served(watched=True) as control,
        attached(control, tmp_path, os.getuid(), "alpha") as path,
    ):
        yield wb.open(path)


def test_a_notebook_is_told_why_in_its_language(world: World, project: wb.Project) -> None:
    people, told = project["person"], None
    for age in range(30, 90):
        world.clock.at += timedelta(seconds=1)
        try:
            people.filter(people.age < age).count()
        except Refused as refused:
            told = refused
            if told.code != "not_released":
                break

    assert told is not None
    assert told.code == "slow_down"
    assert "min." in told.reason
    (finding,) = told.findings
    assert finding["rule"].startswith("behaviour:")
    assert set(finding["text"]) == {"en", "nb"}


def test_what_is_slowed_does_not_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(world.engine, world.keys)
    ran: list[str] = []

    def run(_project: str, _user: str, plan: str, **_more: Any) -> dict[str, Any]:
        ran.append(plan)
        return {"replayed": False}

    monkeypatch.setattr(world.engine, "run", run)
    monkeypatch.setattr(world.engine, "fix", run)
    quiet: dict[str, Any] = {"cancelled": Event(), "progress": lambda *_: None}
    for age in range(25):
        desk.run("alpha", "researcher", text(probe(age)), **quiet)
    assert len(ran) == 25
    with pytest.raises(Slowed):
        desk.run("alpha", "researcher", text(probe(99)), **quiet)
    with pytest.raises(Slowed):
        desk.fix("alpha", "researcher", text(probe(98)), cancelled=Event())
    assert len(ran) == 25


def test_plans_that_are_none_are_the_parser_s_affair(world: World) -> None:
    desk = Desk(world.engine, world.keys)
    for bad in ("", "[", json.dumps({"v": 1}), "[" * 100_000):
        with pytest.raises(Refusal) as refused:
            desk.run("alpha", "researcher", bad, cancelled=Event(), progress=lambda *_: None)
        assert refused.value.code not in ("slow_down", "ask_officer")
    assert PERSON_FRAME
