"""The daemon's real kernels and relay: a hostile kernel behind, and in front what a server sees."""

import asyncio
import contextlib
import io
import logging
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio

from kernels.host.budget import CellBudgets
from kernels.host.config import GateConfig, Limits
from kernels.host.egress.spool import Spool
from kernels.host.gated import _LANES
from kernels.host.lanes.desk import Desk
from kernels.host.lanes.sealed_run import SealedRuns
from kernels.host.sandbox.uids import Uids
from kernels.protocol import Grant, Launch, Rendered, ViewKeys
from tests.redteam.kernel.hostile import Box, Hostile, frames

GRID = 0.03
KEY = b"front key of a test"
MANY = 100_000
LIMITS = Limits(
    grid=GRID, cells_an_hour=MANY, cells_a_day=MANY, errors_an_hour=MANY, errors_a_day=MANY,
    starts_an_hour=MANY, starts_a_day=MANY, cell_lines=50, sealed_runs_an_hour=MANY,
    sealed_runs_a_day=MANY,
)  # fmt: skip
RELEASES = {("alpha", "a" * 16): "release of alpha", ("beta", "b" * 16): "release of beta"}


class Engine:
    """What the kernels ask the engine for; its own project check is the stand-in's too."""

    def __init__(self, views: Path) -> None:
        self._views = views

    async def attach(self, *_given: Any) -> None: ...
    async def detach(self, *_given: Any) -> None: ...

    async def sealed_keys(self, project: str, _user: str, _lane: str = "sealed") -> ViewKeys:
        return ViewKeys(path=str(self._views / project / "v1"), keys={})

    async def rendering(self, project: str, release: str) -> Rendered:
        text = RELEASES.get((project, release))
        return Rendered(html=text and f"<b>{text}</b>", text=text)


class Ground:
    """Starts a hostile kernel instead of a sandbox."""

    as_root = False

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self.context = zmq.asyncio.Context()
        self.kernel: Hostile | None = None
        self.box: Box | None = None
        self.used = 1 << 20
        self.script: Callable[[Box], None] = ends()

    def spawn(self, _name: str, _jail: Any, task: Any, _uid: int, _fds: Any = ()) -> Box:
        self.box = Box(os.open(self._outbox, os.O_RDONLY | os.O_DIRECTORY), self.used)
        if task["lane"] == "sealed":
            self.script(self.box)
        else:
            self.kernel = Hostile(task, self.context)
        return self.box


def ends(*words: bytes, status: int = 0) -> Callable[[Box], None]:
    """A sealed script that says these words to the host (of itself: that it ended well)."""

    def script(box: Box) -> None:
        for word in words or (b'{"k":"end","outcome":"ok"}',):
            box.speak(word)
        asyncio.get_running_loop().call_later(0.01, box.exit.set_result, status)

    return script


class Packages:
    """In the place of the kernels' environment: nothing is changed in it."""

    def check(self) -> None: ...


@dataclass
class Seen:
    """What the server's side got: frames by channel, the words of the end, the daemon's log."""

    frames: list[tuple[str, list[bytes]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    log: str = ""
    end: str = ""

    def everything(self) -> bytes:
        shown = b"\n".join(part for _, parts in self.frames for part in parts)
        return shown + self.log.encode() + self.end.encode()

    def of(self, kind: bytes) -> list[bytes]:
        """The contents of the messages of a kind."""
        pattern = b'"msg_type": "' + kind + b'"'
        found = []
        for _, parts in self.frames:
            at = parts.index(b"<IDS|MSG>") if b"<IDS|MSG>" in parts else -1
            if at >= 0 and pattern in parts[at + 2]:
                found.append(parts[at + 5])
        return found


class Stage:
    """One kernel of a lane and one browser in front of it."""

    def __init__(self, lane: str, desk: Desk, ground: Ground, root: Path) -> None:
        self.lane = lane
        self.root = root
        self.desk = desk
        self.ground = ground
        grant = Grant(
            token_sha256="0" * 64, user="ada", project="alpha", server_uid=0,
            twin=str(root / "views/alpha/v1/twin"), sealed=True, sealed_kernel=True,
            expires=4_000_000_000,
        )  # fmt: skip
        launch = Launch.model_validate(
            {"token": "t" * 20, "kernel": "0" * 8, "lane": lane, "front_key": KEY.decode()}
        )
        self.kernel: Any = _LANES[lane](desk, grant, launch, os.geteuid())
        self.context = zmq.asyncio.Context()
        self.browser: dict[str, Any] = {}
        self.seen = Seen()
        self.tasks: list[asyncio.Future[Any]] = []
        self._numbers = 0

    @property
    def hostile(self) -> Hostile:
        assert self.ground.kernel is not None
        return self.ground.kernel

    @property
    def box(self) -> Box:
        assert self.ground.box is not None
        return self.ground.box

    async def start(self) -> None:
        front = await self.kernel.start()
        for number, channel in enumerate(("shell", "iopub", "stdin", "hb", "control"), 1):
            self.browser[channel] = self.connect(channel, f"{front}-{number}")
        self.front = front
        self.tasks = [asyncio.ensure_future(self._watch(channel)) for channel in self.browser]
        self.tasks.append(asyncio.ensure_future(self._ending()))
        while not self.seen.of(b"status"):
            await self.ask("kernel_info_request", {}, "shell")
            await asyncio.sleep(0.01)

    def connect(self, channel: str, address: str) -> Any:
        made = self.context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
        made.linger = 0
        if channel != "iopub":
            made.setsockopt(zmq.IDENTITY, b"tab")
        if channel == "iopub":
            made.setsockopt(zmq.SUBSCRIBE, b"")
        made.connect(f"ipc://{address}")
        return made

    async def ask(self, kind: str, content: Any, channel: str = "shell", **given: Any) -> str:
        """Send a browser's message; returns its id."""
        self._numbers += 1
        name = given.pop("msg_id", f"browser-{self._numbers}")
        header = {"msg_id": name, "msg_type": kind, "session": "tab", "username": "ada"}
        socket = given.pop("socket", self.browser[channel])
        await socket.send_multipart(frames(KEY, header | {"version": "5.3"}, {}, content, **given))
        return str(name)

    async def cell(self, code: str = "1", patience: float = 5.0, **content: Any) -> Seen:
        """Run a cell; what the server's side has seen of it when all is told."""
        self.seen = Seen()
        log = io.StringIO()
        handler = logging.StreamHandler(log)
        logging.getLogger().addHandler(handler)
        name = await self.ask("execute_request", {"code": code, "silent": False} | content)
        told = f'"msg_id": "{name}"'.encode()
        for _ in range(int(patience / 0.002)):
            if self._idle(told) or self.seen.end:
                break
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.01)
        logging.getLogger().removeHandler(handler)
        self.seen.log = log.getvalue()
        return self.seen

    def _idle(self, name: bytes) -> bool:
        return any(
            parts and b'"idle"' in parts[-1] and any(name in part for part in parts)
            for channel, parts in self.seen.frames
            if channel == "iopub"
        )

    async def _watch(self, channel: str) -> None:
        while True:
            parts = await self.browser[channel].recv_multipart()
            self.seen.frames.append((channel, parts))
            self.seen.times.append(time.monotonic())

    async def _ending(self) -> None:
        ended = await self.kernel.ended()
        self.seen.end = f"{ended.exit} {ended.why}"

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.kernel.close()
        if self.ground.kernel is not None:
            await self.ground.kernel.close()
        for made in self.browser.values():
            made.close(0)
        self.context.destroy(0)
        self.ground.context.destroy(0)


@asynccontextmanager
async def staged(lane: str, limits: Limits = LIMITS) -> AsyncIterator[Stage]:
    """A stage of its own, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="wb", dir="/tmp") as folder:
        root = Path(folder)
        for name in ("views/alpha/v1/twin", "outbox", "r", "z"):
            (root / name).mkdir(parents=True)
        config = GateConfig(
            runtime=root / "r", zone=root / "z", views=root / "views", spool=root / "spool",
            engine=root / "e.sock", limits=limits,
        )  # fmt: skip
        ground = Ground(root / "outbox")
        tools: Any = (config, ground, Engine(root / "views"), Spool(root / "spool"))
        uids = Uids(config.uids)
        runs: Any = SealedRuns(config, ground, Packages(), *tools[2:], uids, time.time)  # type: ignore[arg-type]
        more: Any = (uids, runs, CellBudgets.of(limits, time.time, root / "z"))
        stage = Stage(lane, Desk(*tools, *more), ground, root)
        try:
            await stage.start()
            yield stage
        finally:
            with contextlib.suppress(Exception):
                await stage.close()
