"""The local executor: bucket groups on a few threads of this process, polars' own below them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from workbench.engine.analyses import State, computation_of
from workbench.engine.executor import Job, Session
from workbench.engine.fair import FairPool
from workbench.engine.groups import Group, groups_of, reads_of
from workbench.engine.placed import Placed
from workbench.engine.rounds import Contribution, Rounds, read
from workbench.engine.settle import scan_of, settled, settles

__all__ = ["LocalExecutor"]

MEMORY = 4 << 30
KEPT_SHARE = 2
"""A half of a plan's memory may hold frames from round to round; the others are read again."""


class LocalExecutor:
    """Threads of this process; polars itself uses the processor's cores below them."""

    def __init__(self, threads: int = 2, memory: int = MEMORY) -> None:
        """memory: bytes for all plans together."""
        self._threads = threads
        self._memory = memory
        self._pool = FairPool(threads, memory)

    @contextmanager
    def open(self, job: Job) -> Iterator[Session]:
        """See Executor."""
        memory = min(job.limits.memory, self._memory)
        groups = groups_of(job.view, reads_of(job.checked.plan), memory, self._threads)
        if settles(job.checked.plan):
            job = settled(job, groups, self._pool)
        yield Rounds(job, groups, self._pool, _Here(job, memory // KEPT_SHARE))

    def close(self) -> None:
        """See Executor."""
        self._pool.close()


class _Here:
    """Runs groups in the thread that asks; keeps frames for the next round, memory allowing."""

    def __init__(self, job: Job, most: int) -> None:
        self._job = job
        self._computation = computation_of(job.checked)
        self._most = most
        self._kept: dict[int, list[Any]] = {}
        self._bytes = 0
        self._lock = Lock()

    def run(self, place: int, group: Group, state: State, *, placing: bool) -> Contribution:
        """See Runner."""
        view, schema = self._job.view, self._job.schema
        placed: list[Placed] = []
        held = self._kept.get(place)
        if held is None:
            scans = [scan_of(view, schema, bucket, self._job.settled) for bucket in group.buckets]
            persons = [view.persons[bucket] for bucket in group.buckets]
            held, placed = read(self._computation, scans, persons, placing=placing)
            self._keep(place, held)
        return Contribution([self._computation.partial(one, state) for one in held], placed)

    def _keep(self, place: int, held: list[Any]) -> None:
        size = int(sum(one.estimated_size() for one in held))
        with self._lock:
            if self._computation.rounds and self._bytes + size <= self._most:
                self._kept[place] = held
                self._bytes += size
