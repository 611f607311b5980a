"""One run for one question: who asks the same while it is computed waits for that answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

from workbench.domain.errors import Refusal

__all__ = ["Flights"]

LOOK_AROUND = 0.1


class Flights:
    """The questions that are being computed, by their fingerprint."""

    def __init__(self) -> None:
        self._under_way: set[tuple[str, str]] = set()
        self._change = Condition()

    @contextmanager
    def alone(self, project: str, fingerprint: str, cancelled: Event) -> Iterator[None]:
        """Be the only one that computes this; Refusal("cancelled") when stopped while waiting.

        Whoever waited asks the record first: the answer is there unless the first one failed.
        """
        key = project, fingerprint
        with self._change:
            while key in self._under_way:
                self._change.wait(LOOK_AROUND)
                if cancelled.is_set():
                    raise Refusal(
                        "cancelled", "The plan was stopped; nothing was released.", "Run it again."
                    )
            self._under_way.add(key)
        try:
            yield
        finally:
            with self._change:
                self._under_way.discard(key)
                self._change.notify_all()
