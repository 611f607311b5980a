"""An IPython kernel on sockets that the host has bound: no TCP, no connection file, no history."""

import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

from kernels.inside.missing import hint_at_packages, refuse_installers
from kernels.inside.semaphores import look_again

__all__ = ["run"]

_PREFIX = "/run/kernel"
_PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
_WARM_UP_AFTER = 1.0
"""Seconds: by then a waiting notebook has had its first answer."""


class _App(IPKernelApp):
    """IPython's kernel, listening where it was told and reading no configuration."""

    listen: Sequence[int] = ()

    def _try_bind_socket(self, s: Any, port: int) -> Any:
        s.setsockopt(zmq.USE_FD, self.listen[port - 1])
        s.setsockopt(zmq.SNDHWM, 0)  # what the relay has not read waits in our memory, not dropped
        return super()._try_bind_socket(s, port)  # type: ignore[no-untyped-call]  # ipykernel's

    def init_connection_file(self) -> None:
        """There is none: the host passes key and sockets."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """There is none: the host passes key and sockets."""

    def log_connection_info(self) -> None:
        """Remember the channels' numbers; say nothing."""
        self._ports = {name.removesuffix("_port"): getattr(self, name) for name in _PORTS}

    def init_crash_handler(self) -> None:
        """A crash is seen by the host; there is nobody to write a report for."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """No configuration files: a kernel starts the same way every time."""


def run(listen: Sequence[int], key: bytes, *, seen: bool = True) -> None:
    """Serve the five channels (shell, iopub, stdin, heartbeat, control) until told to stop.

    seen: what cells show is relayed; otherwise only their outcome is sent.
    """
    _inherit_sockets(listen)
    _keep_children_off_tcp()
    look_again()
    config = Config()
    config.HistoryManager.enabled = False
    config.IPCompleter.use_jedi = False  # from live objects: at once, and no source is guessed at
    config.Session.key = key
    config.Session.signature_scheme = "hmac-sha256"
    config.IPKernelApp.transport = "ipc"
    config.IPKernelApp.ip = _PREFIX
    for number, name in enumerate(_PORTS, 1):
        config.IPKernelApp[name] = number
    config.IPKernelApp.quiet = True
    which = "announced.AnnouncedKernel" if seen else "unseen.UnseenKernel"
    config.IPKernelApp.kernel_class = f"kernels.inside.{which}"
    _App.listen = listen
    # debugging is not relayed: its machinery would be a third of the start
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # the way to say: not installed
    app = _App.instance(config=config)
    app.initialize([])  # type: ignore[no-untyped-call]  # ipykernel's
    del sys.modules["debugpy"]
    hint_at_packages(app.shell)
    refuse_installers(app.shell)
    with contextlib.suppress(zmq.ZMQError):
        # nobody debugs here; unconnected, the socket does not try again ten times a second
        app.debug_shell_socket.disconnect(app.shell_socket.getsockopt(zmq.LAST_ENDPOINT))
    timer = threading.Timer(_WARM_UP_AFTER, _warm_up)
    timer.daemon = True
    timer.start()
    app.start()  # type: ignore[no-untyped-call]  # ipykernel's


def _inherit_sockets(listen: Sequence[int]) -> None:
    def bind(self: Any) -> Any:
        self.socket.setsockopt(zmq.USE_FD, listen[self.port - 1])
        return self.socket.bind(f"ipc://{self.ip}-{self.port}")

    Heartbeat._try_bind_socket = bind  # type: ignore[method-assign]  # no hook


def _keep_children_off_tcp() -> None:
    """Let forked children send their prints over a Unix socket: IPython's way needs TCP."""
    address = f"ipc:///tmp/.prints-{os.urandom(8).hex()}"

    def pipe_in(self: Any) -> None:
        self._pipe_uuid = os.urandom(16)
        entry = self.socket.context.socket(zmq.PULL)
        entry.linger = 0
        entry.bind(address)
        self._pipe_in = ZMQStream(entry, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def pipe_out(_self: Any) -> tuple[Any, Any]:
        context = zmq.Context()
        way_out = context.socket(zmq.PUSH)
        way_out.linger = 3000
        way_out.connect(address)
        return context, way_out

    IOPubThread._setup_pipe_in = pipe_in  # type: ignore[method-assign]  # no hook
    IOPubThread._setup_pipe_out = pipe_out  # type: ignore[method-assign]  # no hook


def _warm_up() -> None:
    """Import the SDK before the first cell asks for it."""
    if "workbench.sdk" not in sys.modules:
        with contextlib.suppress(Exception):  # the cell that imports it will tell the user
            __import__("workbench.sdk")
