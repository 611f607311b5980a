"""Another policy over past releases: what it would have refused or changed, and no more."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.lib.drawn import PERSON_FRAME
from tests.lib.engine_world import World
from tests.lib.records_house import FakeHouse
from tests.lib.small_world import crosstab
from workbench.adapters.engine_control import EngineControl
from workbench.cli.policy import app
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.engine.desk import Desk
from workbench.plan import nodes

HEAD = 'version = 2\nwritten_by = "a"\napproved_by = "b"\n'


def layer(level: str, name: str, **rules: Any) -> str:
    told = "\n".join(
        f'{key} = "{one}"' if isinstance(one, str) else f"{key} = {one}"
        for key, one in rules.items()
    )
    return f'level = "{level}"\nname = "{name}"\n{HEAD}[rules]\n{told}\n'


@pytest.fixture
def past(world: World) -> dict[str, str]:
    """Three exact releases and a noisy one, by what they are."""
    asked = {
        "plain": crosstab("sex"),
        "withheld": crosstab("sex", "region"),
        "mean": nodes.Describe(cohort=PERSON_FRAME, variable="age", by=("sex",)),
        "noisy": nodes.DpCount(cohort=PERSON_FRAME, by=("sex",), rho="1/10"),
    }
    return {name: str(world.ask(one, "alpha")["release"]) for name, one in asked.items()}


def told(world: World, release: str, text: str) -> Any:
    found = Desk(world.engine, world.keys).rejudge(release, text)
    return SimpleNamespace(**found.certificate)


def test_under_the_same_rules_every_release_is_the_same(world: World, past: dict[str, str]) -> None:
    for release in past.values():
        found = told(world, release, layer("project", "new"))
        assert (found.outcome, found.before) == ("same", found.after)


def test_stricter_rules_refuse_or_withhold_more(world: World, past: dict[str, str]) -> None:
    larger = layer("project", "new", threshold=15)
    assert told(world, past["plain"], larger).outcome == "same"
    found = told(world, past["withheld"], layer("project", "new", maximum_cells=4))
    assert (found.outcome, found.rules) == ("refused", ["size"])
    dear = told(world, past["noisy"], layer("project", "new", rho_per_release="1/20"))
    assert (dear.outcome, dear.rules) == ("refused", ["privacy"])
    wide = told(world, past["withheld"], layer("project", "new", threshold=450))
    assert wide.outcome == "refused" or wide.after > wide.before > 0


def test_a_registry_s_layer_concerns_only_its_views(world: World, past: dict[str, str]) -> None:
    small = {"maximum_cells": 1}
    assert told(world, past["plain"], layer("registry", "elsewhere", **small)).outcome == "same"
    assert told(world, past["plain"], layer("registry", "clinic", **small)).outcome == "refused"


def test_the_history_is_that_of_the_day(world: World, past: dict[str, str]) -> None:
    """What was released later does not count against a release, nor does it itself."""
    for _ in range(2):
        assert told(world, past["plain"], layer("project", "new")).outcome == "same"


def test_nothing_is_released_charged_or_noted(world: World, past: dict[str, str]) -> None:
    before = (
        [one.id for one in world.records.releases.of_project("alpha")],
        world.records.releases.account("alpha"),
        len(list(world.records.audit.entries())),
    )
    for release in past.values():
        told(world, release, layer("project", "new", threshold=30))

    assert before == (
        [one.id for one in world.records.releases.of_project("alpha")],
        world.records.releases.account("alpha"),
        len(list(world.records.audit.entries())),
    )


def test_a_project_that_is_closed_is_judged_all_the_same(
    world: World, past: dict[str, str]
) -> None:
    from tests.lib.engine_world import EVENT
    from workbench.domain.permit import PermitState

    world.records.permits.set_state("alpha", PermitState.SUSPENDED, EVENT)
    assert told(world, past["plain"], layer("project", "new")).outcome == "same"
    with pytest.raises(Refusal):
        world.ask(crosstab("region"), "alpha")


def test_a_view_that_is_gone_cannot_be_judged(world: World, past: dict[str, str]) -> None:
    place = world.folder / "views" / "alpha"
    place.rename(place.with_name("gone"))

    found = told(world, past["plain"], layer("project", "new"))
    assert (found.outcome, found.rules) == ("unknown", ["no_view"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_policy"),
        ("x" * 70_000, "bad_policy"),
        (layer("project", "new", threshold=9), "policy_weaker"),
        (layer("project", "new", treshold=20), "policy_malformed"),
        (layer("friend", "new", threshold=20), "policy_malformed"),
        ("", "policy_malformed"),
    ],
)
def test_a_layer_that_could_never_count_is_refused(
    world: World, past: dict[str, str], text: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        told(world, past["plain"], text)
    assert refused.value.code == code


def test_the_command_tells_counts_and_releases(
    world: World, past: dict[str, str], tmp_path: Path
) -> None:
    house = FakeHouse(tmp_path, records=world.records)
    text = tmp_path / "new.toml"
    text.write_text(layer("project", "new", maximum_cells=4, rho_per_release="1/20"))
    with world.served() as control:
        house.instance = SimpleNamespace(root=tmp_path)
        house.rejudger = EngineControl(control)
        done = CliRunner().invoke(app, ["replay", str(text)], obj=house, env={"COLUMNS": "160"})
        wrong = CliRunner().invoke(app, ["replay", str(text), "--project", "nowhere"], obj=house)

    assert done.exit_code == 0, done.exception
    assert "4 releases: 2 refused, 2 same." in done.output
    assert re.search(rf"{past['noisy']}\s+│ refused", done.output)
    assert past["plain"] not in done.output
    assert wrong.exception.code == "no_permit"
    (event,) = world.audited(What.POLICY_LAYER_REPLAY)
    assert event.details == {"refused": 2, "same": 2}
