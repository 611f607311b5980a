"""The relay's sockets: five towards the Jupyter server, three towards a kernel."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any

import zmq

from kernels.host.relay.requests import Outgoing
from kernels.host.relay.session import Malformed, Received, Wire
from kernels.host.relay.transparent import Forward

__all__ = ["CHANNELS", "Back", "Front", "new_context"]

CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
"""In the order of their numbers, 1 to 5."""
_MESSAGE_LIMIT = 8 << 20
_HEARTBEAT_LIMIT = 4096
_WAITING = 32
"""Messages of a kernel that wait here to be read; more of them wait in its own memory."""
_UNREAD = 256
"""Messages to a client on iopub that wait here."""
_AT_ONCE = 32
"""Messages of one channel until all others have their turn."""
_AT_ONCE_OR_NOT, _MORE = int(zmq.NOBLOCK), int(zmq.NOBLOCK | zmq.SNDMORE)
"""Plain numbers: joining the library's flags costs more than sending a frame."""
_AGAIN = 0.02
"""Seconds until a peer that does not read is tried again."""
_DEAF = 5.0
"""Seconds after which a client that reads nothing on iopub misses messages, and others do not."""
OnMessage = Callable[[str, Received], Awaitable[None]]


def new_context() -> "zmq.Context[zmq.Socket[bytes]]":
    """One for the whole daemon; a kernel takes about a dozen of its sockets."""
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 32_000)
    return context


class Front:
    """The five channels that the Jupyter server connects to, signed with the server's key."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", prefix: Path, key: bytes) -> None:
        self._wire = Wire(key)
        self._sockets: dict[str, _Line] = {}
        for number, channel in enumerate(CHANNELS, 1):
            made = _socket(context, zmq.PUB if channel == "iopub" else zmq.ROUTER)
            if channel == "iopub":  # a client that is slow is waited for, or it would miss the end
                made.setsockopt(zmq.XPUB_NODROP, 1)
                made.setsockopt(zmq.SNDHWM, _UNREAD)
            made.bind(f"ipc://{prefix}-{number}")
            self._sockets[channel] = _Line(made)
        self.malformed = 0

    def give_to(self, prefix: Path, uid: int) -> None:
        """Let the server's account, and nobody else, connect."""
        os.chown(prefix.parent, uid, -1)
        for number in range(1, len(CHANNELS) + 1):
            os.chown(f"{prefix}-{number}", uid, -1)

    def serve(self, on_message: OnMessage) -> list[Coroutine[Any, Any, None]]:
        """The loops to run: requests on shell and control, the heartbeat's echo."""
        return [self._pump("shell", on_message), self._pump("control", on_message), self._echo()]

    async def send(self, message: Outgoing) -> None:
        """To the browser, on the channel and to the client that the request came from."""
        parts = self._wire.encode(message.kind, message.content, parent=message.request.header)
        topic = [b"kernel." + message.kind.encode()]
        head = topic if message.channel == "iopub" else list(message.request.route)
        await self._sockets[message.channel].send([*head, *parts])

    def close(self) -> None:
        """Close all five."""
        for line in self._sockets.values():
            line.close()

    async def _pump(self, channel: str, on_message: OnMessage) -> None:
        async for frames in self._sockets[channel]:
            try:
                received = self._wire.decode(frames)
            except Malformed:
                self.malformed += 1
                continue
            await on_message(channel, received)

    async def _echo(self) -> None:
        async for frames in self._sockets["hb"]:
            if len(frames) <= 4 and sum(map(len, frames)) <= _HEARTBEAT_LIMIT:
                await self._sockets["hb"].send(frames)


class Back:
    """Shell, control and iopub of a kernel, signed with a key that the server never sees.

    stdin and the heartbeat are not connected: a kernel asks nobody anything. hears: the channels
    that are read; what a kernel says on the others stays where it is. limit: bytes of a message.
    """

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        prefix: Path,
        key: bytes,
        hears: Collection[str] = ("shell", "control", "iopub"),
        limit: int = _MESSAGE_LIMIT,
    ) -> None:
        self._wire = Wire(key)
        self._hears = hears
        self._sockets: dict[str, _Line] = {}
        self._monitors: list[_Line] = []
        for channel, kind in (("shell", zmq.DEALER), ("control", zmq.DEALER), ("iopub", zmq.SUB)):
            if channel == "iopub" and channel not in hears:
                continue
            made = _socket(context, kind)
            made.setsockopt(zmq.MAXMSGSIZE, limit)
            made.setsockopt(zmq.RCVHWM, _WAITING)
            if kind == zmq.SUB:
                made.setsockopt(zmq.SUBSCRIBE, b"")
            lost = zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
            self._monitors.append(_Line(made.get_monitor_socket(lost)))
            made.connect(f"ipc://{prefix}-{CHANNELS.index(channel) + 1}")
            self._sockets[channel] = _Line(made)
        self.malformed = 0

    async def send(self, forward: Forward) -> None:
        """To the kernel, under the id that we gave the request."""
        parts = self._wire.encode(forward.kind, forward.content, message=forward.inner)
        await self._sockets[forward.channel].send(parts)

    def serve(self, on_message: OnMessage) -> list[Coroutine[Any, Any, None]]:
        """The loops to run: what the kernel says on the channels that are heard."""
        return [
            self._pump(channel, on_message) for channel in self._sockets if channel in self._hears
        ]

    async def lost(self) -> None:
        """Returns when any link breaks: the kernel ended, or broke the protocol.

        libzmq closes a link for ever after an oversized message; a kernel that did that is ended.
        """
        waiting = [asyncio.ensure_future(anext(aiter(each))) for each in self._monitors]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    def close(self) -> None:
        """Close all three."""
        for monitor in self._monitors:
            monitor.release()
        for line in self._sockets.values():
            line.close()

    async def _pump(self, channel: str, on_message: OnMessage) -> None:
        async for frames in self._sockets[channel]:
            try:
                received = self._wire.decode(frames)
            except Malformed:
                self.malformed += 1
                continue
            await on_message(channel, received)


class _Line:
    """One ZMQ socket on the running loop; at a time one reader and any number of writers.

    pyzmq's own asyncio sockets cost more a message than the whole rest of the relay.
    """

    def __init__(self, made: Any) -> None:
        self._socket = made
        self._loop = asyncio.get_running_loop()
        self._descriptor: int = made.getsockopt(zmq.FD)
        self._readable = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[list[bytes]]:
        """The messages as they come."""
        # only then: a descriptor that nobody empties would be told of again and again
        self._loop.add_reader(self._descriptor, self._readable.set)
        taken = 0
        while True:
            self._readable.clear()
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                taken = 0
                await self._readable.wait()
                continue
            yield frames
            taken += 1
            if taken % _AT_ONCE == 0:
                await asyncio.sleep(0)

    async def send(self, frames: Sequence[bytes]) -> None:
        """Send; waits as long as a peer does not read (PUB for a while; ROUTER drops instead)."""
        since = None
        while True:
            try:
                for frame in frames[:-1]:
                    self._socket.send(frame, _MORE)
                self._socket.send(frames[-1], _AT_ONCE_OR_NOT)
                break
            except zmq.Again:
                since = self._loop.time() if since is None else since
                if self._socket.type == zmq.PUB and self._loop.time() - since > _DEAF:
                    self._socket.setsockopt(zmq.XPUB_NODROP, 0)
                await asyncio.sleep(_AGAIN)
        # the descriptor tells of a message once, and sending may have taken that word away
        if self._socket.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            self._readable.set()

    def release(self) -> None:
        """Watch it no more; a monitor is closed by the socket that it belongs to."""
        self._loop.remove_reader(self._descriptor)

    def close(self) -> None:
        """Close it, and its monitor if it has one."""
        self.release()
        with contextlib.suppress(zmq.ZMQError):
            self._socket.disable_monitor()
        self._socket.close(0)


def _socket(context: "zmq.Context[zmq.Socket[bytes]]", kind: int) -> Any:
    made = context.socket(kind)
    made.linger = 0
    made.setsockopt(zmq.MAXMSGSIZE, _MESSAGE_LIMIT)
    made.setsockopt(zmq.RCVHWM, 1000)
    made.setsockopt(zmq.SNDHWM, 2000)
    return made
