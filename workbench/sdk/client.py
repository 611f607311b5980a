"""The notebook's line to the engine: one socket, one question at a time."""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from kernels.protocol import (
    Answer,
    Ask,
    Cancel,
    Failed,
    Hello,
    KernelReply,
    Message,
    Progress,
    Run,
    Welcome,
    read_frame,
    unpack,
    write_frame,
)
from kernels.protocol import Refused as RefusedMessage
from workbench.sdk.refused import Refused, told

__all__ = ["Client"]

SOCKET = "/run/engine/engine.sock"
PATIENCE = 15.0
"""Seconds until the engine's first word. Its socket stands open while it is away, so that a kernel
finds it again: without a limit a cell would wait in silence."""
_WIDTH = 20
_REPLY: TypeAdapter[KernelReply] = TypeAdapter(KernelReply)


class Client:
    """A connection that opens when it is first needed, and again when the engine was restarted."""

    def __init__(
        self, path: str | Path | None = None, teller: Callable[[str], None] | None = None
    ) -> None:
        self._teller = teller
        self.path = str(path or os.environ.get("WORKBENCH_ENGINE") or SOCKET)
        self._socket: socket.socket | None = None
        self._next = 0
        self.welcome: Welcome = self._connected()

    def run(self, plan: str) -> Mapping[str, Any]:
        """The answer to a plan (JSON); Refused when it is not given. Ctrl-C stops the plan."""
        self._next += 1
        return self._exchange(Run(id=self._next, plan=plan))

    def fix(self, plan: str) -> Mapping[str, Any]:
        """What a plan (JSON) may become so that it is released; takes as long as some runs."""
        self._next += 1
        return self._exchange(Run(id=self._next, plan=plan, fix=True))

    def ask(
        self, what: Literal["budget", "history", "release"], release: str | None = None
    ) -> Mapping[str, Any]:
        """The project's budget account, its releases so far, or one of them again."""
        self._next += 1
        try:
            request = Ask(id=self._next, what=what, release=release)
        except ValueError:
            raise Refused(
                "unknown_release",
                "A release is named by its 16 hexadecimal digits.",
                "See p.history() for those of this project.",
            ) from None
        return self._exchange(request)

    def cancel(self) -> None:
        """Stop the plan under way, from another thread; its answer is then a refusal."""
        with suppress(OSError, Refused):
            self._send(Cancel(id=self._next))

    def close(self) -> None:
        """Hang up; a plan under way is stopped."""
        self._close()

    def _exchange(self, request: Run | Ask) -> Mapping[str, Any]:
        try:
            return self._once(request)
        except (ConnectionError, TimeoutError, FileNotFoundError):
            self._close()
        self._connected()
        try:
            return self._once(request)
        except OSError:
            self._close()
            raise _away() from None

    def _once(self, request: Run | Ask) -> Mapping[str, Any]:
        if self._socket is None:
            self._connected()
        self._send(request)
        shown = _Meter(self._teller)
        try:
            return self._answer(request.id, shown)
        except KeyboardInterrupt:
            self._send(Cancel(id=request.id))
            self._answer(request.id, shown)
            raise
        finally:
            shown.done()

    def _answer(self, number: int, shown: "_Meter") -> Mapping[str, Any]:
        while True:
            reply = self._receive()
            if isinstance(reply, Welcome) or reply.id != number:
                continue  # the end of a plan that was given up
            if isinstance(reply, Progress):
                shown.at(reply)
            elif isinstance(reply, Answer):
                return reply.body
            elif isinstance(reply, RefusedMessage):
                raise Refused(reply.code, reply.reason, reply.remedy, reply.findings)
            elif isinstance(reply, Failed):
                raise Refused(
                    "engine_failed",
                    f"The engine could not answer (incident {reply.incident}).",
                    "Try again; if it happens again, give the incident's id to the operator.",
                )

    def _connected(self) -> Welcome:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(self.path)
            self._socket = connection
            self._send(Hello())
            reply = self._receive()
        except OSError:
            connection.close()
            self._close()
            raise _away() from None
        if isinstance(reply, Welcome):
            connection.settimeout(None)  # a plan takes as long as it takes
            return reply
        self._close()
        if isinstance(reply, RefusedMessage):
            raise Refused(reply.code, reply.reason, reply.remedy)
        raise _away()

    def _send(self, message: Message) -> None:
        if self._socket is None:
            raise ConnectionError
        with told():
            write_frame(self._socket, message)

    def _receive(self) -> KernelReply:
        if self._socket is None:
            raise ConnectionError
        with told():
            body = read_frame(self._socket)
            if body is None:
                raise ConnectionError
            return unpack(_REPLY, body)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Meter:
    """One line of progress, only when a plan takes long enough to see it."""

    def __init__(self, teller: Callable[[str], None] | None = None) -> None:
        self._teller = teller
        self._said = False

    def at(self, progress: Progress) -> None:
        if progress.queued:
            text = f"{_nth(progress.queued)} in the queue"
        elif progress.total > 1:
            text = f"{_bar(progress)} {progress.done} of {progress.total} parts done"
        else:
            return
        if self._teller is not None:
            self._teller(text)
            return
        sys.stderr.write(f"\r{text}   ")
        sys.stderr.flush()
        self._said = True

    def done(self) -> None:
        if self._said:
            sys.stderr.write("\r" + " " * 60 + "\r")
            sys.stderr.flush()


def _bar(progress: Progress) -> str:
    filled = progress.done * _WIDTH // progress.total
    return "▰" * filled + "▱" * (_WIDTH - filled)


def _nth(place: int) -> str:
    teen = place % 100 in (11, 12, 13)
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def _away() -> Refused:
    return Refused(
        "no_engine",
        "The engine does not answer.",
        "Run the cell again in a minute: the kernel finds the engine by itself when it is back. "
        "If it stays away, tell the operator.",
    )
