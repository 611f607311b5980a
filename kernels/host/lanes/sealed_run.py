"""One sealed run: a script on real rows in a sandbox of its own, results by the outbox only."""

import asyncio
import contextlib
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from kernels.cells import exists
from kernels.errors import Fault, Refusal
from kernels.host.budget import Budget
from kernels.host.config import GateConfig
from kernels.host.egress.capacity import MEMORY_STEPS
from kernels.host.egress.outbox import collect_and_close
from kernels.host.egress.spool import Collected, RunRecord, Spool
from kernels.host.egress.told import told_after
from kernels.host.engine_link import EngineLink
from kernels.host.environment import Environment
from kernels.host.lanes.run_notes import Note, noted
from kernels.host.sandbox.bubblewrap import Jail
from kernels.host.sandbox.memory import memory_file
from kernels.host.sandbox.spawn import Confined, Ground
from kernels.host.sandbox.status import End
from kernels.host.sandbox.uids import Uids

__all__ = ["Ended", "SealedRuns"]

_KEYS = "/run/view-keys.json"
_LOOK = 0.2
"""Seconds between looks at the memory of a run without a control group."""
Outcome = Literal["ok", "error", "stopped"]


@dataclass(frozen=True)
class Ended:
    """What the researcher may know. note: a sentence of ours, or empty.

    cell: of a notebook, the number of the cell that the line is in; used: bytes of memory, the
    end of the quarter of the limit that it came to; took: seconds, as long as `tell_at` says.
    tell_at: the moment (of the event loop's clock) from which on it may be told.
    """

    ok: bool
    line: int | None = None
    note: str = ""
    tell_at: float = 0.0
    cell: int | None = None
    used: int = 0
    took: float = 0.0


class SealedRuns:
    """Starts sealed runs, a few at once on this host, so many an hour for each person."""

    def __init__(
        self,
        config: GateConfig,
        ground: Ground,
        environment: Environment,
        engine: EngineLink,
        spool: Spool,
        uids: Uids,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._ground = ground
        self._environment = environment
        self._engine = engine
        self._spool = spool
        self._uids = uids
        self._now = now
        self._places = asyncio.Semaphore(config.limits.sealed_at_once)
        self._inside = 0
        allowed = config.limits
        an_hour, a_day = allowed.sealed_runs_an_hour, allowed.sealed_runs_a_day
        self._budget = Budget(an_hour, a_day, now, config.zone / "spent-runs")

    def admit(self, code: str, project: str, user: str) -> None:
        """Count a run against the person's hour and day; Refusal when there is no room for it."""
        limits = self._config.limits
        if code.count("\n") >= limits.sealed_lines:
            raise Refusal(
                "script_too_long",
                f"A sealed script has at most {limits.sealed_lines} lines.",
                "Split it into several runs.",
                limits.sealed_lines,
            )
        if wait := self._budget.wait(project, user):
            raise Refusal(
                "runs_used_up",
                f"{limits.sealed_runs_an_hour} sealed runs an hour are allowed, and "
                f"{limits.sealed_runs_a_day} a day.",
                "Try the script on the twin with the Workbench kernel; the next run may begin in "
                f"{wait / 60:.0f} min.",
                limits.sealed_runs_an_hour,
                limits.sealed_runs_a_day,
                f"{wait / 60:.0f}",
            )
        self._budget.spend(project, user)

    @property
    def ahead(self) -> int:
        """How many runs must end before one that were asked for now could begin."""
        return max(0, self._inside - self._config.limits.sealed_at_once + 1)

    async def run(
        self, code: str, project: str, user: str, kernel: str, started: Callable[[], None]
    ) -> Ended:
        """Run `code` to its end and leave the record and files in the spool.

        `started` is called when a place is free and the sandbox begins. A cancelled task kills
        the sandbox and leaves the record "stopped". Raises Refusal when the engine gives no keys.
        """
        loop = asyncio.get_running_loop()
        self._inside += 1
        try:
            await self._places.acquire()
        except asyncio.CancelledError:
            self._inside -= 1
            raise
        free_at = loop.time()
        try:
            view = await self._engine.sealed_keys(project, user)
            path = self._config.of_project(view.path, project)
            await asyncio.to_thread(self._environment.check)
            started()
            ended = await self._in_place(code, project, user, kernel, path, view.keys)
            free_at = ended.tell_at
            return ended
        finally:
            # whoever waits for the place learns no more of this run's end than is told of it
            loop.call_at(free_at, self._leave)

    def _leave(self) -> None:
        self._inside -= 1
        self._places.release()

    async def _in_place(
        self, code: str, project: str, user: str, kernel: str, path: Path, keys: dict[str, Any]
    ) -> Ended:
        begun, began = self._now(), asyncio.get_running_loop().time()
        uid = self._uids.take()
        record = RunRecord(
            run=os.urandom(8).hex(),
            project=project,
            user=user,
            kernel=kernel,
            started=begun,
            ended=begun,
            outcome="stopped",
            line=None,
            code_sha256=await asyncio.to_thread(self._spool.blob, code.encode("utf-8", "replace")),
            files=(),
        )
        held = memory_file(json.dumps(keys).encode())
        try:
            return await self._confined(record, code, path, held, uid, began)
        finally:
            os.close(held)
            self._uids.give_back(uid)

    async def _confined(
        self, record: RunRecord, code: str, view: Path, keys: int, uid: int, began: float
    ) -> Ended:
        limits = self._config.limits
        clock = asyncio.get_running_loop().time
        jail = Jail(
            mounts={"/data": view},
            files={_KEYS: keys},
            environment={"WORKBENCH_LANE": "sealed"},
        )
        task = {"lane": "sealed", "code": code}
        sandbox = self._ground.spawn(f"sealed-{record.run}", jail, task, uid)
        outcome: Outcome = "stopped"
        cell, line, note, used = None, None, self._noted("stopped"), 0
        files: tuple[Collected, ...] = ()
        seen = [0]
        try:
            await sandbox.prove(limits.start)
            watching = asyncio.create_task(_largest(sandbox, seen))
            try:
                end = await asyncio.wait_for(_end_of(sandbox), limits.sealed_wall)
            except TimeoutError:
                note = self._noted("wall", seconds=limits.sealed_wall)
            else:
                outcome, cell, line = _told(end, sandbox, code)
                note = self._noted("memory") if sandbox.out_of_memory() else ""
            finally:
                watching.cancel()
            sandbox.kill()
            await sandbox.ended()
            used = _quarter(max(seen[0], sandbox.peak()), limits.memory)
            if outcome == "ok":
                files, note = await self._collect(sandbox)
                outcome = "error" if note else "ok"
        finally:
            sandbox.kill()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(sandbox.ended())
            if sandbox.status.outbox is not None:
                os.close(sandbox.status.outbox)
            sandbox.close()
            took = told_after(clock() - began, limits.grid)
            ended = self._now() + began + took - clock()  # its author sees when a request is made
            done = replace(record, ended=ended, outcome=outcome, files=files)
            self._spool.run(replace(done, cell=cell, line=line))
        return Ended(outcome == "ok", line, note, began + took, cell, used, took)

    def _noted(self, note: Note, **facts: str | float) -> str:
        return noted(note, self._config.language, **facts)

    async def _collect(self, sandbox: Confined) -> tuple[tuple[Collected, ...], str]:
        if sandbox.status.outbox is None:
            raise Fault("a sealed run had no outbox")
        try:
            outbox = os.dup(sandbox.status.outbox)
            files = await asyncio.to_thread(collect_and_close, outbox, self._spool.blob)
        except Refusal as refusal:
            # which rule it was would tell something of the files
            return (), self._noted("outbox", remedy=refusal.remedy)
        return files, ""


async def _end_of(sandbox: Confined) -> tuple[End | None, int]:
    word = await sandbox.status.receive()
    return (word if isinstance(word, End) else None), await sandbox.ended()


async def _largest(sandbox: Confined, seen: list[int]) -> None:
    """Note in `seen` the most memory that was seen in use, for hosts that keep no count of it."""
    while not sandbox.peak():
        seen[0] = max(seen[0], await asyncio.to_thread(sandbox.memory))
        await asyncio.sleep(_LOOK)


def _told(
    end: tuple[End | None, int], sandbox: Confined, code: str
) -> tuple[Outcome, int | None, int | None]:
    """Outcome, cell and line; a place that the code does not have is no place."""
    word, status = end
    if sandbox.out_of_memory():
        return "error", None, None
    if word is None or status != 0:
        return "error", None, None
    if word.outcome == "ok":
        return "ok", None, None
    if not exists(code, word.cell, word.line or 1):
        return "error", None, None
    return "error", word.cell, word.line


def _quarter(peak: int, limit: int) -> int:
    """Bytes at the end of the step that the peak is in: one of MEMORY_STEPS."""
    step = limit // MEMORY_STEPS
    return step * min(MEMORY_STEPS, max(1, math.ceil(peak / step)))
