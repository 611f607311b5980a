"""What runs a plan: a session of rounds over all bucket groups of a view, wherever they are run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

import polars as pl

from workbench.engine.analyses import Parts, State
from workbench.engine.limits import Limits
from workbench.engine.placed import Placed
from workbench.engine.views import ProjectView
from workbench.plan import CheckedPlan, Schema

__all__ = ["Executor", "Job", "Progress", "Session"]

Progress = Callable[[int, int], None]
"""Called with bucket groups done and in all."""


@dataclass(frozen=True)
class Job:
    """A checked plan on a view; `cancelled` stops it, `progress` is told how far it came.

    settled: what each bucket must know of all others; see `settle`.
    """

    checked: CheckedPlan
    view: ProjectView
    schema: Schema
    cancelled: Event
    progress: Progress
    limits: Limits = field(default_factory=Limits)
    settled: Mapping[str, Sequence[pl.DataFrame]] = field(default_factory=dict)


class Session(Protocol):
    """A job under way."""

    @property
    def placed(self) -> Placed:
        """Where each person fell; known after the first round."""

    def round(self, state: State) -> Parts:
        """The merged contribution of every bucket.

        Raises Refusal("cancelled", "too_long", …) as soon as it is so.
        """


class Executor(Protocol):
    """Runs the rounds of a job over every bucket of its view."""

    def open(self, job: Job) -> AbstractContextManager[Session]:
        """The session of a job; what it held is freed when it is left.

        Raises Refusal("too_much_memory") when no division into groups fits the job's limits.
        """

    def close(self) -> None:
        """End what runs; no session is opened afterwards."""
