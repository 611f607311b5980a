"""A "kernel" for sealed runs: no process waits in it; each cell is a run of its own."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from kernels.errors import Fault, Refusal
from kernels.host.lanes.desk import Desk
from kernels.host.lanes.run_notes import noted
from kernels.host.lanes.sealed_run import Ended as RunEnded
from kernels.host.refusals import told
from kernels.host.relay.links import Front
from kernels.host.relay.requests import Request
from kernels.host.relay.sealed import Sealed
from kernels.host.relay.session import Received
from kernels.host.rundir import RunFolder
from kernels.protocol import Ended, Grant, Launch

__all__ = ["SealedKernel"]


class SealedKernel:
    """One sealed notebook from launch to end; see `kernels.host.lanes.desk.Kernel`."""

    def __init__(self, desk: Desk, grant: Grant, launch: Launch, peer: int) -> None:
        self.grant = grant
        self._desk = desk
        self._launch = launch
        self._peer = peer
        self._profile = Sealed()
        self._queue: asyncio.Queue[Request] = asyncio.Queue()
        self._running: asyncio.Task[RunEnded] | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._tell = True
        self._folder: RunFolder | None = None
        self._front: Front | None = None

    async def start(self) -> Path:
        """Open the relay; nothing else runs yet."""
        desk = self._desk
        self._folder = folder = desk.folder(self.grant)
        self._front = Front(folder.front, self._launch.front_key.encode())
        if desk.ground.as_root:
            self._front.give_to(folder.front, self._peer)
        loops = [*self._front.serve(self._from_browser), self._work(self._front)]
        self._tasks = [asyncio.create_task(each) for each in loops]
        return folder.front

    async def interrupt(self) -> None:
        """Stop the run under way and forget those that wait."""
        while not self._queue.empty():
            await self._tell_end(self._queue.get_nowait(), RunEnded(ok=False, note="Not started."))
        if self._running is not None:
            self._running.cancel()

    def stop(self, why: str, *, tell: bool = True) -> None:
        """End it; a run under way is killed."""
        if not self._over.done():
            self._tell = tell
            self._over.set_result(why)

    async def ended(self) -> Ended:
        """Wait until it is stopped or shut down."""
        why = await asyncio.shield(self._over)
        request = self._profile.requests.last_shown()
        if self._tell and request is not None:
            await self._say(request, why)
        return Ended(exit=0, why=why)

    async def close(self) -> None:
        """Kill what is left and give everything back."""
        for task in [*self._tasks, *([self._running] if self._running else [])]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        if self._front is not None:
            self._front.close()
        if self._folder is not None:
            self._folder.remove()

    @property
    def dropped(self) -> Counter[str]:
        """How many messages did not pass, by reason."""
        malformed = self._front.malformed if self._front is not None else 0
        return +Counter({**self._profile.dropped, "front_malformed": malformed})

    async def _from_browser(self, channel: str, received: Received) -> None:
        follows = self._profile.incoming(channel, received)
        if self._front is not None:
            for answer in follows.answers:
                await self._front.send(answer)
        if follows.run is not None:
            own = self._queue.qsize() + (self._running is not None)
            before = max(own, self._desk.sealed.ahead)
            await self._say(follows.run, f"queued: {before} before it" if before else "queued")
            self._queue.put_nowait(follows.run)
        if follows.stop:
            await self.interrupt()
        if follows.end:
            self.stop("The kernel has ended.", tell=False)

    async def _work(self, _front: Front) -> None:
        while True:
            request = await self._queue.get()
            ended = await self._one(request)
            await asyncio.sleep(ended.tell_at - asyncio.get_running_loop().time())
            await self._tell_end(request, ended)

    async def _one(self, request: Request) -> RunEnded:
        runs = self._desk.sealed
        begun = asyncio.Event()
        announcing = asyncio.create_task(self._announce(request, begun))
        try:
            runs.admit(request.code, self.grant.project, self.grant.user)
            self._running = asyncio.create_task(
                runs.run(
                    request.code,
                    self.grant.project,
                    self.grant.user,
                    self._launch.kernel,
                    begun.set,
                )
            )
            return await asyncio.shield(self._running)
        except asyncio.CancelledError:
            if self._running is not None and self._running.cancelled():
                return RunEnded(ok=False, note=noted("stopped", self._desk.config.language))
            raise  # the kernel itself is closing
        except Refusal as refusal:
            return RunEnded(ok=False, note=str(told(refusal, self._desk.config.language)))
        except Fault as fault:
            return RunEnded(ok=False, note=self._failed(fault))
        except OSError:  # no more open files, say: the next run may find some
            ours = Fault("a sealed run met the limits of the host")
            return RunEnded(ok=False, note=self._failed(ours))
        finally:
            if begun.is_set():
                await asyncio.shield(announcing)
            announcing.cancel()
            self._running = None

    def _failed(self, fault: Fault) -> str:
        return noted("failed", self._desk.config.language, incident=fault.incident)

    async def _announce(self, request: Request, begun: asyncio.Event) -> None:
        await begun.wait()
        await self._say(request, "running")

    async def _tell_end(self, request: Request, ended: RunEnded) -> None:
        if self._front is None:
            return
        if ended.note:
            await self._say(request, ended.note)
        used = f" (within {ended.took:g} s, up to {ended.used / (1 << 30):g} GiB of memory)"
        text = "ended: ok" if ended.ok else "ended: Error"
        await self._say(request, text + (used if ended.used else ""))
        for message in self._profile.ended(request, ended.line, ok=ended.ok, cell=ended.cell):
            await self._front.send(message)

    async def _say(self, request: Request, text: str) -> None:
        if self._front is not None:
            await self._front.send(self._profile.say(request, text))
