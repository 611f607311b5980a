"""Serve a unix socket until told to stop: one thread a caller, refusals told, faults hidden."""

import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import TypeAdapter

from pseudonym.errors import Fault, Refusal
from pseudonym.line import Line, answer_call
from pseudonym.wire import Failed, Refused, Reply

__all__ = ["Desk", "incident", "serve_socket", "stop_on_signals"]

T = TypeVar("T")
_log = logging.getLogger("pseudonym")
CALLERS = 32
POLL_SECONDS = 0.2


class Desk(Protocol[T]):
    """Answers requests of one closed form."""

    @property
    def name(self) -> str:
        """The service's name, part of the handshake."""

    @property
    def form(self) -> TypeAdapter[T]:
        """What may be asked."""

    def answer(self, request: T) -> tuple[Reply, bytes]:
        """The reply and the bytes beside it; Refusal for what is not done."""


def serve_socket(desk: Desk[T], path: Path, secret: bytes, stop: threading.Event) -> None:
    """Listen at `path` (0600) and answer until `stop` is set.

    Raises Refusal("already_running") when somebody serves there.
    """
    with _listening(desk.name, path) as listener:
        seats = threading.BoundedSemaphore(CALLERS)
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            if not seats.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(
                target=_serve_caller, args=(desk, connection, secret, seats), daemon=True
            ).start()


def stop_on_signals(stop: threading.Event) -> None:
    """End cleanly on SIGTERM and SIGINT; only where signals can be taken, in the main thread."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())


def incident(error: BaseException) -> str:
    """Log a fault by type and place, never by its message, and return the incident's id."""
    mark = error.incident if isinstance(error, Fault) else secrets.token_hex(4)
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-6:]
    ]
    _log.error("incident %s: %s at %s", mark, type(error).__name__, " > ".join(places))
    return mark


def _serve_caller(
    desk: Desk[T], connection: socket.socket, secret: bytes, seats: threading.BoundedSemaphore
) -> None:
    try:
        with contextlib.closing(connection):
            line = answer_call(connection, desk.name, secret)
            while _answer_one(desk, line):
                pass
    except Refusal as refusal:
        _log.warning("%s: a caller was turned away: %s", desk.name, refusal.code)
    except OSError:
        _log.info("%s: a caller hung up", desk.name)
    finally:
        seats.release()


def _answer_one(desk: Desk[T], line: Line) -> bool:
    """Answer the next request; False when the caller is done or spoke no sense."""
    try:
        asked = line.receive(desk.form, bulk_limit=0)
    except Refusal as refusal:
        line.send(_refused(refusal))
        return False
    if asked is None:
        return False
    try:
        reply, bulk = desk.answer(asked[0])
    except Refusal as refusal:
        _log.info("%s: refused %s", desk.name, refusal.code)
        reply, bulk = _refused(refusal), b""
    except Exception as error:  # noqa: BLE001 - the boundary: nothing of an error's text goes on
        reply, bulk = Failed(incident=incident(error)), b""
    line.send(reply, bulk)
    return True


def _refused(refusal: Refusal) -> Refused:
    return Refused(code=refusal.code, reason=refusal.reason, remedy=refusal.remedy)


@contextlib.contextmanager
def _listening(name: str, path: Path) -> Iterator[socket.socket]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.stat()
    if folder.st_uid != os.geteuid() or folder.st_mode & 0o022:
        raise Refusal(
            "open_folder",
            f"The folder of the {name}'s socket can be changed by other accounts.",
            f"Give it to the platform's account alone: chmod 700 {path.parent}",
        )
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    with contextlib.closing(listener):
        if _alive(path):
            raise Refusal(
                "already_running",
                f"A {name} answers already.",
                "Stop the other one first; one instance has one of each.",
            )
        path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(CALLERS)
        listener.settimeout(POLL_SECONDS)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _alive(path: Path) -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
