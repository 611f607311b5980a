"""What a person may do so many times an hour and a day in one project."""

from collections import deque
from collections.abc import Callable

__all__ = ["Budget"]

_HOUR, _DAY = 3600.0, 86_400.0


class Budget:
    """Counts of a thing by (project, user), forgotten after a day. now: gives Unix seconds."""

    def __init__(self, an_hour: int, a_day: int, now: Callable[[], float]) -> None:
        self._an_hour = an_hour
        self._a_day = a_day
        self._now = now
        self._spent: dict[tuple[str, str], deque[float]] = {}

    def wait(self, project: str, user: str) -> float:
        """Seconds until there is room for one more; 0.0 when there is room now."""
        now, spent = self._now(), self._recent(project, user)
        waits = [0.0]
        for allowed, span in ((self._an_hour, _HOUR), (self._a_day, _DAY)):
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
