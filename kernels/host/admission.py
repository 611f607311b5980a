"""How many kernels one person may have in one project, and how often they may start one."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kernels.errors import Refusal
from kernels.host.config import Limits
from kernels.protocol import Grant

__all__ = ["Admission"]

_MINUTE = 60.0


class Admission:
    """Counts by (person, project), so that nobody's flood takes a place of somebody else.

    now: monotonic seconds.
    """

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._now = now
        self._live: Counter[tuple[str, str]] = Counter()
        self._recent: dict[tuple[str, str], deque[float]] = {}

    @contextmanager
    def place(self, grant: Grant) -> Iterator[None]:
        """A place for one kernel, kept until it has ended; Refusal when there is none."""
        owner = (grant.user, grant.project)
        self._check(owner)
        self._live[owner] += 1
        try:
            yield
        finally:
            self._live[owner] -= 1
            self._live += Counter()  # forgets those at zero

    def _check(self, owner: tuple[str, str]) -> None:
        if self._live[owner] >= self._limits.kernels_at_once:
            raise Refusal(
                "too_many_kernels",
                f"You have {self._limits.kernels_at_once} kernels running in this project, "
                "which is as many as one person may.",
                "Shut down those that you no longer need: Kernel, Shut Down All Kernels.",
                self._limits.kernels_at_once,
            )
        now = self._now()
        recent = self._recent.setdefault(owner, deque())
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= self._limits.launches_a_minute:
            raise Refusal(
                "too_many_launches",
                "Too many kernels were started within a minute.",
                "Wait a minute, then start it again.",
            )
        recent.append(now)
        if len(self._recent) > 1000:
            self._recent = {
                key: times for key, times in self._recent.items() if times[-1] > now - _MINUTE
            }
