"""Every attack of the battery fails, and would not if the gate were away.

The default suite runs the first few of each family; `make redteam` runs all, and writes the page.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Stage
from tests.redteam.battery.catalogue import KNOWN, RANGED, battery, some, title


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("battery")).running() as made:
        yield made


def _marked(attack: Attack) -> object:
    known = KNOWN.get(attack.name)
    strict = attack.name not in RANGED
    marks = [pytest.mark.xfail(reason=known, strict=strict)] if known else []
    return pytest.param(attack, marks=marks, id=title(attack))


@pytest.mark.parametrize("attack", [_marked(one) for one in some(2)])
def test_the_attack_fails(stage: Stage, attack: Attack) -> None:
    with stage.attack() as attacker:
        verdict = attack.run(attacker)
    assert not verdict.won, verdict.how


def test_attacks_are_many_of_many_families_and_no_two_alike() -> None:
    names = [title(one) for one in battery()]
    assert len(names) == len(set(names)) >= 200
    assert len({one.family for one in battery()}) >= 15
    assert set(KNOWN) <= {one.name for one in battery()}


def test_the_page_lists_every_attack_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/attacks.md").read_text(encoding="utf-8")
    lines = page[: page.index("## Benign outputs")].splitlines()
    rows = [line for line in lines if " | fails |" in line or " | **succeeds**" in line]
    assert [line.split(" | ")[0].removeprefix("| ") for line in rows] == [
        one.name for one in battery()
    ]


def test_nothing_of_the_gate_is_used_by_the_judges() -> None:
    for path in (Path(__file__).parent / "judges").glob("*.py"):
        assert "disclosure" not in path.read_text(encoding="utf-8"), path.name
