"""Frames over a socket with deadlines: a slow or hostile peer costs one thread for some seconds."""

import contextlib
import os
import select
import socket
import struct
import time
from threading import Lock

from kernels.protocol import Message, pack

__all__ = ["PATIENCE", "Channel", "Closed", "peer_uid"]

_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")
PATIENCE = 10.0
"""Seconds for a whole frame once its first byte has come, and for a whole frame to be taken."""


class Closed(ConnectionError):
    """The peer is gone, too slow, or speaks no sense: there is nothing more to say to it."""


def peer_uid(connection: socket.socket) -> int:
    """The uid of the process at the other end, as the operating system knows it."""
    held = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(held)[1])


class Channel:
    """One peer. One thread receives; any thread may send."""

    def __init__(
        self,
        connection: socket.socket,
        limit: int,
        *,
        takes: int = 0,
        patience: float = PATIENCE,
    ) -> None:
        """takes: file descriptors accepted with one piece; any more the system itself drops."""
        connection.setblocking(False)  # noqa: FBT003 - the library's signature
        self._connection = connection
        self._limit = limit
        self._takes = takes
        self._patience = patience
        self._sending = Lock()
        self._broken = False

    def receive(self, wait: float | None) -> tuple[bytes, list[int]] | None:
        """The next frame's body and the file descriptors that came with it; None at a clean end.

        wait: seconds for the first byte, None for ever. Raises Closed when the frame is late, cut
        short or longer than the limit. Received descriptors are the caller's to close.
        """
        descriptors: list[int] = []
        try:
            head = self._exactly(_LENGTH.size, wait, descriptors)
            if head is None:
                return None
            (length,) = _LENGTH.unpack(head)
            if not 0 < length <= self._limit:
                raise Closed
            body = self._exactly(length, self._patience, descriptors)
            if body is None:
                raise Closed
        except BaseException:
            for one in descriptors:
                os.close(one)
            raise
        return body, descriptors

    def send(self, message: Message) -> None:
        """Send one frame; Closed when the peer does not take it in time. Half a frame may then lie
        in the pipe, so nothing more is sent."""
        left = memoryview(pack(message))
        until = time.monotonic() + self._patience
        with self._sending:
            while left:
                if self._broken or not self._ready(select.POLLOUT, until - time.monotonic()):
                    self._broken = True
                    raise Closed
                try:
                    left = left[self._connection.send(left) :]
                except BlockingIOError:
                    continue
                except OSError:
                    self._broken = True
                    raise Closed from None

    def close(self) -> None:
        """Hang up; a thread that waits to receive is woken."""
        self._broken = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give the descriptor back, once no thread uses it any more."""
        self.close()
        self._connection.close()

    def _exactly(self, length: int, wait: float | None, descriptors: list[int]) -> bytes | None:
        """`length` bytes, all of them within the patience; None when none came at all."""
        parts = bytearray()
        until = None if wait is None else time.monotonic() + wait
        while len(parts) < length:
            if not self._ready(select.POLLIN, None if until is None else until - time.monotonic()):
                raise Closed
            try:
                piece = self._piece(min(length - len(parts), 1 << 16), descriptors)
            except BlockingIOError:
                continue
            except OSError:
                raise Closed from None
            if not piece:
                if parts:
                    raise Closed
                return None
            if not parts:
                until = time.monotonic() + self._patience
            parts += piece
        return bytes(parts)

    def _piece(self, most: int, descriptors: list[int]) -> bytes:
        if not self._takes:
            return self._connection.recv(most)
        piece, found, _, _ = socket.recv_fds(self._connection, most, self._takes)
        descriptors += found
        return piece

    def _ready(self, what: int, seconds: float | None) -> bool:
        if seconds is not None and seconds <= 0:
            return False
        poll = select.poll()
        poll.register(self._connection, what)
        return bool(poll.poll(None if seconds is None else seconds * 1000))
