"""The relay's sockets: five towards the Jupyter server, two or three towards a kernel."""

import asyncio
import os
import socket
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import Any

from kernels.host.relay.requests import Outgoing
from kernels.host.relay.session import Malformed, Received, Wire
from kernels.host.relay.transparent import Forward
from kernels.host.relay.zmtp import Broken, Peer, Pending, Room

__all__ = ["CHANNELS", "ENDING", "Back", "Front"]

CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
"""In the order of their numbers, 1 to 5."""
_MESSAGE_LIMIT = 8 << 20
_HEARTBEAT_LIMIT = 4096
_ROOM = 64 << 20
"""Bytes that all clients of one kernel, or its links, may keep waiting here."""
_CLIENTS = 64
"""Of one channel: a notebook that is open in one tab is one of them."""
_TOPICS = 16
_DEAF = 5.0
"""Seconds after which a client that reads nothing on iopub misses messages, and others do not."""
ENDING = 10.0
"""Seconds that a kernel which has hung up gets to end of itself: exit handlers, a busy host."""
OnMessage = Callable[[str, Received], Pending | None]
"""Returns what has to be awaited before the channel's next message, if anything."""


class Front:
    """The five channels that the Jupyter server connects to, signed with the server's key."""

    def __init__(self, prefix: Path, key: bytes) -> None:
        self._wire = Wire(key)
        self._room = Room(_ROOM)
        self._clients: defaultdict[str, dict[bytes, _Client]] = defaultdict(dict)
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners = {
            channel: _listen(f"{prefix}-{number}") for number, channel in enumerate(CHANNELS, 1)
        }
        self.malformed = 0

    def give_to(self, prefix: Path, uid: int) -> None:
        """Let the server's account, and nobody else, connect."""
        os.chown(prefix.parent, uid, -1)
        for number in range(1, len(CHANNELS) + 1):
            os.chown(f"{prefix}-{number}", uid, -1)

    def serve(self, on_message: OnMessage) -> list[Coroutine[Any, Any, None]]:
        """The loops to run: whoever connects to a channel is served by a task of its own."""
        return [self._accept(channel, on_message) for channel in CHANNELS]

    def send_now(self, message: Outgoing) -> bool:
        """As `send`; False, and nothing is sent, when a client would have to be waited for."""
        if message.channel != "iopub":
            self._reply(message)
            return True
        clients = self._clients["iopub"].values()
        if not all(client.peer.free for client in clients):
            return False
        parts = self._wire.encode(message.kind, message.content, parent=message.request.header)
        for client in clients:
            client.publish_now([b"kernel." + message.kind.encode(), *parts])
        return True

    async def send(self, message: Outgoing) -> None:
        """To the browser: on iopub to all, else to the client that the request came from."""
        if message.channel != "iopub":
            self._reply(message)
            return
        parts = self._wire.encode(message.kind, message.content, parent=message.request.header)
        for client in list(self._clients["iopub"].values()):
            await client.publish([b"kernel." + message.kind.encode(), *parts])

    def _reply(self, message: Outgoing) -> None:
        name, *route = message.request.route
        asked = self._clients[message.channel].get(name)
        if asked is not None and asked.peer.free:  # else it reads nothing, and is not waited for
            content, parent = message.content, message.request.header
            parts = self._wire.encode(message.kind, content, parent=parent)
            asked.peer.send([*route, *parts], soon=True)

    def close(self) -> None:
        """Close all five."""
        for task in self._tasks:
            task.cancel()
        for listener in self._listeners.values():
            listener.close()
        for clients in self._clients.values():
            for client in clients.values():
                client.peer.close()

    async def _accept(self, channel: str, on_message: OnMessage) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connected, _ = await loop.sock_accept(self._listeners[channel])
            if len(self._clients[channel]) >= _CLIENTS:
                connected.close()
                continue
            kind = b"XPUB" if channel == "iopub" else b"ROUTER"
            client = _Client(Peer(connected, kind, _MESSAGE_LIMIT, self._room))
            name = os.urandom(8)
            self._clients[channel][name] = client
            task = asyncio.create_task(self._serve_one(channel, name, client, on_message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve_one(
        self, channel: str, name: bytes, client: "_Client", on_message: OnMessage
    ) -> None:
        def take(frames: list[bytes]) -> Pending | None:
            if channel == "iopub":
                client.subscribe(frames)
            elif channel == "hb":
                if sum(map(len, frames)) <= _HEARTBEAT_LIMIT and client.peer.free:
                    client.peer.send(frames)
            elif channel != "stdin":  # a kernel asks nobody anything
                return self._take(channel, [name, *frames], on_message)
            return None

        try:
            await client.peer.serve(take)
        except Broken:
            pass
        finally:
            self._clients[channel].pop(name, None)
            client.peer.close()

    def _take(self, channel: str, frames: list[bytes], on_message: OnMessage) -> Pending | None:
        try:
            received = self._wire.decode(frames)
        except Malformed:
            self.malformed += 1
            return None
        return on_message(channel, received)


class _Client:
    """One connection of the server; on iopub with the topics that it subscribed to."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._topics: set[bytes] = set()
        self._deaf = False

    def subscribe(self, frames: list[bytes]) -> None:
        """One frame: 1 or 0, and a topic."""
        word = frames[0]
        if word[:1] == b"\x00":
            self._topics.discard(word[1:])
        elif word[:1] == b"\x01" and len(self._topics) < _TOPICS and len(word) < 256:
            self._topics.add(word[1:])

    async def publish(self, frames: list[bytes]) -> None:
        """Send what is subscribed to; wait for a slow client, but not for a deaf one."""
        if not frames[0].startswith(tuple(self._topics)):
            return
        self._deaf = not await self.peer.until_free(0.0 if self._deaf else _DEAF)
        if not self._deaf:
            self.peer.send(frames, soon=True)

    def publish_now(self, frames: list[bytes]) -> None:
        """The same for a client that is free."""
        self._deaf = False
        if frames[0].startswith(tuple(self._topics)):
            self.peer.send(frames, soon=True)


class Back:
    """Shell, control and iopub of a kernel, signed with a key that the server never sees.

    stdin and the heartbeat are not connected: a kernel asks nobody anything. hears: the channels
    that are read; what a kernel says on the others stays where it is. limit: bytes of a frame.
    """

    def __init__(
        self,
        prefix: Path,
        key: bytes,
        hears: Collection[str] = ("shell", "control", "iopub"),
        limit: int = _MESSAGE_LIMIT,
    ) -> None:
        self._wire = Wire(key)
        self._hears = hears
        self._links: dict[str, Peer] = {}
        self._lost: asyncio.Future[type[Broken]] = asyncio.get_running_loop().create_future()
        room = Room(_ROOM)
        for channel, kind in (("shell", b"DEALER"), ("control", b"DEALER"), ("iopub", b"SUB")):
            if channel == "iopub" and channel not in hears:
                continue
            connected = socket.socket(socket.AF_UNIX)
            connected.connect(f"{prefix}-{CHANNELS.index(channel) + 1}")  # listens: does not wait
            self._links[channel] = Peer(connected, kind, limit, room)
            if channel == "iopub":
                self._links[channel].send([b"\x01"])  # subscribe to everything
        self.malformed = 0

    def send_now(self, forward: Forward) -> bool:
        """As `send`; False, and nothing is sent, when the kernel would have to be waited for."""
        link = self._links[forward.channel]
        if link.free:
            link.send(self._wire.encode(forward.kind, forward.content, message=forward.inner))
            return True
        return False

    async def send(self, forward: Forward) -> None:
        """To the kernel, under the id that we gave the request; waits while it does not read."""
        link = self._links[forward.channel]
        await link.until_free()
        link.send(self._wire.encode(forward.kind, forward.content, message=forward.inner))

    def serve(self, on_message: OnMessage) -> list[Coroutine[Any, Any, None]]:
        """The loops to run: what the kernel says on the channels that are heard."""
        return [self._pump(channel, on_message) for channel in self._links]

    async def lost(self) -> type[Broken]:
        """Returns when any link ends: Gone when the kernel hung up, as it does when it ends;
        Broken when it broke the protocol or its limits.
        """
        return await asyncio.shield(self._lost)

    def close(self) -> None:
        """Close all."""
        for link in self._links.values():
            link.close()

    async def _pump(self, channel: str, on_message: OnMessage) -> None:
        def take(frames: list[bytes]) -> Pending | None:
            try:
                received = self._wire.decode(frames)
            except Malformed:
                self.malformed += 1
                return None
            return on_message(channel, received)

        link = self._links[channel]
        try:
            if channel not in self._hears:
                return await link.open()
            await link.serve(take)
        except Broken as end:
            link.close()
            if not self._lost.done():
                self._lost.set_result(type(end))


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    listener.setblocking(False)  # noqa: FBT003 - the library's signature
    return listener
