"""Without the gate every attack is won: the judges find what leaks, so their word counts."""

from collections.abc import Iterator

import pytest

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Stage
from tests.redteam.battery.catalogue import some, title
from tests.redteam.battery.removal import ungated


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ungated(tmp_path_factory.mktemp("ungated")) as made:
        yield made


@pytest.mark.parametrize("attack", [pytest.param(one, id=title(one)) for one in some(1)])
def test_the_attack_is_won_where_nobody_guards(stage: Stage, attack: Attack) -> None:
    with stage.attack() as attacker:
        verdict = attack.run(attacker)
    assert verdict.won, verdict.how
