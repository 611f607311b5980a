"""What a person may do so many times an hour and a day in one project."""

import math
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kernels.errors import Fault, Refusal
from kernels.host.config import Limits

__all__ = ["Budget", "CellBudgets"]

_HOUR, _DAY = 3600.0, 86_400.0


class Budget:
    """Counts of a thing by (project, user), forgotten after a day. now: gives Unix seconds.

    book: a file with a line for each that was spent, so that a daemon that starts again goes on
    counting; without one it begins anew.
    """

    def __init__(
        self, an_hour: int, a_day: int, now: Callable[[], float], book: Path | None = None
    ) -> None:
        self.an_hour = an_hour
        self.a_day = a_day
        self._now = now
        self._book = book
        self._spent: dict[tuple[str, str], deque[float]] = {}
        if book is not None:
            self._read(book)

    def wait(self, project: str, user: str) -> float:
        """Seconds until there is room for one more; 0.0 when there is room now."""
        now, spent = self._now(), self._recent(project, user)
        waits = [0.0]
        for allowed, span in ((self.an_hour, _HOUR), (self.a_day, _DAY)):
            if allowed <= 0:
                return span
            if len(spent) >= allowed:
                waits.append(spent[-allowed] + span - now)
        return max(waits)

    def spend(self, project: str, user: str) -> None:
        """Count one; whoever calls has asked `wait` first, or cannot take back what happened.

        Raises Fault when it cannot be noted: what is not counted is not given.
        """
        now = self._now()
        if self._book is not None:
            _append(self._book, f"\n{now!r} {project} {user}\n")  # after one that was cut
        self._recent(project, user).append(now)

    def _read(self, book: Path) -> None:
        """Take over what was spent of late, and forget the rest; a line that was cut is none."""
        old = book.read_text("utf-8", "replace").splitlines() if book.exists() else []
        kept = []
        for line in old:
            match line.split(" "):
                case [at, project, user] if _seconds(at) > self._now() - _DAY:
                    self._spent.setdefault((project, user), deque()).append(_seconds(at))
                    kept.append(line + "\n")
        draft = book.with_name(f".{book.name}.new")
        draft.unlink(missing_ok=True)
        _append(draft, "".join(kept))
        draft.replace(book)

    def _recent(self, project: str, user: str) -> deque[float]:
        spent = self._spent.setdefault((project, user), deque())
        while spent and spent[0] <= self._now() - _DAY:
            spent.popleft()
        return spent


@dataclass(frozen=True)
class CellBudgets:
    """What a person may spend on interactive sealed kernels: their starts, cells and errors."""

    starts: Budget
    cells: Budget
    errors: Budget

    @classmethod
    def of(cls, limits: Limits, now: Callable[[], float], books: Path) -> "CellBudgets":
        """The budgets that the limits give; books: the folder in which they are noted."""
        return cls(
            Budget(limits.starts_an_hour, limits.starts_a_day, now, books / "spent-starts"),
            Budget(limits.cells_an_hour, limits.cells_a_day, now, books / "spent-cells"),
            Budget(limits.errors_an_hour, limits.errors_a_day, now, books / "spent-errors"),
        )

    def start(self, project: str, user: str) -> None:
        """Count a kernel; Refusal("starts_used_up") when there is no room for it."""
        self._check(self.starts, project, user, "starts", "sealed kernels may be started")
        self.starts.spend(project, user)

    def cell(self, project: str, user: str) -> None:
        """Count a cell; Refusal("cells_used_up" | "errors_used_up") when there is no room."""
        self._check(self.cells, project, user, "cells", "cells may be run in sealed kernels")
        self._check(self.errors, project, user, "errors", "cells may fail in sealed kernels")
        self.cells.spend(project, user)

    def error(self, project: str, user: str) -> None:
        """Count a cell that has failed."""
        self.errors.spend(project, user)

    @staticmethod
    def _check(budget: Budget, project: str, user: str, name: str, what: str) -> None:
        if wait := budget.wait(project, user):
            raise Refusal(
                f"{name}_used_up",
                f"{budget.an_hour} {what} an hour, and {budget.a_day} a day.",
                "Go on with the twin in the Workbench kernel, or submit a sealed run; there is "
                f"room again in {math.ceil(wait / 60)} min.",
                budget.an_hour,
                budget.a_day,
                math.ceil(wait / 60),
            )


def _append(book: Path, text: str) -> None:
    """In one write: a daemon that is killed has noted a line or none of it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        descriptor = os.open(book, flags, 0o600)
        try:
            whole = os.write(descriptor, text.encode()) == len(text.encode())
        finally:
            os.close(descriptor)
    except OSError:
        whole = False
    if not whole:
        raise Fault("what was spent cannot be noted")


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
