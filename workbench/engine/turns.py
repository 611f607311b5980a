"""How many plans run at once, and who is next: projects take turns, a project's own plans queue."""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event

from workbench.domain.errors import Refusal

__all__ = ["Turns"]

LOOK_AROUND = 0.25
WAITING = 32
"""Plans of one project that may wait; more are refused."""


@dataclass(frozen=True, eq=False)
class _Ticket:
    project: str
    at_once: int


class Turns:
    """A queue before `places` running plans, in which projects take turns."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._queues: OrderedDict[str, deque[_Ticket]] = OrderedDict()
        self._running: Counter[str] = Counter()
        self._change = Condition()

    @contextmanager
    def turn(
        self, project: str, at_once: int, cancelled: Event, told: Callable[[int], None]
    ) -> Iterator[None]:
        """Wait for a place, telling which in the queue this plan is (1: next).

        at_once: plans of the project that may run together. Raises Refusal when cancelled
        meanwhile, or when too many of the project wait already.
        """
        ticket = _Ticket(project, at_once)
        with self._change:
            queue = self._queues.setdefault(project, deque())
            if len(queue) >= WAITING:
                raise Refusal(
                    "too_many_waiting",
                    f"{WAITING} plans of this project wait already.",
                    "Wait until some are done, or stop those that are not needed.",
                )
            queue.append(ticket)
            try:
                self._wait(ticket, cancelled, told)
                self._queues.move_to_end(project)  # whoever was served stands last
                self._free -= 1
                self._running[project] += 1
            finally:
                queue.remove(ticket)
                if not queue:
                    self._queues.pop(project, None)
                self._change.notify_all()
        try:
            yield
        finally:
            with self._change:
                self._free += 1
                self._running[project] -= 1
                if not self._running[project]:
                    del self._running[project]
                self._change.notify_all()

    def _wait(self, ticket: _Ticket, cancelled: Event, told: Callable[[int], None]) -> None:
        said = -1
        while not (self._free > 0 and self._next() is ticket):
            place = self._order().index(ticket) + 1
            if place != said:
                said = place
                told(place)
            self._change.wait(LOOK_AROUND)
            if cancelled.is_set():
                raise Refusal("cancelled", "The plan was stopped before it began.", "Run it again.")

    def _next(self) -> _Ticket | None:
        """The first in order whose project may run one more."""
        return next(
            (one for one in self._order() if self._running[one.project] < one.at_once), None
        )

    def _order(self) -> list[_Ticket]:
        """All tickets in the order of their turns: the first of each project, then the second."""
        rounds = max((len(queue) for queue in self._queues.values()), default=0)
        return [
            queue[place]
            for place in range(rounds)
            for queue in self._queues.values()
            if place < len(queue)
        ]
