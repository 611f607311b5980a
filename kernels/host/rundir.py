"""The folder of one kernel under the runtime folder: its sockets, and who may reach them."""

import os
import secrets
import shutil
import socket
from pathlib import Path

__all__ = ["RunFolder"]


class RunFolder:
    """`b` the kernel's side, `e` the engine's socket; the server's side lies with its grant.

    As root each part belongs to the one account that may use it and is closed to all others. As an
    ordinary user there is one account only: then the server's jail shows nothing but `fronts`, the
    folder of its own grant (default: `f` beside the others).
    """

    def __init__(self, runtime: Path, fronts: Path | None = None) -> None:
        kernels = runtime / "k"
        kernels.mkdir(mode=0o711, exist_ok=True)
        name = secrets.token_hex(4)
        self.path = kernels / name
        self.path.mkdir(mode=0o711)
        self._front = fronts / name if fronts is not None else self.path / "f"
        for part in (self._front, self.path / "b", self.path / "e"):
            part.mkdir(mode=0o700)

    @property
    def front(self) -> Path:
        """Prefix of the sockets that the Jupyter server connects to."""
        return self._front / "k"

    @property
    def back(self) -> Path:
        """Prefix of the sockets that the kernel listens on."""
        return self.path / "b" / "k"

    @property
    def engine(self) -> Path:
        """The folder that the sandbox sees as /run/engine."""
        return self.path / "e"

    def listen_for_relay(self, count: int) -> list[socket.socket]:
        """Sockets bound here and inherited by the kernel, which never sees the folder."""
        return [_listen(Path(f"{self.back}-{number}")) for number in range(1, count + 1)]

    def listen_for_engine(self, uid: int) -> socket.socket:
        """The socket that the engine accepts this one kernel on; uid: the kernel's account."""
        path = self.engine / "engine.sock"
        listener = _listen(path)
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, uid, uid)
            os.chown(self.engine, uid, uid)
        return listener

    def remove(self) -> None:
        """The kernel has ended."""
        for folder in (self._front, self.path):
            shutil.rmtree(folder, ignore_errors=True)


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    listener.setblocking(False)  # noqa: FBT003 - the library's signature
    return listener
