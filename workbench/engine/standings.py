"""The standing of each project, kept between releases; made anew after a restart or a new view.

It holds where every person was in every release, so it is never written anywhere: the sealed
entries of the ledger are, and it is made from them again.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from disclosure.ledger.meeting import Meeting
from disclosure.ledger.standing import Standing, too_much
from workbench.engine.entries import Entry
from workbench.engine.ledger import Ledger

__all__ = ["Standings"]

Held = TypeVar("Held")
KEPT = 4
"""Projects whose standing is kept, those that asked last."""


@dataclass
class _Kept:
    """views: versions that the persons are numbered over; names: releases, oldest first."""

    views: tuple[str, ...]
    standing: Standing
    names: list[str] = field(default_factory=list)


class Standings:
    """A project's is used under its turn, as releases are judged one after the other; those of
    several projects by several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._entries: OrderedDict[str, dict[str, Entry]] = OrderedDict()

    def entries(self, project: str) -> MutableMapping[str, Entry]:
        """The opened entries of a project, for its ledger to keep."""
        with self._lock:
            held = self._entries.setdefault(project, {})
            _latest(self._entries, project)
            return held

    def meeting(self, project: str, ledger: Ledger, seconds: float) -> Meeting | None:
        """A new table before all earlier releases; None where there are none.

        seconds: that each step may take: an earlier release that is new here, and the table.
        Raises disclosure's Refusal("too_much_released").
        """
        if not ledger.earlier:
            return None
        with self._lock:
            kept = self._kept.pop(project, None)
        names = [one.release for one in ledger.earlier]
        if kept is None or kept.views != ledger.views or kept.names != names[: len(kept.names)]:
            kept = _Kept(ledger.views, Standing(ledger.new.size))
        kept.standing.clock = lambda: _within(seconds)
        for one in ledger.earlier[len(kept.names) :]:
            kept.standing.add(one.release, ledger.vector(one), one.cells, one.published)
            kept.names.append(one.release)
        with self._lock:
            self._kept[project] = kept
            _latest(self._kept, project)
        return Meeting(kept.standing, ledger.new, ledger.cells)


def _within(seconds: float) -> Callable[[], None]:
    until = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > until:
            raise too_much()

    return check


def _latest(held: OrderedDict[str, Held], project: str) -> None:
    """Keep those of the projects that asked last."""
    held.move_to_end(project)
    while len(held) > KEPT:
        held.popitem(last=False)
