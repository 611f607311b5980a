"""The daemon's line to the engine: hand over kernels' sockets, ask for renderings and keys."""

import asyncio
import contextlib
import socket
import struct
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter

from kernels.errors import Refusal
from kernels.protocol import (
    FRAME_LIMIT,
    Attach,
    Attached,
    Detach,
    EngineReply,
    EngineRequest,
    Message,
    Ok,
    Refused,
    Rendered,
    Rendering,
    SealedKeys,
    ViewKeys,
    pack,
    unpack,
)

__all__ = ["EngineLink"]

_REPLY: TypeAdapter[EngineReply] = TypeAdapter(EngineReply)
_PATIENCE = 15.0
_AGAIN = 0.5
_R = TypeVar("_R", bound=Message)


class EngineLink:
    """One connection, kept; when the engine comes back, the live kernels are handed over again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: socket.socket | None = None
        self._turn = asyncio.Lock()
        self._handing = asyncio.Lock()
        self._pending: asyncio.Future[EngineReply] | None = None
        self._kernels: dict[str, tuple[Attach, socket.socket]] = {}
        self._handed: set[str] = set()

    async def keep(self) -> None:
        """Connect, and again whenever the line breaks; runs until cancelled."""
        while True:
            handing = None
            try:
                await self._connect()
                handing = asyncio.create_task(self._hand_over_all())
                await self._read()
            except (OSError, Refusal):
                pass  # the engine is away or speaks another protocol: try again
            finally:
                if handing is not None:
                    handing.cancel()
                self._close()
            await asyncio.sleep(_AGAIN)

    async def attach(self, kernel: Attach, listener: socket.socket) -> None:
        """Hand over a kernel's listening socket now, or as soon as the engine is there.

        The listener stays open here until `detach`, so that it can be handed over again.
        """
        self._kernels[kernel.kernel] = (kernel, listener)
        with contextlib.suppress(OSError, Refusal):
            await self._hand_over(kernel.kernel)

    async def detach(self, kernel: str) -> None:
        """The kernel is gone."""
        _, listener = self._kernels.pop(kernel, (None, None))
        if listener is not None:
            listener.close()
        if kernel in self._handed:
            self._handed.discard(kernel)
            with contextlib.suppress(OSError, Refusal):
                await self._ask(Detach(kernel=kernel), Ok)

    async def rendering(self, project: str, release: str) -> Rendered | None:
        """The engine's own words for a release of this project; None when it does not answer."""
        with contextlib.suppress(OSError, Refusal):
            return await self._ask(Rendering(project=project, release=release), Rendered)
        return None

    async def sealed_keys(
        self, project: str, user: str, lane: Literal["sealed", "interactive"] = "sealed"
    ) -> ViewKeys:
        """Where the view lies and its keys; Refusal when the engine refuses or is away."""
        try:
            return await self._ask(SealedKeys(project=project, user=user, lane=lane), ViewKeys)
        except OSError:
            raise Refusal(
                "engine_away", "The engine does not answer.", "Try again in a minute."
            ) from None

    async def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)  # noqa: FBT003 - the library's signature
        try:
            await asyncio.get_running_loop().sock_connect(connection, str(self._path))
        except OSError:
            connection.close()
            raise
        self._connection = connection
        self._handed.clear()

    async def _hand_over_all(self) -> None:
        for kernel in list(self._kernels):
            with contextlib.suppress(OSError, Refusal):
                await self._hand_over(kernel)

    async def _hand_over(self, kernel: str) -> None:
        async with self._handing:
            if kernel in self._kernels and kernel not in self._handed:
                attach, listener = self._kernels[kernel]
                await self._ask(attach, Attached, listener)
                self._handed.add(kernel)

    async def _read(self) -> None:
        while True:
            (length,) = struct.unpack(">I", await self._exactly(4))
            if length > FRAME_LIMIT:
                raise ConnectionError
            answer = unpack(_REPLY, await self._exactly(length))
            if self._pending is not None and not self._pending.done():
                self._pending.set_result(answer)

    async def _exactly(self, length: int) -> bytes:
        if self._connection is None:
            raise ConnectionError
        parts = bytearray()
        while len(parts) < length:
            loop = asyncio.get_running_loop()
            piece = await loop.sock_recv(self._connection, min(length - len(parts), 1 << 16))
            if not piece:
                raise ConnectionError
            parts += piece
        return bytes(parts)

    async def _ask(
        self, request: EngineRequest, expected: type[_R], listener: socket.socket | None = None
    ) -> _R:
        """One question, one answer, in turn. A broken or late line is an OSError."""
        async with self._turn:
            if self._connection is None:
                raise ConnectionError
            frame = pack(request)
            if listener is not None:
                sent = socket.send_fds(self._connection, [frame], [listener.fileno()])
                frame = frame[sent:]
            loop = asyncio.get_running_loop()
            self._pending = loop.create_future()
            await loop.sock_sendall(self._connection, frame)
            try:
                answer = await asyncio.wait_for(self._pending, _PATIENCE)
            except TimeoutError:
                # a late answer must not be taken for the next one: `keep` makes a new line
                self._connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionError from None
        if isinstance(answer, Refused):
            raise Refusal(answer.code, answer.reason, answer.remedy)
        if not isinstance(answer, expected):
            raise Refusal(
                "engine_failed", "The engine could not answer.", "Try again; tell the operator."
            )
        return answer

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(ConnectionError())
