"""What a sandbox may say about itself: four words, at most 64 bytes, parsed by a closed schema."""

import asyncio
import contextlib
import os
import socket
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

__all__ = ["Checked", "End", "Outbox", "Ready", "StatusChannel"]

_LIMIT = 64


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Outbox(_Word):
    """The first word of a sealed lane; with it comes the folder of the outbox as a descriptor."""

    k: Literal["outbox"]


class Ready(_Word):
    """The sandbox has proved itself."""

    k: Literal["ready"]


class Checked(_Word):
    """A check failed inside; nothing of the user's was run."""

    k: Literal["failed"]
    check: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]


class End(_Word):
    """A sealed run came to its end: ok, or an error in this cell and line of its own code."""

    k: Literal["end"]
    outcome: Literal["ok", "error"]
    cell: Annotated[int, Field(ge=1, lt=1_000_000)] | None = None
    line: Annotated[int, Field(ge=1, lt=1_000_000)] | None = None


_WORDS: TypeAdapter[Outbox | Ready | Checked | End] = TypeAdapter(
    Annotated[Outbox | Ready | Checked | End, Field(discriminator="k")]
)


class StatusChannel:
    """The host's end of a sandbox's status socket; `inner` goes to the sandbox."""

    def __init__(self) -> None:
        self._host, self.inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._host.setblocking(False)  # noqa: FBT003 - the library's signature
        self.outbox: int | None = None
        """The descriptor that came with `Outbox`; the receiver closes it."""

    async def receive(self) -> Outbox | Ready | Checked | End | None:
        """The next word; None when the sandbox is gone or says anything that is no word."""
        try:
            while (received := self._try_receive()) is None:
                await self._readable()
        except OSError:
            return None
        said, descriptors = received
        word = self._parse(said)
        if isinstance(word, Outbox) and self.outbox is None and descriptors:
            self.outbox = descriptors.pop()
        for descriptor in descriptors:
            os.close(descriptor)
        return word

    def _try_receive(self) -> tuple[bytes, list[int]] | None:
        try:
            said, descriptors, _, _ = socket.recv_fds(self._host, _LIMIT + 1, 1)
        except BlockingIOError:
            return None
        return said, descriptors

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(self._host, _resolve, readable)
        try:
            await readable
        finally:
            loop.remove_reader(self._host)

    @staticmethod
    def _parse(said: bytes) -> Outbox | Ready | Checked | End | None:
        if not said or len(said) > _LIMIT:
            return None
        with contextlib.suppress(ValidationError):
            return _WORDS.validate_json(said)
        return None

    def close(self) -> None:
        """Close both ends."""
        self._host.close()
        self.inner.close()


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
