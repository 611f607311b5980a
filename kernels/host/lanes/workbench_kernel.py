"""A Workbench kernel: a sandbox on the twin, relayed in the transparent profile."""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kernels.host.endings import Ending, ending_of, sentence
from kernels.host.lanes.desk import Desk
from kernels.host.relay.bundle import RELEASE
from kernels.host.relay.links import CHANNELS, ENDING, Back, Front
from kernels.host.relay.requests import Outgoing
from kernels.host.relay.session import Received, Wire
from kernels.host.relay.transparent import Forward, ReleaseNamed, Transparent
from kernels.host.relay.zmtp import Gone, Pending
from kernels.host.rundir import RunFolder
from kernels.host.sandbox.bubblewrap import Jail
from kernels.host.sandbox.spawn import Confined
from kernels.protocol import Attach, Ended, Grant, Launch

__all__ = ["WorkbenchKernel"]

_LARGE = 16 << 10
"""Bytes of a message from which on its cleaning is left to a thread."""
_LAST_WORDS = 2.0
_ENVIRONMENT = {
    "WORKBENCH_LANE": "workbench",
    "WORKBENCH_ENGINE": "/run/engine/engine.sock",
    "WORKBENCH_TWIN": "/twin",
}
_KILLED = (137, -9)
"""How a sandbox ends whose process the host has killed."""


class WorkbenchKernel:
    """One kernel from launch to end; see `kernels.host.lanes.desk.Kernel`."""

    def __init__(self, desk: Desk, grant: Grant, launch: Launch, peer: int) -> None:
        self.grant = grant
        self._desk = desk
        self._launch = launch
        self._peer = peer
        self._id = secrets.token_hex(16)
        self._profile = Transparent()
        self._why = ""
        self._tell = True
        self._tasks: list[asyncio.Task[Any]] = []
        self._uid: int | None = None
        self._folder: RunFolder | None = None
        self._front: Front | None = None
        self._back: Back | None = None
        self._sandbox: Confined | None = None
        self._active = asyncio.get_running_loop().time()

    async def start(self) -> Path:
        """Start the sandbox, wait for its proof, open the relay."""
        desk = self._desk
        twin = desk.config.of_project(self.grant.twin, self.grant.project)
        self._uid = desk.uids.take()
        self._folder = folder = desk.folder(self.grant)
        key = Wire.new_key()
        self._front = Front(folder.front, self._launch.front_key.encode())
        if desk.ground.as_root:
            self._front.give_to(folder.front, self._peer)
        listeners = folder.listen_for_relay(len(CHANNELS))
        try:
            engine = folder.listen_for_engine(self._uid)
            attach = Attach(
                kernel=self._id,
                project=self.grant.project,
                user=self.grant.user,
                uid=self._uid,
            )
            self._tasks.append(asyncio.create_task(desk.engine.attach(attach, engine)))
            jail = Jail({"/twin": twin, "/run/engine": folder.engine}, environment=_ENVIRONMENT)
            inherited = [listener.fileno() for listener in listeners]
            task = {"lane": "workbench", "listen": inherited, "key": key.decode()}
            self._sandbox = desk.ground.spawn(
                f"kernel-{self._id}", jail, task, self._uid, inherited
            )
        finally:
            for listener in listeners:
                listener.close()
        await self._sandbox.prove(desk.config.limits.start)
        self._back = Back(folder.back, key)
        loops = [*self._front.serve(self._from_browser), *self._back.serve(self._from_kernel)]
        self._tasks += [asyncio.create_task(each) for each in (*loops, self._watch(self._back))]
        return folder.front

    async def interrupt(self) -> None:
        """Ask the kernel to raise KeyboardInterrupt."""
        if self._back is not None:
            await self._back.send(self._profile.interrupt())

    def stop(self, why: str, *, tell: bool = True) -> None:
        """End it at once."""
        if not self._why:
            self._why, self._tell = why, tell
        if self._sandbox is not None:
            self._sandbox.kill()

    async def ended(self) -> Ended:
        """Wait for the end of the sandbox and say why it came."""
        if self._sandbox is None:
            return Ended(exit=-9, why="The kernel did not start.")
        status = await self._sandbox.ended()
        if not self._why:  # it ended of itself
            self._why = self._cause(status)
        why = self._why or "The kernel has ended."
        if self._why and self._tell:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._say(why), _LAST_WORDS)
        return Ended(exit=status, why=why)

    async def close(self) -> None:
        """Kill what is left and give everything back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._sandbox is not None:
            self._sandbox.kill()
            await self._sandbox.ended()
            self._sandbox.close()
        await self._desk.engine.detach(self._id)
        for link in (self._front, self._back):
            if link is not None:
                link.close()
        if self._folder is not None:
            self._folder.remove()
        if self._uid is not None:
            self._desk.uids.give_back(self._uid)

    @property
    def dropped(self) -> Counter[str]:
        """How many messages did not pass, by reason."""
        counted = Counter(self._profile.dropped)
        for name, link in (("front", self._front), ("back", self._back)):
            if link is not None:
                counted[f"{name}_malformed"] += link.malformed
        return +counted

    def _from_browser(self, channel: str, received: Received) -> Pending | None:
        """At once, if nobody has to be waited for, which is nearly always."""
        self._touch()
        follows = self._profile.incoming(channel, received)
        forward, back = follows.forward, self._back
        if forward is not None and back is not None and not back.send_now(forward):
            return self._when_it_reads(back, forward, follows.answers)
        return self._at_once(follows.answers)

    async def _when_it_reads(
        self, back: Back, forward: Forward, answers: Sequence[Outgoing]
    ) -> None:
        await back.send(forward)
        await self._one_by_one(answers)

    def _from_kernel(self, channel: str, received: Received) -> Pending | None:
        self._touch()
        if len(received.content) > _LARGE:
            return self._cleaned(channel, received)
        return self._at_once(self._profile.outgoing(channel, received))

    async def _cleaned(self, channel: str, received: Received) -> None:
        passed = await asyncio.to_thread(self._profile.outgoing, channel, received)
        await self._one_by_one(passed)

    def _at_once(self, passed: Sequence[Outgoing | ReleaseNamed]) -> Pending | None:
        """Send these to the browser; what has to be awaited, if they are not all sent now."""
        for number, message in enumerate(passed):
            front = self._front
            if front is None:
                break
            if isinstance(message, ReleaseNamed) or not front.send_now(message):
                return self._one_by_one(passed[number:])
        return None

    async def _one_by_one(self, passed: Sequence[Outgoing | ReleaseNamed]) -> None:
        for message in passed:
            shown = await self._shown(message) if isinstance(message, ReleaseNamed) else message
            if self._front is not None:
                await self._front.send(shown)

    async def _shown(self, named: ReleaseNamed) -> Outgoing:
        """The engine's rendering in place of whatever the kernel sent with the release's name."""
        rendered = await self._desk.engine.rendering(self.grant.project, named.release)
        data: dict[str, Any] = {"text/plain": "[no such release in this project]"}
        if rendered is not None and rendered.text is not None:
            data = {"text/plain": rendered.text, RELEASE: {"release": named.release}}
            if rendered.html is not None:
                data["text/html"] = rendered.html
        content = {"data": data, "metadata": {}, "transient": {}}
        return Outgoing("iopub", "display_data", content, named.request)

    async def _say(self, text: str) -> None:
        request = self._profile.requests.last_shown()
        if request is not None and self._front is not None:
            content = {"name": "stderr", "text": text + "\n"}
            await self._front.send(Outgoing("iopub", "stream", content, request))

    async def _watch(self, back: Back) -> None:
        """End the kernel when a link ends, when it is idle or has run for too long."""
        limits = self._desk.config.limits
        loop = asyncio.get_running_loop()
        until = loop.time() + limits.wall
        lost = asyncio.ensure_future(back.lost())
        try:
            while not lost.done():
                now = loop.time()
                if now >= until:
                    return self.stop(self._sentence(Ending.WALL, time=_hours(limits.wall)))
                if now >= self._active + limits.idle:
                    return self.stop(self._sentence(Ending.IDLE, time=_hours(limits.idle)))
                pause = min(until, self._active + limits.idle) - now
                await asyncio.wait({lost}, timeout=max(0.05, pause))
            if lost.result() is not Gone:
                return self.stop(self._sentence(Ending.BROKEN))
            await asyncio.sleep(ENDING)  # an orderly end closes the links first
            return self.stop(self._sentence(Ending.DEAF))
        finally:
            lost.cancel()

    def _cause(self, status: int) -> str:
        if status in _KILLED and self._sandbox is not None and self._sandbox.out_of_memory():
            return self._sentence(Ending.MEMORY, gib=self._desk.config.limits.memory >> 30)
        cause = ending_of(status)
        return "" if cause is None else self._sentence(cause, code=status)

    def _sentence(self, ending: Ending, **facts: str | int) -> str:
        return sentence(ending, self._desk.config.language, **facts)

    def _touch(self) -> None:
        self._active = asyncio.get_running_loop().time()


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h" if seconds >= 3600 else f"{seconds:.0f} s"
