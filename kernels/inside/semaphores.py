"""Locks between the processes of one notebook, without the call that the Workbench lane refuses.

There nobody may wait for other processes by a futex: it would hear a sealed run (see `OWN_FUTEX`
of `kernels.host.seccomp.checks`). multiprocessing's locks look again and again instead.
"""

import os
import time
from importlib import import_module
from typing import Any

__all__ = ["look_again"]

_FIRST, _LONGEST = 0.0002, 0.02
"""Seconds between two looks: each pause is half as long again as the one before it."""


_module: Any = import_module("_multiprocessing")  # which has no types


class _Looking(_module.SemLock):  # type: ignore[misc]  # as above
    """A semaphore that is waited for by trying."""

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002 - multiprocessing's signature
        until = None if timeout is None else time.monotonic() + timeout
        pause = _FIRST
        while not super().acquire(False):  # noqa: FBT003 - the library's signature
            if not block or (until is not None and time.monotonic() >= until):
                return False
            time.sleep(pause)
            pause = min(_LONGEST, pause * 1.5)
        return True

    def __enter__(self) -> bool:
        return self.acquire()


def look_again() -> None:
    """From now on, in the Workbench lane, for multiprocessing and whatever is made of it."""
    if os.environ.get("WORKBENCH_LANE") == "workbench":
        _module.SemLock = _Looking
