"""Every attack against one engine, with what came of it."""

from pathlib import Path

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Stage
from tests.redteam.battery.catalogue import battery
from tests.redteam.battery.judges.verdict import Verdict

__all__ = ["attack_all"]


def attack_all(folder: Path) -> list[tuple[Attack, Verdict]]:
    """All attacks, each in a project of its own."""
    found = []
    with Stage(folder).running() as stage:
        for attack in battery():
            with stage.attack() as attacker:
                found.append((attack, attack.run(attacker)))
    return found
