"""The local executor: bucket groups on a few threads, fair between plans, to be cancelled."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Event
from typing import Protocol

import polars as pl

from workbench.domain.errors import Refusal
from workbench.engine.analyses import Computation, Parts, State, computation_of
from workbench.engine.faults import fault
from workbench.engine.placed import Placed, placed_of, together
from workbench.engine.views import ProjectView
from workbench.plan import CheckedPlan, Schema
from workbench.sdk.compile import EVERYBODY, Scan, everybody, source

__all__ = ["Executor", "Job", "LocalExecutor", "Progress", "Session", "scan_of"]

Progress = Callable[[int, int], None]
"""Called with bucket groups done and in all."""

GROUP_PERSONS = 100_000
"""Small buckets are run together until a group holds so many persons: a bucket costs some
milliseconds of its own, whatever its size."""
KEPT_BYTES = 512 << 20
"""Frames of a computation with several rounds are kept up to so many bytes; the others are read
again in each round."""
CANCEL_POLL = 0.05


@dataclass(frozen=True)
class Job:
    """A checked plan on a view; `cancelled` stops it, `progress` is told how far it came."""

    checked: CheckedPlan
    view: ProjectView
    schema: Schema
    cancelled: Event
    progress: Progress


class Session(Protocol):
    """A job under way."""

    @property
    def placed(self) -> Placed:
        """Where each person fell; known after the first round."""

    def round(self, state: State) -> Parts:
        """The merged contribution of every bucket; Refusal("cancelled") as soon as asked for."""


class Executor(Protocol):
    """Runs the rounds of a job over every bucket of its view."""

    def open(self, job: Job) -> AbstractContextManager[Session]:
        """The session of a job; what it held is freed when it is left."""


class LocalExecutor:
    """Threads of this process; polars itself uses the processor's cores below them."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bucket")

    @contextmanager
    def open(self, job: Job) -> Iterator["LocalSession"]:
        """See Executor. Only as many groups as threads are under way, so plans take turns."""
        yield LocalSession(job, self._pool, self._threads)

    def close(self) -> None:
        """Stop the threads once their groups are done."""
        self._pool.shutdown(wait=False, cancel_futures=True)


Contribution = tuple[list[Parts], list[Placed], list[pl.DataFrame]]


class LocalSession:
    """See Session."""

    def __init__(self, job: Job, pool: ThreadPoolExecutor, threads: int) -> None:
        self._job = job
        self._pool = pool
        self._threads = threads
        self._computation = computation_of(job.checked)
        self._groups = list(_groups(job.view.persons))
        self._kept: dict[int, list[pl.DataFrame]] = {}
        self._bytes = 0
        self._placed: Placed | None = None

    @property
    def placed(self) -> Placed:
        """See Session."""
        if self._placed is None:
            raise fault("nobody was placed yet")
        return self._placed

    def round(self, state: State) -> Parts:
        """See Session."""
        results: dict[int, tuple[list[Parts], list[Placed]]] = {}
        running: dict[Future[Contribution], int] = {}
        waiting = iter(range(len(self._groups)))
        self._job.progress(0, len(self._groups))
        while len(results) < len(self._groups):
            for place in islice(waiting, self._threads - len(running)):
                running[self._pool.submit(self._run, place, state)] = place
            done, _ = wait(running, timeout=CANCEL_POLL, return_when=FIRST_COMPLETED)
            if self._job.cancelled.is_set():
                for one in running:
                    one.cancel()
                raise Refusal(
                    "cancelled",
                    "The plan was stopped; nothing was released or charged.",
                    "Run it again when you want to.",
                )
            for one in done:
                place = running.pop(one)
                parts, placed, frames = one.result()
                results[place] = parts, placed
                self._keep(place, frames)
                self._job.progress(len(results), len(self._groups))
        ordered = [results[place] for place in range(len(self._groups))]
        if self._placed is None:
            self._placed = together([one for _, placed in ordered for one in placed])
        return self._computation.merge([one for parts, _ in ordered for one in parts])

    def _run(self, place: int, state: State) -> Contribution:
        group = self._groups[place]
        frames = self._kept.get(place)
        if frames is None:
            frames = collected(self._computation, self._job, group)
        placed = (
            []
            if self._placed is not None
            else [
                placed_of(frame, self._job.view.persons[bucket], self._job.checked.cells)
                for bucket, frame in zip(group, frames, strict=True)
            ]
        )
        return [self._computation.partial(one, state) for one in frames], placed, frames

    def _keep(self, place: int, frames: list[pl.DataFrame]) -> None:
        size = int(sum(one.estimated_size() for one in frames))
        if (
            self._computation.rounds
            and place not in self._kept
            and (self._bytes + size <= KEPT_BYTES)
        ):
            self._kept[place] = frames
            self._bytes += size


def collected(computation: Computation, job: Job, group: list[int]) -> list[pl.DataFrame]:
    """The computation's frame in each bucket of a group."""
    lazy = [computation.frame(scan_of(job.view, job.schema, bucket)) for bucket in group]
    return pl.collect_all(lazy)


def _groups(persons: tuple[int, ...]) -> Iterator[list[int]]:
    group: list[int] = []
    held = 0
    for bucket, size in enumerate(persons):
        group.append(bucket)
        held += size
        if held >= GROUP_PERSONS:
            yield group
            group, held = [], 0
    if group:
        yield group


def scan_of(view: ProjectView, schema: Schema, bucket: int) -> Scan:
    """Reads the datasets and the persons of one bucket of a view."""

    def scan(name: str) -> pl.LazyFrame:
        if name == EVERYBODY:
            return everybody(view.persons[bucket])
        return source(view.scan(name, bucket), schema.datasets[name])

    return scan
