"""The rounds of a job over its bucket groups: dealt out fairly, cancelled, and held to its time."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol

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

__all__ = ["Contribution", "Rounds", "Runner", "contribution", "frames_of"]

CANCEL_POLL = 0.05


@dataclass(frozen=True)
class Contribution:
    """Of each bucket of a group its parts and, when asked for, where its persons fell."""

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
        try:
            done = self._run(state, placing=placing)
        finally:
            self._pool.forget(self._job.view.project, self)
        if placing:
            self._placed = together([place for one in done for place in one.placed])
        return self._computation.merge([part for one in done for part in one.parts])

    def _run(self, state: State, *, placing: bool) -> list[Contribution]:
        def work(place: int, group: Group) -> "Future[Contribution]":
            return self._pool.submit(
                self._job.view.project,
                self,
                group.need,
                lambda: self._runner.run(place, group, state, placing=placing),
            )

        futures = [work(place, group) for place, group in enumerate(self._groups)]
        left = set(futures)
        self._job.progress(0, len(futures))
        while left:
            done, left = wait(left, timeout=CANCEL_POLL, return_when=FIRST_COMPLETED)
            if self._job.cancelled.is_set():
                raise Refusal(
                    "cancelled",
                    "The plan was stopped; nothing was released or charged.",
                    "Run it again when you want to.",
                )
            self._deadline.check()
            for one in done:
                one.result()
            if done:
                self._job.progress(len(futures) - len(left), len(futures))
        return [one.result() for one in futures]


def frames_of(computation: Computation, scans: Sequence[Scan]) -> list[pl.DataFrame]:
    """The computation's frame in each bucket."""
    return pl.collect_all([computation.frame(scan) for scan in scans])


def contribution(
    computation: Computation,
    frames: Sequence[pl.DataFrame],
    persons: Sequence[int],
    state: State,
    *,
    placing: bool,
) -> Contribution:
    """What the frames of a group's buckets contribute in a round."""
    cells = computation.checked.cells
    placed = [
        placed_of(frame, count, cells)
        for frame, count in zip(frames, persons, strict=True)
        if placing
    ]
    return Contribution([computation.partial(one, state) for one in frames], placed)
