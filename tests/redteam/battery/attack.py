"""An attack: a scripted conversation with the engine, and the verdict of an independent judge."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.redteam.battery.attacker import Attacker
from tests.redteam.battery.judges.verdict import Verdict

__all__ = ["Attack"]


@dataclass(frozen=True)
class Attack:
    """family and name say what is tried; `run` tries it."""

    family: str
    name: str
    run: Callable[[Attacker], Verdict]
