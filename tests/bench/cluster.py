"""Two workers against one, each of a single thread, and what they move."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.apart import answers, apart
from tests.bench.link import by_engine, counts_of, floor
from tests.bench.linked import LARGE, SMALL, LinkedView
from tests.bench.result import Result
from tests.lib.cluster import INSTANCE, Derives
from workbench.engine.cluster.certificates import certify_roles, worker_key
from workbench.engine.cluster.crew import Crew
from workbench.engine.cluster.executor import DaskExecutor
from workbench.engine.cluster.processes import LocalCluster
from workbench.engine.local import LocalExecutor

FASTER, MOVED = 1.7, 10_000
RUNS = 7
MEMORY = 2 << 30
ROWS = 250_000
"""A bucket's rows of the largest dataset, in views that are not large; see pseudonym.rebucket."""


class Counted(Crew):
    """Counts the bytes of requests and answers."""

    moved = 0

    def ask(self, request: str, *events: object) -> bytes:
        answer = super().ask(request, *events)  # type: ignore[arg-type]  # passed on as they came
        self.moved += len(request) + len(answer)
        return answer


@dataclass(frozen=True)
class Taken:
    """Median seconds of one worker, of two, and of plain processes; bytes of one question."""

    alone: float
    both: float
    plain: tuple[float, float]
    moved: int


def dask_scaling() -> Result:
    """The question of `link_tabulate` on one worker and on two, in turn on the same machine.

    Of the larger view, as a cluster is for those; the smaller one is told beside it.
    """
    small, large = LinkedView(SMALL), LinkedView(LARGE)
    of_small, of_large = _taken(small), _taken(large)
    ratio = of_large.alone / of_large.both
    moved = [of_large.moved * ROWS / large.size.dispensings,
             of_small.moved * ROWS / small.size.dispensings]  # fmt: skip
    return Result(
        name="dask_scaling",
        value=of_large.both,
        unit="s",
        against="one single-threaded worker",
        ratio=ratio,
        target=(
            f">= {FASTER}x faster on an idle machine, <= {MOVED / 1000:g} kB moved for a bucket of "
            f"{ROWS:,} rows"
        ),
        ok=ratio >= FASTER and max(moved) <= MOVED,
        notes=f"{_told(large, of_large)}. {_told(small, of_small)}. {floor(large)}",
    )


def _told(view: LinkedView, taken: Taken) -> str:
    first, together = taken.plain
    moved = taken.moved * ROWS / view.size.dispensings / 1000
    return (
        f"{view.size.persons:,} persons: one worker {taken.alone:.3f} s, two {taken.both:.3f} s "
        f"({taken.alone / taken.both:.2f} x); two plain processes that each answer the whole "
        f"question at the same time do {2 * first / together:.2f} x the work of one "
        f"({first:.3f} s), which is the most that two workers can; requests and answers: "
        f"{moved:.2f} kB for {ROWS:,} rows of the largest dataset, most of it their places"
    )


def _taken(view: LinkedView) -> Taken:
    with (
        running(view, 1) as (one, _),
        running(view, 2) as (two, crew),
        apart(2, view.size) as processes,
    ):
        local = LocalExecutor()
        expected = counts_of(by_engine(view, local))
        for executor in (one, two):
            if not (counts_of(by_engine(view, executor)) == expected).all():
                raise SystemExit("a cluster counts otherwise than one process")
        local.close()
        crew.moved = 0
        by_engine(view, two)
        moved = crew.moved
        taken: dict[int, list[float]] = {1: [], 2: []}
        plain: tuple[list[float], list[float]] = ([], [])
        for _ in range(RUNS):
            for workers, executor in ((1, one), (2, two)):
                start = time.perf_counter()
                by_engine(view, executor)
                taken[workers].append(time.perf_counter() - start)
            plain[0].append(answers(processes[:1]))
            plain[1].append(answers(processes))
    alone, both, first, together = map(statistics.median, (*taken.values(), *plain))
    return Taken(alone, both, (first, together), moved)


@contextmanager
def running(view: LinkedView, workers: int) -> Iterator[tuple[DaskExecutor, Counted]]:
    """A cluster of so many workers that read the view."""
    with tempfile.TemporaryDirectory(prefix="wb-bench-") as folder:
        certificates = Path(folder)
        certify_roles(certificates, INSTANCE, Derives(), datetime.now(UTC))
        with LocalCluster(certificates, view.views, workers, MEMORY) as processes:
            crew = Counted(processes.address, certificates)
            while crew.workers() < workers:
                time.sleep(0.1)
            executor = DaskExecutor(crew, worker_key(Derives()), workers, MEMORY)
            try:
                yield executor, crew
            finally:
                executor.close()
