"""Before a plan runs: does it continue a pattern of probing? See disclosure.behaviour.

What was asked is remembered while the engine runs. After a start it is read from the books: plans
that were released, with their limits, and how often the gate refused; the limits of what was
refused before are not in the books and are forgotten.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any

import workbench.plan.errors
from disclosure.behaviour import Asked, Pattern, patterns, shape_of
from disclosure.behaviour.patterns import WINDOW
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.plan import canonical, parse, pruned
from workbench.ports import AuditEntry, Clock, Records

__all__ = ["Slowed", "Watch"]

KEPT = 2000
"""Questions of a project that are remembered."""
LOOKED = 20_000
"""Entries at the end of the log that are read after a start."""


class Slowed(Refusal):
    """A question that is not asked now; `findings` say why in every language."""

    def __init__(self, pattern: Pattern, now: datetime) -> None:
        if pattern.until is None:
            code, then = "ask_officer", "A disclosure officer is to look at it first."
        else:
            minutes = max(1, round((pattern.until - now).total_seconds() / 60))
            code, then = "slow_down", f"Ask again in {minutes} min."
        super().__init__(code, f"{pattern.text['en']} {then}", pattern.remedy["en"])
        self.findings: tuple[Mapping[str, Any], ...] = (
            {
                "rule": f"behaviour:{pattern.rule}",
                "severity": "blocking",
                "text": dict(pattern.text),
                "remedy": dict(pattern.remedy),
                "cells": 0,
            },
        )


class Watch:
    """Watches how projects ask; safe to call from many threads."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._past: dict[str, deque[Asked]] = {}
        self._read = 0
        self._lock = Lock()

    @contextmanager
    def watched(self, project: str, user: str, plan: str) -> Iterator[Callable[[str], None]]:
        """Run a question under watch; tell what came of it by the function that is given.

        Raises Slowed (audited) when it would continue a pattern: then it does not run at all.
        """
        shape, constants = shape_of(_as_recorded(plan))
        now = self._clock.now()
        asked = Asked(now, user, shape, constants)
        with self._lock:
            past = self._known(project, now)
            found = patterns(asked, past)
            if any(one.until is None for one in found) and self._calmed(project):
                found = patterns(asked, past)
        if found:
            details: dict[str, str | int] = {"rule": found[0].rule, "count": found[0].count}
            why = "officer" if found[0].until is None else "pause"
            self._records.audit.append(AuditEvent(What.PLAN_SLOW, user, project, why, details))
            raise Slowed(found[0], now)

        def came(outcome: str) -> None:
            if outcome in ("asked", "released", "not_released"):
                with self._lock:
                    past.append(replace(asked, outcome=outcome))

        try:
            yield came
        except Refusal as refusal:
            came(refusal.code)
            raise

    def _known(self, project: str, now: datetime) -> deque[Asked]:
        past = self._past.get(project)
        if past is None:
            past = self._past[project] = deque(self._from_books(project, now), maxlen=KEPT)
        while past and now - past[0].at > WINDOW:
            past.popleft()
        return past

    def _from_books(self, project: str, now: datetime) -> list[Asked]:
        found: list[Asked] = []
        for entry in self._tail():
            event = entry.event
            if event.subject != project or now - entry.at > WINDOW:
                continue
            if event.what is What.PLAN_CALM:
                found.clear()
            elif event.what is What.PLAN_REFUSE and event.why == "not_released":
                found.append(Asked(entry.at, event.who, "", (), "not_released"))
            elif event.what is What.PLAN_RELEASE:
                made = self._records.releases.find(str(event.details["release"]))
                shape, constants = shape_of(made.plan) if made else ("", ())
                found.append(Asked(entry.at, event.who, shape, constants, "released"))
        return found

    def _tail(self) -> Iterator[AuditEntry]:
        head = next((one for one in self._records.audit.anchors() if one.source == "head"), None)
        if head is None:
            return
        for entry in self._records.audit.entries(max(1, head.position - LOOKED)):
            self._read = max(self._read, entry.position)
            yield entry

    def _calmed(self, project: str) -> bool:
        """Whether an officer has looked at the project since the log was last read."""
        calm = False
        for entry in self._records.audit.entries(self._read + 1):
            self._read = entry.position
            if entry.event.what is What.PLAN_CALM:
                self._past.get(entry.event.subject, deque()).clear()
                calm = calm or entry.event.subject == project
        return calm


def _as_recorded(plan: str) -> str:
    """The plan as a release of it would be kept; as it is when it is none."""
    try:
        return canonical(pruned(parse(plan))).decode()
    except workbench.plan.errors.Refusal:
        return plan
