"""Processes that answer the question of `link_tabulate` by themselves, each with one thread.

What two of them do at once is the most that two workers can: they share the memory and the caches.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.link import by_engine
from tests.bench.linked import LARGE, SMALL, LinkedView, Size
from workbench.engine.local import LocalExecutor

ROOT = Path(__file__).resolve().parents[2]
Process = subprocess.Popen[str]


@contextmanager
def apart(count: int, size: Size) -> Iterator[list[Process]]:
    """So many processes that read the view of this size, ready to be asked."""
    command = [sys.executable, "-m", "tests.bench.apart", size.name]
    environment = os.environ | {"POLARS_MAX_THREADS": "1"}
    processes = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        answers(processes)
        yield processes
    finally:
        for one in processes:
            one.kill()
            one.communicate()


def answers(processes: list[Process]) -> float:
    """Seconds until each of them has answered once, all at the same time."""
    start = time.perf_counter()
    for one in processes:
        if one.stdin is None:
            raise SystemExit("a process without a line to it")
        print("again", file=one.stdin, flush=True)
    for one in processes:
        if one.stdout is None or not one.stdout.readline():
            raise SystemExit("a process that answers by itself has ended")
    return time.perf_counter() - start


def main() -> None:
    """Answer once for each line that is read."""
    (size,) = (one for one in (SMALL, LARGE) if one.name == sys.argv[1])
    view, executor = LinkedView(size), LocalExecutor(1)
    for _ in sys.stdin:
        by_engine(view, executor)
        print("done", flush=True)


if __name__ == "__main__":
    main()
