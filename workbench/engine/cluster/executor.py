"""The executor on a cluster: what a worker needs goes out as JSON, arrays come back."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any

from pseudonym.sealing import seal
from workbench.domain.errors import Fault
from workbench.engine.analyses import State, computation_of
from workbench.engine.cluster.answers import unpacked
from workbench.engine.cluster.crew import Crew
from workbench.engine.cluster.request import Forget, Keys, Opening, Part, Work, context_of, cut
from workbench.engine.cluster.work import ANSWER
from workbench.engine.executor import Job, Session
from workbench.engine.fair import FairPool
from workbench.engine.faults import fault
from workbench.engine.groups import Group, groups_of, reads_of
from workbench.engine.local import LocalExecutor
from workbench.engine.rounds import Contribution, Rounds
from workbench.engine.settle import settles
from workbench.plan import canonical, lineage

__all__ = ["DaskExecutor"]

GROUP_ROWS = 5_000_000
"""Larger groups than at home: to ask and to be answered takes the three processes some 15 ms."""
SLOTS = 2
"""Groups under way for each worker: one that runs, one that waits for it."""


class DaskExecutor:
    """Workers of a cluster; at most SLOTS groups a worker are under way, so plans take turns."""

    def __init__(
        self,
        crew: Crew,
        seal_to: bytes,
        workers: int,
        memory: int,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """seal_to: the workers' public key. memory: bytes of one worker. close: called at last."""
        self._crew = crew
        self._seal_to = seal_to
        self._workers = workers
        self._memory = memory
        self._close = close
        self._pool = FairPool(workers * SLOTS, workers * SLOTS * memory)
        self._here = LocalExecutor(memory=memory)

    @contextmanager
    def open(self, job: Job) -> Iterator[Session]:
        """See Executor. Plans that need everybody at once are run by the engine itself."""
        if settles(job.checked.plan):
            with self._here.open(job) as session:
                yield session
            return
        most = min(job.limits.memory, self._memory * self._workers)
        reads = reads_of(job.checked.plan)
        groups = groups_of(job.view, reads, most, self._workers, GROUP_ROWS)
        there = _There(job, self._crew, self._seal_to, self._memory // 2)
        try:
            yield Rounds(job, groups, self._pool, there)
        finally:
            there.end()

    def close(self) -> None:
        """See Executor."""
        self._here.close()
        self._pool.close()
        self._crew.close()
        self._close()


class _There:
    """Runs groups of one session on whichever worker is free."""

    def __init__(self, job: Job, crew: Crew, seal_to: bytes, keep: int) -> None:
        self._job = job
        self._crew = crew
        self._seal_to = seal_to
        self._keep = keep
        self._session = secrets.token_hex(16)
        self._ended = Event()
        self._joined = computation_of(job.checked).joined
        plan = job.checked.plan
        found = lineage(plan)
        self._plan = canonical(plan).decode()
        self._columns: Mapping[str, list[str]] = {
            name: [
                variable.partition(".")[2]
                for variable in found.variables
                if variable.startswith(f"{name}.")
            ]
            for name in found.datasets
        }
        self._view: Any = cut(
            job.view.describe(), frozenset(found.variables), frozenset(found.datasets)
        )

    def run(self, place: int, group: Group, state: State, *, placing: bool) -> Contribution:
        """See Runner."""
        view = self._job.view
        persons = [view.persons[bucket] for bucket in group.buckets]
        request = Work(
            session=self._session,
            project=view.project,
            version=view.version,
            plan=self._plan,
            view=self._view,
            state=json.dumps(state),
            place=place,
            parts=[Part(persons=one) for one in persons],
            keys=self._keys(group),
            placing=placing,
            keep=self._keep,
        )
        answer = self._crew.ask(request.model_dump_json(), self._job.cancelled, self._ended)
        kind, content = answer[:1], answer[1:]
        if kind == ANSWER:
            parts = 1 if self._joined else len(persons)
            cells = self._job.checked.cells
            return unpacked(content, parts, persons, cells, placing=placing)
        raise _failed(content)

    def end(self) -> None:
        """Stop what runs, and have the workers forget what they hold, if they hold anything."""
        self._ended.set()
        if computation_of(self._job.checked).rounds:
            self._crew.tell(Forget(session=self._session).model_dump_json())

    def _keys(self, group: Group) -> str:
        view = self._job.view
        keys = Keys(
            datasets={
                name: [Opening(**view.opening(name, bucket, columns)) for bucket in group.buckets]
                for name, columns in self._columns.items()
            }
        )
        context = context_of(view.project, view.version, self._session)
        sealed = seal(self._seal_to, keys.model_dump_json().encode(), context)
        return base64.b64encode(sealed).decode()


def _failed(content: bytes) -> Fault:
    mark = content.decode("ascii", "replace")[:8]
    return fault(f"a worker failed, incident {mark if mark.isalnum() else '?'} in its log")
