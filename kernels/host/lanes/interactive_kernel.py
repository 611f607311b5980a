"""An interactive sealed kernel: IPython on real rows, of which only each cell's end is told."""

import asyncio
import contextlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from kernels.errors import Fault, Refusal
from kernels.host.egress.capacity import MEMORY_STEPS
from kernels.host.egress.submission import Submissions
from kernels.host.egress.told import told_after
from kernels.host.endings import Ending, sentence
from kernels.host.lanes.desk import Desk
from kernels.host.refusals import told
from kernels.host.relay.links import CHANNELS, ENDING, Back, Front
from kernels.host.relay.requests import Request
from kernels.host.relay.session import Received, Wire
from kernels.host.relay.strict import Outcome, Strict
from kernels.host.relay.zmtp import Gone
from kernels.host.rundir import RunFolder
from kernels.host.sandbox.bubblewrap import Jail
from kernels.host.sandbox.memory import memory_file
from kernels.host.sandbox.spawn import Confined
from kernels.protocol import Ended, Grant, Launch

__all__ = ["SUBMIT", "InteractiveKernel"]

SUBMIT = "%submit"
_KEYS = "/run/view-keys.json"
_KERNEL_MESSAGE = 4 << 10
"""Bytes of a message of the kernel; longer ones break its link, and end it."""
_NOISE = 1000
"""Messages of a kernel that were dropped; one that sends more is ended."""


class InteractiveKernel:
    """One kernel from launch to end; see `kernels.host.lanes.desk.Kernel`."""

    def __init__(self, desk: Desk, grant: Grant, launch: Launch, peer: int) -> None:
        self.grant = grant
        self._desk = desk
        self._launch = launch
        self._peer = peer
        self._profile = Strict()
        self._queue: asyncio.Queue[Request] = asyncio.Queue()
        self._waiting: asyncio.Future[Outcome] | None = None
        self._submissions = Submissions(desk.spool, grant, launch.kernel, desk.now)
        self._memory = 1
        self._why = ""
        self._tell = True
        self._tasks: list[asyncio.Task[Any]] = []
        self._uid: int | None = None
        self._folder: RunFolder | None = None
        self._front: Front | None = None
        self._back: Back | None = None
        self._sandbox: Confined | None = None
        self._loop = asyncio.get_running_loop()
        self._active = self._began = self._loop.time()

    async def start(self) -> Path:
        """Count the start, fetch the keys, start the sandbox, open the relay."""
        desk, grant = self._desk, self.grant
        desk.cells.start(grant.project, grant.user)
        view = await desk.engine.sealed_keys(grant.project, grant.user, "interactive")
        path = desk.config.of_project(view.path, grant.project)
        self._uid = desk.uids.take()
        self._folder = folder = desk.folder(grant)
        key = Wire.new_key()
        self._front = Front(folder.front, self._launch.front_key.encode())
        if desk.ground.as_root:
            self._front.give_to(folder.front, self._peer)
        listeners = folder.listen_for_relay(len(CHANNELS))
        keys = memory_file(json.dumps(view.keys).encode())
        try:
            inherited = [listener.fileno() for listener in listeners]
            jail = Jail({"/data": path}, {_KEYS: keys}, {"WORKBENCH_LANE": "interactive"})
            task = {"lane": "interactive", "listen": inherited, "key": key.decode()}
            name = f"kernel-{os.urandom(16).hex()}"
            self._sandbox = desk.ground.spawn(name, jail, task, self._uid, inherited)
        finally:
            os.close(keys)
            for listener in listeners:
                listener.close()
        await self._sandbox.prove(desk.config.limits.start)
        self._back = Back(folder.back, key, self._profile.hears, _KERNEL_MESSAGE)
        self._began = self._loop.time()
        loops = [*self._front.serve(self._from_browser), *self._back.serve(self._from_kernel)]
        loops += [self._work(self._front, self._back), self._watch(self._back)]
        self._tasks += [asyncio.create_task(each) for each in loops]
        return folder.front

    async def interrupt(self) -> None:
        """Ask the kernel to raise KeyboardInterrupt; forget the cells that wait."""
        await self._abort()
        if self._back is not None:
            with contextlib.suppress(TimeoutError):  # a kernel that reads nothing
                await asyncio.wait_for(self._back.send(self._profile.interrupt()), 1.0)

    def stop(self, why: str, *, tell: bool = True) -> None:
        """End it at once."""
        if not self._why:
            self._why, self._tell = why, tell
        if self._sandbox is not None:
            self._sandbox.kill()

    async def ended(self) -> Ended:
        """Wait for the end of the sandbox and for the moment at which it may be told.

        The exit status is always the same: it would be the kernel's own word.
        """
        if self._sandbox is not None:
            await self._sandbox.ended()
            if not self._why:  # it died of itself, so that the moment is its own too
                memory = self._sandbox.out_of_memory()
                self._why = self._sentence(Ending.MEMORY if memory else Ending.DIED)
                await self._until_told()
        why = self._why or "The kernel did not start."
        request = self._profile.requests.last_shown()
        if self._tell and request is not None and self._front is not None:
            await self._front.send(self._profile.say(request, why))
        return Ended(exit=-9, why=why)

    async def close(self) -> None:
        """Kill what is left of it and give everything back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._sandbox is not None:
            self._sandbox.kill()
            await self._sandbox.ended()
            if self._sandbox.status.outbox is not None:
                os.close(self._sandbox.status.outbox)
            self._sandbox.close()
        for link in (self._front, self._back):
            if link is not None:
                link.close()
        if self._folder is not None:
            self._folder.remove()
        if self._uid is not None:
            self._desk.uids.give_back(self._uid)
        await asyncio.to_thread(self._submissions.note_cells)

    @property
    def dropped(self) -> Counter[str]:
        """How many messages did not pass, by reason."""
        counted = Counter(self._profile.dropped)
        for name, link in (("front", self._front), ("back", self._back)):
            if link is not None:
                counted[f"{name}_malformed"] += link.malformed
        return +counted

    # ---- messages
    async def _from_browser(self, channel: str, received: Received) -> None:
        self._active = self._loop.time()
        follows = self._profile.incoming(channel, received)
        if self._front is not None:
            for answer in follows.answers:
                await self._front.send(answer)
        if follows.run is not None:
            if self._waiting is not None or not self._queue.empty():
                await self._say(follows.run, "queued")
            self._queue.put_nowait(follows.run)
        if follows.stop:
            await self.interrupt()
        if follows.end:
            self.stop("The kernel was shut down.", tell=False)

    async def _from_kernel(self, channel: str, received: Received) -> None:
        outcome = self._profile.outgoing(channel, received)
        if outcome is not None and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(outcome)

    # ---- cells
    async def _work(self, front: Front, back: Back) -> None:
        while True:
            request = await self._queue.get()
            self._waiting = self._loop.create_future()
            try:
                outcome, note = await self._one(request, back, self._waiting)
            except Refusal as refusal:
                outcome, note = Outcome(ok=False), str(told(refusal, self._desk.config.language))
            except Fault as fault:
                outcome, note = Outcome(ok=False), f"It failed (incident {fault.incident})."
            finally:
                self._waiting = None
            await self._say(request, note)
            for message in self._profile.ended(request, outcome.line, ok=outcome.ok):
                await front.send(message)
            if not outcome.ok:
                await self._abort()

    async def _one(
        self, request: Request, back: Back, waiting: "asyncio.Future[Outcome]"
    ) -> tuple[Outcome, str]:
        """Run a cell; returns, when it may be told, its outcome and a sentence of ours."""
        limits, who = self._desk.config.limits, (self.grant.project, self.grant.user)
        if request.code.count("\n") >= limits.cell_lines:
            raise Refusal(
                "cell_too_long",
                f"A cell of a sealed kernel has at most {limits.cell_lines} lines.",
                "Split it, or submit it as a sealed run.",
                limits.cell_lines,
            )
        try:
            self._desk.cells.cell(*who)
        except Refusal as refusal:
            await asyncio.to_thread(self._submissions.note_cells, refusal.code)
            raise
        await self._say(request, "running")
        self._began = self._loop.time()
        if request.code.strip() == SUBMIT:
            outcome, note = await self._submit()
        else:
            self._submissions.ran(request.code)
            await back.send(self._profile.forward(request))
            outcome, note = await waiting, self._used()
        if not outcome.ok:
            self._desk.cells.error(*who)
            self._submissions.failed()
        await self._until_told()
        return outcome, note

    async def _submit(self) -> tuple[Outcome, str]:
        if self._sandbox is None or self._sandbox.status.outbox is None or self._why:
            raise Fault("an interactive kernel has no outbox")
        # a descriptor of its own: the work goes on when the kernel is closed meanwhile
        outbox = os.dup(self._sandbox.status.outbox)
        try:
            take = self._submissions.take
            await asyncio.to_thread(take, self._sandbox.number, outbox, self._untold)
        except Refusal as refusal:
            # which rule it was would tell something of the files
            return Outcome(ok=False), f"Nothing was submitted. {refusal.remedy}"
        return Outcome(ok=True), "Submitted: a disclosure officer reads the files of /outbox now."

    async def _abort(self) -> None:
        while self._front is not None and not self._queue.empty():
            for message in self._profile.aborted(self._queue.get_nowait()):
                await self._front.send(message)

    def _used(self) -> str:
        """The highest memory so far, in steps that only rise."""
        most = self._desk.config.limits.memory
        if self._sandbox is not None:
            step = 1 + self._sandbox.memory() * MEMORY_STEPS // most
            self._memory = max(self._memory, min(step, MEMORY_STEPS))
        told = most * self._memory / MEMORY_STEPS / (1 << 30)
        return f"ended; memory so far: at most {told:.2g} of {most >> 30} GiB; output is withheld"

    def _untold(self) -> float:
        """Seconds until the end of what is being done may be told."""
        took = self._loop.time() - self._began
        return told_after(took, self._desk.config.limits.grid) - took

    async def _until_told(self) -> None:
        await asyncio.sleep(self._untold())

    async def _say(self, request: Request, text: str) -> None:
        if self._front is not None:
            await self._front.send(self._profile.say(request, text))

    async def _watch(self, back: Back) -> None:
        """End the kernel when a link breaks, when it is noisy or idle or has run for too long."""
        limits = self._desk.config.limits
        until = self._loop.time() + limits.wall
        lost = asyncio.ensure_future(back.lost())
        try:
            while not lost.done():
                now = self._loop.time()
                if now >= until:
                    return self.stop(self._sentence(Ending.WALL, limits.wall))
                if now >= self._active + limits.idle and self._waiting is None:
                    return self.stop(self._sentence(Ending.IDLE, limits.idle))
                if self._noise(back) > _NOISE:
                    break
                await asyncio.wait({lost}, timeout=limits.grid)
            gone = lost.done() and lost.result() is Gone
            if gone:
                await asyncio.sleep(ENDING)  # a process that ends closes the links first
            await self._until_told()
            return self.stop(self._sentence(Ending.DIED if gone else Ending.BROKEN))
        finally:
            lost.cancel()

    def _sentence(self, ending: Ending, seconds: float = 0.0) -> str:
        config = self._desk.config
        time = f"{seconds / 3600:.0f} h" if seconds >= 3600 else f"{seconds:.0f} s"
        return sentence(ending, config.language, gib=config.limits.memory >> 30, time=time)

    def _noise(self, back: Back) -> int:
        known = self._profile.dropped
        return back.malformed + known["not_asked"] + known["malformed"]
