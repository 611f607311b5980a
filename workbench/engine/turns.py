"""How many plans run at once, and who is next: first come, first served, one a notebook."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Event

from workbench.domain.errors import Refusal

__all__ = ["Turns"]

LOOK_AROUND = 0.25


class Turns:
    """A queue before `places` running plans. A notebook has one plan under way, so no notebook
    can fill the queue."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._queue: deque[object] = deque()
        self._change = Condition()

    @contextmanager
    def turn(self, cancelled: Event, told: Callable[[int], None]) -> Iterator[None]:
        """Wait for a place, telling how many stand before; Refusal when cancelled meanwhile."""
        ticket = object()
        with self._change:
            self._queue.append(ticket)
            try:
                self._wait(ticket, cancelled, told)
            finally:
                self._queue.remove(ticket)
                self._change.notify_all()
            self._free -= 1
        try:
            yield
        finally:
            with self._change:
                self._free += 1
                self._change.notify_all()

    def _wait(self, ticket: object, cancelled: Event, told: Callable[[int], None]) -> None:
        said = -1
        while self._queue[0] is not ticket or self._free < 1:
            before = self._queue.index(ticket) + 1
            if before != said:
                said = before
                told(before)
            self._change.wait(LOOK_AROUND)
            if cancelled.is_set():
                raise Refusal("cancelled", "The plan was stopped before it began.", "Run it again.")
