"""An engine that knows the control protocol and nothing of data: for tests of the jail."""

import contextlib
import select
import socket
import struct
import threading
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from kernels.protocol import (
    Attach,
    Attached,
    Detach,
    EngineReply,
    EngineRequest,
    KernelRequest,
    Ok,
    Refused,
    Rendered,
    Rendering,
    SealedKeys,
    ViewKeys,
    Welcome,
    read_frame,
    unpack,
    write_frame,
)

_CONTROL: TypeAdapter[Any] = TypeAdapter(EngineRequest)
_KERNEL: TypeAdapter[Any] = TypeAdapter(KernelRequest)


class FakeEngine:
    """Serves the control socket in threads; notes what it was asked in `asked`."""

    def __init__(self, path: Path, views: Path) -> None:
        self.path = path
        self.views = views
        self.asked: list[Any] = []
        self.peers: list[int] = []
        self.releases: dict[tuple[str, str], str] = {}
        self.refuse_keys = False
        self.keys: dict[str, Any] = {"key": "k" * 16}
        self._running = threading.Event()
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def start(self) -> None:
        self._running = threading.Event()
        self._running.set()
        self.path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        self._running.clear()
        for connection in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()
        self.path.unlink(missing_ok=True)

    def attached(self) -> list[Attach]:
        return [request for request in self.asked if isinstance(request, Attach)]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._open.append(connection)
            if not self._running.is_set():  # it was stopped meanwhile
                connection.close()
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            while True:
                head, descriptors, _, _ = socket.recv_fds(connection, 4, 1)
                if not head:
                    return
                (length,) = struct.unpack(">I", head)
                body = b""
                while len(body) < length:
                    body += connection.recv(length - len(body))
                request = unpack(_CONTROL, body)
                self.asked.append(request)
                write_frame(connection, self._answer(request, descriptors))
        except OSError:
            return

    def _answer(self, request: Any, descriptors: list[int]) -> EngineReply:
        match request:
            case Attach():
                listener = socket.socket(fileno=descriptors[0])
                threading.Thread(
                    target=self._kernels, args=(listener, request), daemon=True
                ).start()
                return Attached()
            case Detach():
                return Ok()
            case Rendering(project=project, release=release):
                text = self.releases.get((project, release))
                return Rendered(html=text and f"<b>{text}</b>", text=text)
            case SealedKeys(project=project):
                if self.refuse_keys:
                    return Refused(id=0, code="no", reason="Not now.", remedy="Wait.")
                return ViewKeys(path=str(self.views / project / "v1"), keys=self.keys)
        raise AssertionError(request)

    def _kernels(self, listener: socket.socket, attach: Attach) -> None:
        # the listener is the daemon's too: it is closed here, never shut down
        running = self._running
        with listener:
            while running.is_set():
                if not select.select([listener], [], [], 0.1)[0]:
                    continue
                connection, _ = listener.accept()
                with connection:
                    self._welcome(connection, attach)

    def _welcome(self, connection: socket.socket, attach: Attach) -> None:
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.peers.append(struct.unpack("3i", peer)[1])
        frame = read_frame(connection)
        if frame is not None:
            unpack(_KERNEL, frame)
            write_frame(connection, Welcome(project=attach.project, permit={}, view={}))
