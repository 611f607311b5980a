"""How releases overlap: an officer learns which groups are small, and of none how small."""

import contextlib
from pathlib import Path

import pytest

from tests.lib.drawn import compare
from tests.lib.engine_world import World
from tests.lib.every_analysis import PERSONS, ages, everyone, rich_view
from workbench.adapters.engine_control import EngineControl
from workbench.domain.errors import Refusal
from workbench.engine.overlapping import overlapping
from workbench.plan import nodes


def women() -> nodes.Filter:
    return nodes.Filter(
        frame=everyone(), where=compare(nodes.Column(name="sex"), "==", nodes.Value(value="F"))
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.add(rich_view("alpha"))
    made.add(rich_view("beta"))
    return made


def test_groups_are_persons_by_the_releases_that_they_are_in(world: World) -> None:
    ids = [
        world.ask(nodes.Count(cohort=cohort), "alpha")["release"]
        for cohort in (everyone(), ages(60), women())
    ]
    people = rich_view().frames["person"]
    young = people["age"] < 60
    female = people["sex"] == "F"
    with world.served() as control:
        told = EngineControl(control).overlaps("alpha")

    assert [one["release"] for one in told["releases"]] == ids[::-1]
    found = {tuple(one["in"]): one["persons"] for one in told["groups"]}
    expected = {
        (0, 1, 2): int((young & female).sum()),
        (0, 2): int((~young & female).sum()),
        (1, 2): int((young & ~female).sum()),
        (2,): int((~young & ~female).sum()),
    }
    assert found == {place: count - count % 10 for place, count in expected.items()}
    assert sum(expected.values()) == PERSONS


def test_of_a_group_below_the_threshold_no_number_is_told(world: World) -> None:
    for cohort in (everyone(), ages(60)):
        world.ask(nodes.Count(cohort=cohort), "alpha")
    young = int((rich_view().frames["person"]["age"] < 60).sum())
    book, view = world.records.releases, world.views["alpha", "v1"]
    told = overlapping(
        book.of_project("alpha"), book.memberships("alpha"), view, world.engine.views, world.keys,
        min(young, PERSONS - young) + 1,
    )  # fmt: skip

    few = [one for one in told["groups"] if one["persons"] is None]
    assert told["groups"][: len(few)] == few
    assert [one["in"] for one in few] == [[0, 1] if young < PERSONS - young else [1]]


def test_another_projects_releases_are_not_in_it(world: World) -> None:
    world.ask(nodes.Count(cohort=everyone()), "beta")
    with world.served() as control:
        told = EngineControl(control).overlaps("alpha")
        with pytest.raises(Refusal) as refused:
            EngineControl(control).overlaps("nobody")

    assert told["releases"] == told["groups"] == []
    assert refused.value.code == "no_permit"


def test_only_the_newest_are_drawn_and_the_others_counted(world: World) -> None:
    for edge in range(30, 90, 4):
        with contextlib.suppress(Refusal):
            world.ask(nodes.Count(cohort=ages(edge)), "alpha")
    with world.served() as control:
        told = EngineControl(control).overlaps("alpha")
    every = len(world.records.releases.memberships("alpha"))

    assert every > 12
    assert len(told["releases"]) == 12
    assert told["left_out"]["releases"] == every - 12
