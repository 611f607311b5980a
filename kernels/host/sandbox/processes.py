"""The processes of one sandbox as the host sees them: their memory, and holding them still."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["held_still", "resident"]

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PATIENCE = 2.0
_STILL = frozenset("TtZX")
"""States of a task that runs no instruction: stopped, traced, dead."""


def resident(root: int) -> int:
    """Bytes in memory of the descendants of process `root`; shared pages count for each."""
    pages = 0
    for number in _descendants(root):
        with contextlib.suppress(OSError, ValueError, IndexError):
            pages += int(Path(f"/proc/{number}/statm").read_text().split()[1])
    return pages * _PAGE


@contextlib.contextmanager
def held_still(root: int) -> Iterator[bool]:
    """Stop every descendant of `root` while the block runs; whether all of them stand still.

    A stopped process starts no other, so that the search ends; one that waits for the disk may
    take longer than two seconds, and then the block runs with False.
    """
    stopped: set[int] = set()
    try:
        yield _stop(root, stopped)
    finally:
        for number in stopped:
            _send(number, signal.SIGCONT)


def _stop(root: int, stopped: set[int]) -> bool:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        found = set(_descendants(root))
        for number in found:
            _send(number, signal.SIGSTOP)
        stopped |= found
        if all(map(_still, found)) and found == set(_descendants(root)):
            return True
        time.sleep(0.002)
    return False


def _send(number: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(number, which)


def _still(number: int) -> bool:
    states = set()
    for task in _listed(f"/proc/{number}/task"):
        with contextlib.suppress(OSError, IndexError):
            told = Path(f"/proc/{number}/task/{task}/stat").read_text()
            states.add(told.rpartition(")")[2].split()[0])
    return states <= _STILL


def _descendants(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        number = waiting.pop()
        for task in _listed(f"/proc/{number}/task"):
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{number}/task/{task}/children").read_text().split()
                waiting += map(int, children)
                yield from map(int, children)


def _listed(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return [place.name for place in Path(folder).iterdir()]
    return []
