"""Curves: an attacker who asks again for a cohort, a group or a grid that is a little different."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import disclosure.results.gate
import disclosure.results.steps
import disclosure.results.survival
from tests.lib.engine_world import World
from tests.lib.plain_view import PlainView, frame
from workbench.domain.errors import Refusal
from workbench.plan import nodes

PERSON = nodes.Dataset(name="person")
COUNT = 1500
VICTIM = 700
"""The only person aged 130 days at the event; nobody else is in region 3."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Events on nearly every day; one person of a weight of their own."""
    people = [
        {
            "person": at,
            "sex": "FM"[at % 2],
            "region": 1 + at % 2,
            "weight": float(at % 50),
            "age": 1 + (at * 37) % 600,
            "vital": at % 3 == 0,
        }
        for at in range(COUNT)
    ]
    people[VICTIM] |= {"region": 3, "weight": 1000.0, "vital": True, "age": 130}
    made = World(tmp_path)
    made.add(
        PlainView({"person": frame("person", people), "visit": frame("visit", [])}, COUNT, 3),
    )
    yield made
    made.records.close()


def curve(cohort: Any = PERSON, times: tuple[int, ...] = (140, 280, 420), **more: Any) -> Any:
    return nodes.KaplanMeier(cohort=cohort, time="age", event="vital", times=times, **more)


def without_the_victim() -> Any:
    where = nodes.Compare(op="<", left=nodes.Column(name="weight"), right=nodes.Value(value=500.0))
    return nodes.Filter(frame=PERSON, where=where)


def ask(world: World, *asked: Any) -> list[Any]:
    return [world.ask(one, project="alpha")["body"] for one in asked]


def refused(world: World, *asked: Any) -> str:
    with pytest.raises(Refusal) as caught:
        ask(world, *asked)
    return str(caught.value.code)


def rows(body: Any, name: str) -> list[list[Any]]:
    return next(one["rows"] for one in body["blocks"] if one["name"] == name)


def young(least: float) -> Any:
    where = nodes.Compare(op=">=", left=nodes.Column(name="weight"), right=nodes.Value(value=least))
    return nodes.Filter(frame=PERSON, where=where)


def test_two_cohorts_one_person_apart_do_not_tell_that_persons_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    thirty, and_the_victim = (
        young(20.0),
        nodes.Filter(
            frame=young(20.0),
            where=nodes.Compare(
                op="<", left=nodes.Column(name="weight"), right=nodes.Value(value=500.0)
            ),
        ),
    )
    ask(world, curve(thirty))
    assert refused(world, curve(and_the_victim)) == "not_released"

    for name in ("close_population", "meetings", "together", "telling"):
        _off(monkeypatch, name)
    (less,) = ask(world, curve(and_the_victim))
    (more,) = ask(world, curve(thirty))
    assert rows(more, "summary")[0][1] - rows(less, "summary")[0][1] == 1


def test_a_group_of_one_has_no_curve(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(world, curve(by=("region",))) == "not_released"

    monkeypatch.setattr(
        disclosure.results.survival, "small_groups", lambda persons, threshold: None
    )
    (told,) = ask(world, curve(by=("region",)))
    assert ["3", 1] in [row[:2] for row in rows(told, "summary")]


def test_a_grid_moved_by_a_day_does_not_tell_the_events_of_that_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """129 days, then 130: the difference of the two curves is what happened on the victim's day."""
    ask(world, curve(times=(129, 280)))
    assert refused(world, curve(times=(130, 280))) == "not_released"

    for name in ("meetings", "together"):
        _off(monkeypatch, name)
    (told,) = ask(world, curve(times=(130, 280)))
    assert [row[0] for row in rows(told, "curve")] == [0, 130, 280]


@pytest.mark.parametrize("moved", ["horizon", "landmark", "time"])
def test_a_mean_is_not_asked_for_again_a_day_later(
    world: World, moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two means a day apart differ by survival on that day; so do a landmark or a time moved."""
    asked: dict[str, Any] = {"cohort": PERSON, "time": "age", "event": "vital", "until": 129}
    if moved == "landmark":
        asked |= {"landmark": 100}
    again = {
        "horizon": asked | {"until": 130},
        "landmark": asked | {"landmark": 101},
        "time": asked | {"cohort": _a_day_less(), "time": "less"},
    }[moved]
    ask(world, nodes.RestrictedMean(**asked))
    assert refused(world, nodes.RestrictedMean(**again)) == "not_released"

    for name in ("close_population", "meetings", "together", "telling"):
        _off(monkeypatch, name)
    assert ask(world, nodes.RestrictedMean(**again))


def _a_day_less() -> Any:
    less = nodes.Arithmetic(op="-", left=nodes.Column(name="age"), right=nodes.Value(value=1))
    return nodes.Derive(frame=PERSON, columns=(nodes.Derived(name="less", value=less),))


def test_a_narrow_grid_does_not_tell_the_day_of_an_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A week holds 5 or 6 events here: each step shown must hold ten."""
    weeks = tuple(range(7, 600, 7))
    (told,) = ask(world, curve(times=weeks))
    times = [row[0] for row in rows(told, "curve")]
    assert all(late - early > 7 for early, late in itertools.pairwise(times))

    monkeypatch.setattr(disclosure.results.steps, "enough", lambda count, threshold: True)
    for name in ("meetings", "together"):
        _off(monkeypatch, name)  # the ledger would refuse what the steps no longer hold back
    (bare,) = ask(world, curve(times=weeks, by=("sex",)))
    assert min(late[1] - early[1] for early, late in _followed_by(rows(bare, "curve"))) == 7


def _followed_by(found: list[list[Any]]) -> list[tuple[list[Any], list[Any]]]:
    return [(early, late) for early, late in itertools.pairwise(found) if early[0] == late[0]]


def _off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    gate = disclosure.results.gate
    if name == "meetings":
        real = gate.meetings

        def nothing_close(*arguments: Any) -> Any:
            found = real(*arguments)
            found.close[:] = False
            return found

        monkeypatch.setattr(gate, name, nothing_close)
    else:
        monkeypatch.setattr(gate, name, lambda *_: [])
