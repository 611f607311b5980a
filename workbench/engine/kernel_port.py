"""A kernel's listening socket: who may connect, and how many at once."""

import logging
import select
import socket
from contextlib import suppress
from threading import BoundedSemaphore, Event, Lock, Thread

from workbench.domain.errors import Refusal
from workbench.engine.desk import Desk
from workbench.engine.faults import incident
from workbench.engine.session import REQUEST_LIMIT, Kernel, Session
from workbench.engine.turns import Turns
from workbench.engine.wire import Channel, peer_uid

__all__ = ["KernelPort", "Ports"]

_log = logging.getLogger("workbench.engine")
SESSIONS = 2
"""Connections of one kernel: its own, and the one it makes while the old one is not yet gone."""
KERNELS = 256
POLL_MILLISECONDS = 500


class KernelPort:
    """Accepts the kernel whose socket this is, and nobody else."""

    def __init__(self, kernel: Kernel, listener: socket.socket, desk: Desk, turns: Turns) -> None:
        self._kernel = kernel
        self._listener = listener
        self._desk = desk
        self._turns = turns
        self._stop = Event()
        self._seats = BoundedSemaphore(SESSIONS)
        self._channels: set[Channel] = set()
        self._lock = Lock()
        Thread(target=self._accept, name=f"port-{kernel.kernel[:8]}", daemon=True).start()

    def close(self) -> None:
        """Stop listening here and hang up; the plan under way is stopped."""
        self._stop.set()
        with self._lock:
            for channel in self._channels:
                channel.close()

    def _accept(self) -> None:
        self._listener.setblocking(False)  # noqa: FBT003 - the library's signature
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        with self._listener:
            while not self._stop.is_set():
                if not poll.poll(POLL_MILLISECONDS):
                    continue
                with suppress(OSError):
                    connection, _ = self._listener.accept()
                    self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        if peer_uid(connection) != self._kernel.uid:
            _log.warning("a stranger on the socket of kernel %s", self._kernel.kernel)
            connection.close()
        elif not self._seats.acquire(blocking=False):
            connection.close()
        else:
            Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        channel = Channel(connection, REQUEST_LIMIT)
        with self._lock:
            self._channels.add(channel)
            if self._stop.is_set():
                channel.close()
        try:
            Session(self._kernel, channel, self._desk, self._turns).talk()
        except Exception as error:  # noqa: BLE001 - a kernel's thread ends alone
            incident(error)
        finally:
            with self._lock:
                self._channels.discard(channel)
            self._seats.release()


class Ports:
    """The sockets of all kernels, by kernel id."""

    def __init__(self, desk: Desk, turns: Turns) -> None:
        self._desk = desk
        self._turns = turns
        self._ports: dict[str, KernelPort] = {}
        self._lock = Lock()

    def attach(self, kernel: Kernel, descriptor: int) -> None:
        """Listen on a socket handed over; the same kernel handed over again takes its place.

        The descriptor is owned from here on. Raises Refusal("not_a_listener", "too_many_kernels").
        """
        listener = socket.socket(fileno=descriptor)
        try:
            _check_listener(listener)
            with self._lock:
                if kernel.kernel not in self._ports and len(self._ports) >= KERNELS:
                    raise Refusal(
                        "too_many_kernels",
                        f"The engine serves {KERNELS} notebooks already.",
                        "Close some, or start another engine.",
                    )
        except BaseException:
            listener.close()
            raise
        port = KernelPort(kernel, listener, self._desk, self._turns)
        with self._lock:
            before = self._ports.get(kernel.kernel)
            self._ports[kernel.kernel] = port
        if before is not None:
            before.close()

    def detach(self, kernel: str) -> None:
        """Forget a kernel."""
        with self._lock:
            port = self._ports.pop(kernel, None)
        if port is not None:
            port.close()

    def close(self) -> None:
        """Forget all of them."""
        for kernel in list(self._ports):
            self.detach(kernel)


def _check_listener(listener: socket.socket) -> None:
    unix = listener.family == socket.AF_UNIX and listener.type == socket.SOCK_STREAM
    if not unix or not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise Refusal(
            "not_a_listener",
            "What came with the kernel is no listening unix socket.",
            "Hand over the socket that was bound for the kernel.",
        )
