"""A kernel that says what it likes: the inner side of the wire, scripted, without a sandbox."""

import asyncio
import hashlib
import hmac
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import zmq
import zmq.asyncio

from kernels.host.sandbox.status import StatusChannel

CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
DELIMITER = b"<IDS|MSG>"
Attack = Callable[["Hostile", dict[str, Any]], Awaitable[None]]


def frames(
    key: bytes,
    header: Mapping[str, Any] | bytes,
    parent: Mapping[str, Any] | bytes,
    content: Mapping[str, Any] | bytes,
    metadata: Mapping[str, Any] | bytes = b"{}",
    buffers: Sequence[bytes] = (),
) -> list[bytes]:
    """A message of Jupyter's wire, signed; what is bytes already is sent as it is."""
    parts = [
        part if isinstance(part, bytes) else json.dumps(part).encode()
        for part in (header, parent, metadata, content)
    ]
    signature = hmac.new(key, b"".join(parts), hashlib.sha256).hexdigest().encode()
    return [DELIMITER, signature, *parts, *buffers]


class Hostile:
    """Serves the five inherited sockets; `attack` runs when a request to execute arrives."""

    def __init__(self, task: Mapping[str, Any], context: zmq.asyncio.Context) -> None:
        self.key = str(task["key"]).encode()
        self.attack: Attack | None = None
        self.asked: list[dict[str, Any]] = []
        self.sockets: dict[str, Any] = {}
        self.routes: dict[str, list[bytes]] = {}
        for number, channel in enumerate(CHANNELS):
            made = context.socket(zmq.PUB if channel == "iopub" else zmq.ROUTER)
            made.linger = 0
            made.setsockopt(zmq.USE_FD, os.dup(task["listen"][number]))
            made.bind(f"ipc:///tmp/.hostile-{os.getpid()}-{id(self)}-{number + 1}")
            self.sockets[channel] = made
        loops = [self._serve("shell"), self._serve("control"), self._beat()]
        self.tasks = [asyncio.ensure_future(each) for each in loops]

    async def send(  # the parts of a message, each replaceable by anything
        self,
        channel: str,
        kind: str,
        content: Mapping[str, Any] | bytes,
        parent: Mapping[str, Any] | bytes,
        **changed: Any,
    ) -> None:
        header = {"msg_id": os.urandom(8).hex(), "msg_type": kind, "session": "s", "version": "5.3"}
        header |= {"username": "kernel", "date": "2026-01-01T00:00:00Z"}
        header |= changed.pop("header", {})
        key = changed.pop("key", self.key)
        head = (
            [changed.pop("topic", b"")] if channel == "iopub" else self.routes.get(channel, [b"?"])
        )
        whole = frames(key, changed.pop("raw_header", header), parent, content, **changed)
        await self.sockets[channel].send_multipart([*head, *whole])

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for made in self.sockets.values():
            made.close(0)

    async def _serve(self, channel: str) -> None:
        while True:
            got = await self.sockets[channel].recv_multipart()
            at = got.index(DELIMITER)
            self.routes[channel] = list(got[:at])
            header, content = json.loads(got[at + 2]), json.loads(got[at + 5])
            self.asked.append({"header": header, "content": content})
            await self._answer(channel, header, content)

    async def _answer(self, channel: str, header: dict[str, Any], content: Any) -> None:
        kind = header["msg_type"]
        reply = self.answers.get(kind, {"status": "ok"})
        await self.send("iopub", "status", {"execution_state": "busy"}, header)
        if kind == "execute_request":
            reply = self.reply
            if self.attack is not None:
                await self.attack(self, header)
        await self.send(channel, kind.removesuffix("_request") + "_reply", reply, header)
        await self.send("iopub", "status", {"execution_state": "idle"}, header)

    async def _beat(self) -> None:
        while True:
            got = await self.sockets["hb"].recv_multipart()
            await self.sockets["hb"].send_multipart([*got[:-1], self.beat])

    reply: Mapping[str, Any] = {"status": "ok"}
    answers: Mapping[str, Mapping[str, Any]] = {}
    beat = b"beat"


class Box:
    """In the place of `Confined`: a sandbox that is always proved and holds a hostile kernel."""

    def __init__(self, outbox: int, used: int) -> None:
        self.status = StatusChannel()
        self.status.outbox = outbox
        self.number = os.getpid() + 1_000_000  # nobody: nothing is held still
        self.used = used
        self.exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def prove(self, _patience: float) -> None:
        pass

    async def ended(self) -> int:
        return await asyncio.shield(self.exit)

    def kill(self) -> None:
        if not self.exit.done():
            self.exit.set_result(-9)

    def memory(self) -> int:
        return self.used

    def peak(self) -> int:
        return self.used

    def out_of_memory(self) -> bool:
        return False

    def close(self) -> None:
        self.status.close()

    def speak(self, words: bytes) -> None:
        """What the sandbox says on its status socket."""
        with socket.socket(fileno=os.dup(self.status.inner.fileno())) as line:
            line.setblocking(True)
            line.send(words)
