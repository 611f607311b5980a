"""What the acts of the isolation report reach for: listeners, files, a process, a secret."""

import contextlib
import hashlib
import os
import secrets
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernels.host.config import Limits, package_root
from kernels.host.sandbox.image import code_image
from kernels.host.sandbox.interpreter import Interpreter
from kernels.host.sandbox.spawn import NAMESPACES, told_limits

__all__ = ["Laid", "laid_out"]

_DISCARD = 9
"""A port on which nothing listens."""


@dataclass(frozen=True)
class Laid:
    """root: the folder of it all; image: the code that kernels see; host: as the acts are told."""

    root: Path
    image: Path
    host: dict[str, Any]
    open_file: int


@contextlib.contextmanager
def laid_out(python: Interpreter, limits: Limits, alone: Limits) -> Iterator[Laid]:
    """Lay it out; all of it is canaries, and gone afterwards."""
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wb-report-")))
        abstract = f"workbench-{secrets.token_hex(8)}"
        for name in ("view", "other", "keys", "engine", "outbox"):
            (root / name).mkdir()
            (root / name / "canary").write_text("canary", encoding="ascii")
        addresses = (str(root / "host.sock"), str(root / "engine" / "engine.sock"))
        for address in (*addresses, "\0" + abstract):
            _listen(stack.enter_context(socket.socket(socket.AF_UNIX)), address)
        port = _loopback(stack)
        image = code_image(package_root(), root)
        opened = stack.enter_context((root / "keys" / "canary").open("rb"))
        if os.geteuid() == 0:
            for path in (root / "engine", Path(addresses[1])):
                path.chmod(0o777)  # it is the read-only mount that must stop the act
        null = Path("/dev/null").stat()
        yield Laid(
            root,
            image,
            {
                "root": str(root),
                "folder": str(root / "other"),
                "shown": [str(root / "view")],
                "outbox": str(root / "outbox"),
                "names": ["PATH"],
                "port": port,
                "abstract": abstract,
                "socket": addresses[0],
                "engine": addresses[1],
                "rows": str(root / "other" / "canary"),
                "key": str(root / "keys" / "canary"),
                "view": str(root / "view" / "canary"),
                "code": str(image / "kernels" / "protocol.py"),
                "package": str(python.site[0] / "zmq" / "__init__.py"),
                "pid": os.getpid(),
                "parent": os.getppid(),
                "sid": os.getsid(0),
                "process": hashlib.sha256(Path("/proc/self/cmdline").read_bytes()).hexdigest(),
                "canary": secrets.token_hex(8),
                "namespaces": {
                    kind: str(Path(f"/proc/self/ns/{kind}").readlink()) for kind in NAMESPACES
                },
                "null": [null.st_dev, null.st_ino],
                "limits": told_limits(limits),
                "memory": limits.memory,
                "scratch": limits.scratch,
                "shared": limits.shared,
                "alone_memory": alone.memory,
                "alone_processes": alone.processes,
                "outbox_size": limits.outbox,
            },
            opened.fileno(),
        )


def _loopback(stack: contextlib.ExitStack) -> int:
    """The port of a listener on the host's loopback; of none where the daemon itself has none."""
    try:
        tcp = stack.enter_context(socket.socket())
    except OSError:  # in a container or service that may not use the internet families at all
        return _DISCARD
    _listen(tcp, ("127.0.0.1", 0))
    return int(tcp.getsockname()[1])


def _listen(listener: socket.socket, address: Any) -> None:
    """Accept for ever, and tell each who comes under which account it is seen."""
    listener.bind(address)
    listener.listen()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    if listener.family == socket.AF_UNIX:
                        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                        connection.sendall(b"%d" % struct.unpack("3i", found)[1])

    threading.Thread(target=accept, daemon=True).start()
