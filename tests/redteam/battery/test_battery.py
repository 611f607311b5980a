"""Every attack of the battery fails, and would not if the gate were away.

The default suite runs the first few of each family; `make redteam` runs all, and writes the page.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Stage
from tests.redteam.battery.catalogue import KNOWN, battery
from tests.redteam.battery.removal import ungated

LONG = bool(os.environ.get("WORKBENCH_LONG"))
FIRST, CONTROLS = 3, 1


def _some(most: int) -> list[Attack]:
    """So many of each family; all of them in the long run."""
    seen: dict[str, int] = defaultdict(int)
    kept = []
    for one in battery():
        seen[one.family] += 1
        if LONG or seen[one.family] <= most:
            kept.append(one)
    return kept


def _name(attack: Attack) -> str:
    return f"{attack.family}: {attack.name}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("battery")).running() as made:
        yield made


def _marked(attack: Attack) -> object:
    known = KNOWN.get(attack.name)
    marks = [pytest.mark.xfail(reason=known, strict=True)] if known else []
    return pytest.param(attack, marks=marks, id=_name(attack))


@pytest.mark.parametrize("attack", [_marked(one) for one in _some(FIRST)])
def test_the_attack_fails(stage: Stage, attack: Attack) -> None:
    with stage.attack() as attacker:
        verdict = attack.run(attacker)
    assert not verdict.won, verdict.how


def test_without_the_gate_the_judges_find_what_leaks(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The control: the same questions to an engine whose gate asks for nothing."""
    lost = []
    with ungated(tmp_path_factory.mktemp("ungated")) as stage:
        for attack in _some(CONTROLS):
            with stage.attack() as attacker:
                verdict = attack.run(attacker)
            if not verdict.won:
                lost.append(f"{_name(attack)}: {verdict.how}")
    assert not lost, lost


def test_attacks_are_many_of_many_families_and_no_two_alike() -> None:
    names = [_name(one) for one in battery()]
    assert len(names) == len(set(names))
    assert set(KNOWN) <= {one.name for one in battery()}


def test_nothing_of_the_gate_is_used_by_the_judges() -> None:
    for path in (Path(__file__).parent / "judges").glob("*.py"):
        assert "disclosure" not in path.read_text(encoding="utf-8"), path.name
