"""A gate daemon with a fake engine in short-lived folders, and clients as a server would have."""

import asyncio
import hashlib
import secrets
import shutil
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient
from pydantic import TypeAdapter

from kernels.host.config import GateConfig, Limits
from kernels.host.gated import Daemon
from kernels.protocol import Ended, Grant, Launch, Message, ServerReply, read_frame, unpack
from kernels.protocol import write_frame as send
from tests.lib.fake_engine import FakeEngine

_REPLY: TypeAdapter[Any] = TypeAdapter(ServerReply)
FAR = 4_000_000_000


class GateHouse:
    """A running daemon. `now` may be moved by tests of expiry."""

    def __init__(self, limits: Limits | None = None, **other: Any) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="wb", dir="/tmp"))
        self.views = self.root / "views"
        for project in ("alpha", "beta"):
            twin = self.views / project / "v1" / "twin"
            twin.mkdir(parents=True)
            (twin / "person.txt").write_text(f"twin of {project}")
            (self.views / project / "v1" / "rows.txt").write_text(f"rows of {project}")
        self.config = GateConfig(
            runtime=self.root / "r",
            zone=self.root / "gated",
            views=self.views,
            spool=self.root / "spool",
            engine=self.root / "e.sock",
            limits=limits or Limits(grid=0.2),
            **other,
        )
        self.engine = FakeEngine(self.config.engine, self.views)
        self.engine.start()
        self.now: Callable[[], float] = time.time
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._up.wait(20), "the daemon did not start"

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        async with Daemon(self.config, self._clock):
            self._up.set()
            await self._stop.wait()

    def _clock(self) -> float:
        return self.now()

    def close(self) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self.engine.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def administer(self, message: Message) -> Message:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.config.admin_socket))
            send(connection, message)
            return unpack(_REPLY, read_frame(connection) or b"")

    def grant(self, project: str = "alpha", **changed: Any) -> str:
        token = secrets.token_urlsafe(24)
        values = {
            "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
            "user": "ada",
            "project": project,
            "server_uid": 0,
            "twin": str(self.views / project / "v1" / "twin"),
            "sealed": True,
            "sealed_kernel": True,
            "expires": FAR,
        }
        answer = self.administer(Grant.model_validate(values | changed))
        assert answer.k == "ok", answer
        return token

    def launch(self, token: str, lane: str = "workbench") -> "Launching":
        return launch(self.config.gated_socket, token, lane)

    def notebook(self, project: str = "alpha", lane: str = "workbench") -> "Notebook":
        launching = self.launch(self.grant(project), lane)
        assert launching.answer.k == "launched", launching.answer
        return Notebook(launching)


def launch(door: Path, token: str, lane: str = "workbench") -> "Launching":
    key = secrets.token_hex(16)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(60)
    connection.connect(str(door))
    request = {"token": token, "kernel": str(uuid.uuid4()), "lane": lane, "front_key": key}
    send(connection, Launch.model_validate(request))
    return Launching(connection, key, receive(connection))


def receive(connection: socket.socket) -> Any:
    frame = read_frame(connection)
    return None if frame is None else unpack(_REPLY, frame)


@dataclass
class Launching:
    """The connection that is the kernel, and the daemon's answer to Launch."""

    connection: socket.socket
    key: str
    answer: Any


@dataclass
class Cell:
    """What a browser would have got for one cell."""

    reply: dict[str, Any]
    published: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(
            message["content"]["text"]
            for message in self.published
            if message["msg_type"] == "stream"
        )

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message["content"] for message in self.published if message["msg_type"] == kind]


def client_of(launching: Launching) -> BlockingKernelClient:
    """A stock Jupyter client of a launched kernel; its channels are not started."""
    client = BlockingKernelClient()
    info = {f"{name}_port": n for n, name in enumerate(_CHANNELS, 1)}
    client.load_connection_info(
        {
            "transport": "ipc",
            "ip": launching.answer.front,
            "key": launching.key,
            "signature_scheme": "hmac-sha256",
            **info,
        }
    )
    return client


class Notebook:
    """A stock Jupyter client behind the relay."""

    def __init__(self, launching: Launching) -> None:
        self.connection = launching.connection
        self.client = client_of(launching)
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, timeout: float = 60, **options: Any) -> Cell:
        message = self.client.execute(code, **options)
        published = []
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            shown = self.client.get_iopub_msg(timeout=timeout)
            if shown["parent_header"].get("msg_id") != message:
                continue
            published.append(shown)
            if shown["content"].get("execution_state") == "idle":
                break
        return Cell(self.reply_to(message, timeout), published)

    def reply_to(self, message: str, timeout: float = 60) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == message:
                return reply["content"]

    def ended(self) -> Ended:
        self.connection.settimeout(30)
        return receive(self.connection)

    def close(self) -> None:
        self.client.stop_channels()
        self.connection.close()


_CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
