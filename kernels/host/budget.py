"""What a person may do so many times an hour and a day in one project."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from kernels.errors import Refusal
from kernels.host.config import Limits

__all__ = ["Budget", "CellBudgets"]

_HOUR, _DAY = 3600.0, 86_400.0


class Budget:
    """Counts of a thing by (project, user), forgotten after a day. now: gives Unix seconds."""

    def __init__(self, an_hour: int, a_day: int, now: Callable[[], float]) -> None:
        self.an_hour = an_hour
        self.a_day = a_day
        self._now = now
        self._spent: dict[tuple[str, str], deque[float]] = {}

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
        """Count one; whoever calls has asked `wait` first, or cannot take back what happened."""
        self._recent(project, user).append(self._now())

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
    def of(cls, limits: Limits, now: Callable[[], float]) -> "CellBudgets":
        """The budgets that the limits give."""
        return cls(
            Budget(limits.starts_an_hour, limits.starts_a_day, now),
            Budget(limits.cells_an_hour, limits.cells_a_day, now),
            Budget(limits.errors_an_hour, limits.errors_a_day, now),
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
            )
