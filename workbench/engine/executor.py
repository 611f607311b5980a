"""The local executor: bucket groups on a few threads, fair between plans, to be cancelled."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import Protocol

import polars as pl

from workbench.domain.errors import Refusal
from workbench.engine.partials import Partial, merge, partial_of
from workbench.engine.views import ProjectView
from workbench.plan import CheckedPlan, Schema
from workbench.sdk.compile import EVERYBODY, Scan, cells, everybody, source

__all__ = ["Executor", "LocalExecutor", "Progress", "scan_of"]

Progress = Callable[[int, int], None]
"""Called with bucket groups done and in all."""

GROUP_PERSONS = 100_000
"""Small buckets are run together until a group holds so many persons: a bucket costs some
milliseconds of its own, whatever its size."""
CANCEL_POLL = 0.05


class Executor(Protocol):
    """Runs a checked plan over every bucket of a view."""

    def run(
        self,
        checked: CheckedPlan,
        view: ProjectView,
        schema: Schema,
        *,
        cancelled: Event,
        progress: Progress,
    ) -> Partial:
        """The merged partial; Refusal("cancelled") as soon as `cancelled` is set."""


class LocalExecutor:
    """Threads of this process; polars itself uses the processor's cores below them."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bucket")

    def run(
        self,
        checked: CheckedPlan,
        view: ProjectView,
        schema: Schema,
        *,
        cancelled: Event,
        progress: Progress,
    ) -> Partial:
        """See Executor. Only as many groups as threads are under way, so plans take turns."""
        groups = list(_groups(view.persons))
        results: dict[int, list[Partial]] = {}
        running: dict[Future[list[Partial]], int] = {}
        waiting = iter(enumerate(groups))
        progress(0, len(groups))
        while len(results) < len(groups):
            for place, group in islice(waiting, self._threads - len(running)):
                running[self._pool.submit(_run_group, checked, view, schema, group)] = place
            done, _ = wait(running, timeout=CANCEL_POLL, return_when=FIRST_COMPLETED)
            if cancelled.is_set():
                for one in running:
                    one.cancel()
                raise Refusal(
                    "cancelled",
                    "The plan was stopped; nothing was released or charged.",
                    "Run it again when you want to.",
                )
            for one in done:
                results[running.pop(one)] = one.result()
                progress(len(results), len(groups))
        return merge([one for place in sorted(results) for one in results[place]])

    def close(self) -> None:
        """Stop the threads once their groups are done."""
        self._pool.shutdown(wait=False, cancel_futures=True)


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


def _run_group(
    checked: CheckedPlan, view: ProjectView, schema: Schema, group: list[int]
) -> list[Partial]:
    frames = pl.collect_all([cells(checked, scan_of(view, schema, bucket)) for bucket in group])
    return [
        partial_of(frame, view.persons[bucket], checked.cells)
        for bucket, frame in zip(group, frames, strict=True)
    ]


def scan_of(view: ProjectView, schema: Schema, bucket: int) -> Scan:
    """Reads the datasets and the persons of one bucket of a view."""

    def scan(name: str) -> pl.LazyFrame:
        if name == EVERYBODY:
            return everybody(view.persons[bucket])
        return source(view.scan(name, bucket), schema.datasets[name])

    return scan
