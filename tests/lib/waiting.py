"""Wait for what becomes true in its own time."""

import time
from collections.abc import Callable

__all__ = ["within"]


def within(seconds: float, holds: Callable[[], object]) -> bool:
    """Whether it holds before so many seconds have passed; asked ten times a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False
