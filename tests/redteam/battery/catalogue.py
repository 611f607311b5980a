"""Every attack of the battery, by family, in order; and those that succeed today, with the reason."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from tests.redteam.battery.attack import Attack

__all__ = ["FAMILIES", "KNOWN", "battery"]

FAMILIES = ("differencing", "margins", "trackers")

RANGES = "how narrow a range becomes by several tables together is audited inside one table only"
KNOWN: dict[str, str] = {
    "town by sex bare, then each margin by itself": RANGES,
    "town by dead bare, then each margin by itself": RANGES,
    "town by sex bare, margins from the n of means": RANGES,
    "events of dead by town from proportions, shares and counts": RANGES,
}
"""Attacks that succeed, by name: strict xfails, each a line of docs/explanation/limitations.md."""


@cache
def battery() -> tuple[Attack, ...]:
    """All attacks; names are unique."""
    return tuple(_all())


def _all() -> Iterator[Attack]:
    for name in FAMILIES:
        yield from import_module(f"tests.redteam.battery.families.{name}").attacks()
