"""One sealed run: a script on real rows in a sandbox of its own, results by the outbox only."""

import asyncio
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from kernels.errors import Fault, Refusal
from kernels.host.budget import Budget
from kernels.host.config import GateConfig
from kernels.host.engine_link import EngineLink
from kernels.host.environment import Environment
from kernels.host.memory import memory_file
from kernels.host.outbox import collect
from kernels.host.sandbox import Jail
from kernels.host.spawn import Confined, Ground
from kernels.host.spool import Collected, RunRecord, Spool
from kernels.host.status import End
from kernels.host.told import told_after
from kernels.host.uids import Uids

__all__ = ["Ended", "SealedRuns"]

_KEYS = "/run/view-keys.json"
Outcome = Literal["ok", "error", "stopped"]


@dataclass(frozen=True)
class Ended:
    """What the researcher may know. note: a sentence of ours, or empty.

    tell_at: the moment (of the event loop's clock) from which on it may be told.
    """

    ok: bool
    line: int | None = None
    note: str = ""
    tell_at: float = 0.0


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
        allowed = config.limits
        self._budget = Budget(allowed.sealed_runs_an_hour, allowed.sealed_runs_a_day, now)

    def admit(self, code: str, project: str, user: str) -> None:
        """Count a run against the person's hour and day; Refusal when there is no room for it."""
        limits = self._config.limits
        if code.count("\n") >= limits.sealed_lines:
            raise Refusal(
                "script_too_long",
                f"A sealed script has at most {limits.sealed_lines} lines.",
                "Split it into several runs.",
            )
        if wait := self._budget.wait(project, user):
            raise Refusal(
                "runs_used_up",
                f"{limits.sealed_runs_an_hour} sealed runs an hour are allowed, and "
                f"{limits.sealed_runs_a_day} a day.",
                "Try the script on the twin with the Workbench kernel; the next run may begin in "
                f"{wait / 60:.0f} min.",
            )
        self._budget.spend(project, user)

    async def run(
        self, code: str, project: str, user: str, kernel: str, started: Callable[[], None]
    ) -> Ended:
        """Run `code` to its end and leave the record and files in the spool.

        `started` is called when a place is free and the sandbox begins. A cancelled task kills
        the sandbox and leaves the record "stopped". Raises Refusal when the engine gives no keys.
        """
        loop = asyncio.get_running_loop()
        await self._places.acquire()
        free_at = loop.time()
        try:
            view = await self._engine.sealed_keys(project, user)
            path = self._config.of_project(view.path, project)
            await asyncio.to_thread(self._environment.check)
            started()
            began = loop.time()
            ended = await self._in_place(code, project, user, kernel, path, view.keys)
            free_at = began + told_after(loop.time() - began, self._config.limits.grid)
            return replace(ended, tell_at=free_at)
        finally:
            # whoever waits for the place learns no more of this run's end than is told of it
            loop.call_at(free_at, self._places.release)

    async def _in_place(
        self, code: str, project: str, user: str, kernel: str, path: Path, keys: dict[str, Any]
    ) -> Ended:
        begun = self._now()
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
            code_sha256=hashlib.sha256(code.encode()).hexdigest(),
            files=(),
        )
        held = memory_file(json.dumps(keys).encode())
        try:
            return await self._confined(record, code, path, held, uid)
        finally:
            os.close(held)
            self._uids.give_back(uid)

    async def _confined(
        self, record: RunRecord, code: str, view: Path, keys: int, uid: int
    ) -> Ended:
        limits = self._config.limits
        jail = Jail(
            mounts={"/data": view},
            files={_KEYS: keys},
            environment={"WORKBENCH_LANE": "sealed"},
        )
        task = {"lane": "sealed", "code": code}
        sandbox = self._ground.spawn(f"sealed-{record.run}", jail, task, uid)
        outcome: Outcome = "stopped"
        line, note = None, "The run was stopped."
        files: tuple[Collected, ...] = ()
        try:
            await sandbox.prove(limits.start)
            try:
                end = await asyncio.wait_for(_end_of(sandbox), limits.sealed_wall)
            except TimeoutError:
                note = f"The run was stopped: it took longer than {limits.sealed_wall:.0f} s."
            else:
                outcome, line, note = _told(end, sandbox)
            sandbox.kill()
            await sandbox.ended()
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
            self._spool.run(
                replace(record, ended=self._now(), outcome=outcome, line=line, files=files)
            )
        return Ended(outcome == "ok", line, note)

    async def _collect(self, sandbox: Confined) -> tuple[tuple[Collected, ...], str]:
        if sandbox.status.outbox is None:
            raise Fault("a sealed run had no outbox")
        try:
            files = await asyncio.to_thread(collect, sandbox.status.outbox, self._spool.blob)
        except Refusal as refusal:
            # which rule it was would tell something of the files
            return (), f"The outbox could not be collected. {refusal.remedy}"
        return files, ""


async def _end_of(sandbox: Confined) -> tuple[End | None, int]:
    word = await sandbox.status.receive()
    return (word if isinstance(word, End) else None), await sandbox.ended()


def _told(end: tuple[End | None, int], sandbox: Confined) -> tuple[Outcome, int | None, str]:
    word, status = end
    if sandbox.out_of_memory():
        return "error", None, "The run used more memory than a run may."
    if word is None or status != 0:
        return "error", None, ""
    return word.outcome, word.line, ""
