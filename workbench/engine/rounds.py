"""The rounds of a job over its bucket groups: dealt out fairly, cancelled, and held to its time."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import polars as pl

from workbench.domain.errors import Refusal
from workbench.engine.analyses import Computation, Parts, State, computation_of
from workbench.engine.executor import Job
from workbench.engine.fair import FairPool
from workbench.engine.faults import fault
from workbench.engine.groups import Group
from workbench.engine.limits import Deadline
from workbench.engine.placed import Placed, placed_of, together
from workbench.sdk.compile import Scan
from workbench.sdk.compile.frames import aggregate
from workbench.sdk.compile.gathered import (
    Gathered,
    Misnumbered,
    aggregate_key,
    of_each,
    stages,
)

__all__ = ["Contribution", "Rounds", "Runner", "dealt", "read"]

CANCEL_POLL = 0.05
Done = TypeVar("Done")


@dataclass(frozen=True)
class Contribution:
    """Parts of a group, and of each bucket, when asked for, where its persons fell."""

    parts: Sequence[Parts]
    placed: Sequence[Placed]


class Runner(Protocol):
    """Computes a bucket group somewhere; called from the pool's threads."""

    def run(self, place: int, group: Group, state: State, *, placing: bool) -> Contribution:
        """place: the group's number. placing: whether the persons' places are wanted."""


class Rounds:
    """See workbench.engine.executor.Session."""

    def __init__(self, job: Job, groups: Sequence[Group], pool: FairPool, runner: Runner) -> None:
        self._job = job
        self._groups = groups
        self._pool = pool
        self._runner = runner
        self._computation = computation_of(job.checked)
        self._deadline = Deadline(job.limits.seconds)
        self._placed: Placed | None = None

    @property
    def placed(self) -> Placed:
        """See Session."""
        if self._placed is None:
            raise fault("nobody was placed yet")
        return self._placed

    def round(self, state: State) -> Parts:
        """See Session."""
        placing = self._placed is None
        done = self._run(state, placing=placing)
        if placing:
            self._placed = together([place for one in done for place in one.placed])
        return self._computation.merge([part for one in done for part in one.parts])

    def _run(self, state: State, *, placing: bool) -> list[Contribution]:
        def work(place: int, group: Group) -> Contribution:
            return self._runner.run(place, group, state, placing=placing)

        return dealt(self._job, self._groups, self._pool, work, self._deadline)


def dealt(
    job: Job,
    groups: Sequence[Group],
    pool: FairPool,
    work: Callable[[int, Group], Done],
    deadline: Deadline | None = None,
) -> list[Done]:
    """What `work` makes of each group, in order, dealt out by the pool.

    Raises Refusal("cancelled", "too_long") as soon as it is so; what waits is then forgotten.
    """
    until = Deadline(job.limits.seconds) if deadline is None else deadline
    owner = object()

    def submitted(place: int, group: Group) -> "Future[Done]":
        return pool.submit(job.view.project, owner, group.need, lambda: work(place, group))

    try:
        futures = [submitted(place, group) for place, group in enumerate(groups)]
        left = set(futures)
        job.progress(0, len(futures))
        while left:
            done, left = wait(left, timeout=CANCEL_POLL, return_when=FIRST_COMPLETED)
            if job.cancelled.is_set():
                raise Refusal(
                    "cancelled",
                    "The plan was stopped; nothing was released or charged.",
                    "Run it again when you want to.",
                )
            until.check()
            for one in done:
                one.result()
            if done:
                job.progress(len(futures) - len(left), len(futures))
        return [one.result() for one in futures]
    finally:
        pool.forget(job.view.project, owner)


def frames_of(
    computation: Computation, scans: Sequence[Scan], persons: Sequence[int]
) -> list[pl.DataFrame]:
    """The computation's frame in each bucket. persons: how many each bucket has."""
    held: list[dict[str, pl.Series]] = [{} for _ in scans]
    told = [Gathered(scan, values) for scan, values in zip(scans, held, strict=True)]
    for stage in stages(computation.checked.plan):
        wanted = [(at, one) for at in range(len(told)) for one in stage]
        read = pl.collect_all([aggregate(one, told[at]) for at, one in wanted])
        for (at, one), rows in zip(wanted, read, strict=True):
            try:
                held[at][aggregate_key(one)] = of_each(one, rows, persons[at])
            except Misnumbered:
                raise fault("persons of a bucket are not numbered as its view says") from None
    return pl.collect_all([computation.frame(scan) for scan in told])


def read(
    computation: Computation, scans: Sequence[Scan], persons: Sequence[int], *, placing: bool
) -> tuple[list[Any], list[Placed]]:
    """What a computation holds of a group's buckets; and, when asked for, its persons' places."""
    frames = frames_of(computation, scans, persons)
    cells = computation.checked.cells
    placed = [
        placed_of(frame, count, cells, computation.numbers())
        for frame, count in zip(frames, persons, strict=True)
        if placing
    ]
    return computation.held(frames), placed
