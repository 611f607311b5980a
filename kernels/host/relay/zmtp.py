"""ZeroMQ's wire protocol (ZMTP 3.0, RFC 23) spoken with a hostile peer: our own few lines.

libzmq limits a frame, but gathers a message of frames without end in memory that nobody limits:
one kernel, or one server, could fill the daemon's. Here frames, messages and all that waits are
counted, and whoever exceeds a count is disconnected.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["Broken", "Gone", "Peer", "Room"]

_GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_MORE, _LONG, _COMMAND = 1, 2, 4
_READY = b"\x05READY"
_COMMAND_LIMIT = 512
_FRAMES = 64
"""Of a message; the relay itself takes fewer."""
_CHUNK = 1 << 16
_AT_ONCE = 32
"""Messages, or reads, of one peer until all others have their turn."""
_AGAIN = 0.02
"""Seconds until a peer that does not read is tried again."""
_UNSENT = 1 << 20
"""Bytes that wait for a peer to read; one more message is taken only below."""


Pending = Coroutine[Any, Any, None]


class Broken(Exception):
    """The peer does not keep to the protocol or to its limits."""


class Gone(Broken):
    """The peer has closed the connection, be it in the middle of a message: no fault of its own."""


@dataclass
class Room:
    """Bytes that peers may keep waiting here together, on their way in and out."""

    limit: int
    used: int = 0


class Peer:
    """One connection: `serve` what comes in, `send` out. limit: bytes of a frame.

    kind: our socket type, as b"DEALER". A message is at most two frames of the largest size.
    """

    def __init__(self, connected: socket.socket, kind: bytes, limit: int, room: Room) -> None:
        connected.setblocking(False)  # noqa: FBT003 - the library's signature
        self._socket = connected
        self._kind = kind
        self._limit = limit
        self._room = room
        self._loop = asyncio.get_running_loop()
        self._in = bytearray()
        self._at = 0
        self._frames: list[bytes] = []
        self._size = 0
        self._held = 0
        self._ready = False
        self._writing = False
        self._flushing = False
        self._listening = False
        self._waiter: asyncio.Future[Pending | None] | None = None
        self._take: Callable[[list[bytes]], Pending | None] | None = None
        self._closed = False
        self._out = bytearray()
        with contextlib.suppress(OSError):  # of a fresh connection 64 bytes are always taken
            connected.send(_GREETING)

    async def serve(self, take: Callable[[list[bytes]], Pending | None]) -> NoReturn:
        """Give every message, as its frames, to `take`; ends by Broken, or by Gone.

        At once when it has come: no task is woken for it. When `take` would have to wait it
        returns what is to be awaited, and gets the next message after that.
        """
        await self.open()
        self._take = take
        while True:
            if (pending := self._hand_over()) is not None:
                await pending
            else:
                await self._read()

    async def open(self) -> None:
        """Exchange greetings and READY, once; from then on what was sent goes out."""
        if self._ready:
            return
        greeting = await self._exactly(len(_GREETING))
        if greeting[0] != 0xFF or not greeting[9] & 1 or greeting[10] < 3:
            raise Broken
        if greeting[12:32] != _GREETING[12:32]:
            raise Broken
        flags, size = await self._exactly(2)
        if flags != _COMMAND or size > _COMMAND_LIMIT:
            raise Broken
        if not (await self._exactly(size)).startswith(_READY):
            raise Broken
        ready = _READY + b"\x0bSocket-Type" + len(self._kind).to_bytes(4, "big") + self._kind
        self._out[:0] = bytes((_COMMAND, len(ready))) + ready
        self._ready = True
        self._flush()

    @property
    def free(self) -> bool:
        """Whether there is room for one more message to this peer."""
        return len(self._out) < _UNSENT and self._room.used < self._room.limit

    async def until_free(self, patience: float = float("inf")) -> bool:
        """Wait until there is room for one more message, or the peer has gone; `free` or gone."""
        until = self._loop.time() + patience
        while not (self.free or self._closed) and self._loop.time() < until:  # noqa: ASYNC110 - others use the room too
            await asyncio.sleep(_AGAIN)
        return self.free

    def send(self, frames: Sequence[bytes], *, soon: bool = False) -> None:
        """Send, or keep until the peer reads; ask `free` before. Nothing when it has gone.

        soon: together with all that is sent in this turn of the loop, since each write wakes the
        peer, which on a busy host takes our processor.
        """
        if self._closed:
            return
        last = len(frames) - 1
        for number, frame in enumerate(frames):
            more = _MORE if number < last else 0
            if len(frame) < 256:
                self._out += bytes((more, len(frame)))
            else:
                self._out += bytes((more | _LONG,)) + len(frame).to_bytes(8, "big")
            self._out += frame
        if not soon:
            self._flush()
            return
        self._count()
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Disconnect, and give the room back."""
        if self._closed:
            return
        self._closed = True
        self._out.clear()
        self._in.clear()
        self._frames, self._at, self._size = [], 0, 0
        self._count()
        self._loop.remove_writer(self._socket)
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _next(self) -> list[bytes] | None:
        """A message, if all of it has come."""
        while True:
            at, known = self._at, len(self._in) - self._at
            if known < 2:
                return None
            flags, size, head = self._in[at], self._in[at + 1], 2
            if flags & _LONG:
                if known < 9:
                    return None
                size, head = int.from_bytes(self._in[at + 1 : at + 9], "big"), 9
            if flags > _MORE | _LONG or size > self._limit:  # no command comes after READY
                raise Broken
            if known < head + size:
                return None
            self._at = at + head + size
            self._frames.append(bytes(self._in[at + head : self._at]))
            self._size += size
            if len(self._frames) > _FRAMES or self._size > 2 * self._limit:
                raise Broken
            if not flags & _MORE:
                whole, self._frames, self._size = self._frames, [], 0
                return whole

    async def _exactly(self, count: int) -> bytes:
        while len(self._in) - self._at < count:
            await self._read()
        self._at += count
        return bytes(self._in[self._at - count : self._at])

    def _hand_over(self) -> Pending | None:
        """Let take what has come whole; what has to be awaited before more of it."""
        if self._take is None:
            return None
        for _ in range(_AT_ONCE):
            if (frames := self._next()) is None:
                return None
            if (pending := self._take(frames)) is not None:
                return pending
        return asyncio.sleep(0)

    async def _read(self) -> None:
        """Wait for bytes; when messages are handed over, for some that have to be awaited."""
        if self._closed:
            raise Gone
        self._waiter = self._loop.create_future()
        if not self._listening:
            self._listening = True
            self._loop.add_reader(self._socket, self._readable)
        if (pending := await self._waiter) is not None:
            await pending

    def _readable(self) -> None:
        """Bytes have come; the reader stays registered, as long as somebody takes them."""
        if self._waiter is None or self._waiter.done():  # until then they wait at the peer
            self._loop.remove_reader(self._socket)
            self._listening = False
            return
        try:
            came = self._socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            came = b""
        try:
            self._keep(came)
            pending = self._hand_over()
        except Exception as error:  # noqa: BLE001 - it ends the task that serves this peer
            self._waiter.set_exception(error)
            return
        if self._take is None or pending is not None:
            self._waiter.set_result(pending)

    def _keep(self, came: bytes) -> None:
        if not came:
            raise Gone
        del self._in[: self._at]
        self._at = 0
        self._in += came
        self._count()
        if self._room.used > self._room.limit:
            raise Broken

    def _flush(self) -> None:
        self._flushing = False
        if self._closed:
            return
        if self._ready:
            try:
                del self._out[: self._socket.send(self._out)]
            except BlockingIOError:
                pass
            except OSError:
                self._out.clear()  # whoever reads from this peer learns that it has gone
            if self._out and not self._writing:
                self._loop.add_writer(self._socket, self._flush)
            elif self._writing and not self._out:
                self._loop.remove_writer(self._socket)
            self._writing = bool(self._out)
        self._count()

    def _count(self) -> None:
        holds = len(self._in) + self._size + len(self._out)
        self._room.used += holds - self._held
        self._held = holds
