"""A gate daemon for tests of the hub: the real protocol, an ordinary kernel behind it, no jail."""

import hashlib
import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from kernels.protocol import (
    Ended,
    Grant,
    Launch,
    Launched,
    Ok,
    Refused,
    Renew,
    Revoke,
    ServerRequest,
    Signal,
    read_frame,
    unpack,
    write_frame,
)

REQUEST: TypeAdapter[Any] = TypeAdapter(ServerRequest)


class PlainGate:
    """Listens on both sockets of an instance's runtime folder until `close`.

    grants: what the hub granted, by token hash. kernels: their processes, by kernel id.
    why: the sentence told when a kernel ends.
    """

    def __init__(self, gated: Path, admin: Path) -> None:
        self.grants: dict[str, Grant] = {}
        self.kernels: dict[str, subprocess.Popen[bytes]] = {}
        self.asked: list[Any] = []
        self.why = "The kernel used more memory than a project may."
        self._sockets = []
        for path in (gated, admin):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
            path.chmod(0o666 if path is gated else 0o600)
            listening.listen()
            self._sockets.append(listening)
            threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def close(self) -> None:
        for listening in self._sockets:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for kernel in self.kernels.values():
            kernel.kill()
            kernel.wait()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            kernel = None
            while (body := read_frame(line)) is not None:
                request = unpack(REQUEST, body)
                self.asked.append(request)
                match request:
                    case Grant():
                        self.grants[request.token_sha256] = request
                        write_frame(line, Ok())
                    case Renew() | Revoke():
                        write_frame(line, Ok())
                    case Launch():
                        kernel = self._launch(line, request)
                    case Signal() if kernel is not None:
                        self._signal(kernel, request)
            if kernel is not None:
                kernel.kill()

    def _launch(self, line: socket.socket, request: Launch) -> "subprocess.Popen[bytes] | None":
        grant = self.grants.get(hashlib.sha256(request.token.encode()).hexdigest())
        if grant is None:
            write_frame(
                line, Refused(id=0, code="not_granted", reason="No grant.", remedy="Start again.")
            )
            return None
        if request.lane == "sealed" and not grant.sealed:
            reason, remedy = "The permit allows no sealed runs.", "Ask for an amendment."
            write_frame(line, Refused(id=0, code="no_sealed", reason=reason, remedy=remedy))
            return None
        folder = Path(grant.front, request.kernel[:16])
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        for old in folder.iterdir():
            old.unlink()
        card = {
            "transport": "ipc", "ip": f"{folder}/k", "key": request.front_key,
            "signature_scheme": "hmac-sha256", "kernel_name": "",
            "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5,
        }  # fmt: skip
        paper = folder / "card.json"
        paper.write_text(json.dumps(card))
        paper.chmod(0o600)
        kernel = subprocess.Popen(
            [sys.executable, "-m", "ipykernel_launcher", "-f", str(paper)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            umask=0,
        )
        self.kernels[request.kernel] = kernel
        write_frame(line, Launched(front=f"{folder}/k"))
        threading.Thread(target=self._watch, args=(line, kernel), daemon=True).start()
        return kernel

    def _watch(self, line: socket.socket, kernel: "subprocess.Popen[bytes]") -> None:
        code = kernel.wait()
        with suppress(OSError):
            write_frame(line, Ended(exit=code, why=self.why))

    @staticmethod
    def _signal(kernel: "subprocess.Popen[bytes]", request: Signal) -> None:
        number = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM, "kill": signal.SIGKILL}
        with suppress(ProcessLookupError):
            kernel.send_signal(number[request.what])
