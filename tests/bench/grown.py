"""Runs the question of `link_tabulate` in a process of its own: -m tests.bench.grown SIZE."""

import json
import os
import statistics
import sys
import time
from pathlib import Path

from tests.bench.link import by_engine
from tests.bench.linked import LinkedView, Size
from workbench.engine.local import LocalExecutor

RUNS = 3


def main(name: str) -> None:
    """Print {"seconds", "peak"} for a size by its name."""
    view = LinkedView(Size(*(int(part) for part in name.split("-"))))
    executor = LocalExecutor(os.cpu_count() or 2)
    by_engine(view, executor)
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        by_engine(view, executor)
        taken.append(time.perf_counter() - start)
    executor.close()
    # Of this program alone: getrusage's figure begins with that of the process it came from.
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))
    print(json.dumps({"seconds": statistics.median(taken), "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1])
