"""The control socket: the gate daemon attaches kernels and asks; the airlock has outputs certified,
the operator has the end of the log signed.

Only processes of the platform's own account are heard.
"""

import logging
import os
import socket
from contextlib import suppress
from threading import BoundedSemaphore, Lock, Thread

from pydantic import TypeAdapter

import kernels.errors
from kernels.protocol import (
    Attach,
    Attached,
    CertifyOutput,
    Detach,
    EngineRequest,
    Failed,
    Message,
    Ok,
    Overlapping,
    Refused,
    Rejudge,
    Rendering,
    SignEnd,
    unpack,
)
from workbench.domain.errors import Refusal
from workbench.engine.desk import Desk
from workbench.engine.faults import incident
from workbench.engine.kernel_port import Ports
from workbench.engine.session import Kernel
from workbench.engine.wire import Channel, Closed, peer_uid

__all__ = ["Control"]

_log = logging.getLogger("workbench.engine")
_REQUEST: TypeAdapter[EngineRequest] = TypeAdapter(EngineRequest)
CALLERS = 16
REQUEST_LIMIT = 64 << 10


class Control:
    """Serves connections of the control socket, one thread each."""

    def __init__(self, desk: Desk, ports: Ports) -> None:
        self._desk = desk
        self._ports = ports
        self._seats = BoundedSemaphore(CALLERS)
        self._channels: set[Channel] = set()
        self._lock = Lock()

    def admit(self, connection: socket.socket) -> None:
        """Hear a caller of our own account; hang up on any other, and when too many call."""
        if peer_uid(connection) not in (os.geteuid(), 0) or not self._seats.acquire(blocking=False):
            connection.close()
            return
        Thread(target=self._talk, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody."""
        with self._lock:
            for channel in self._channels:
                channel.close()

    def _talk(self, connection: socket.socket) -> None:
        channel = Channel(connection, REQUEST_LIMIT, takes=1)
        with self._lock:
            self._channels.add(channel)
        try:
            while self._answered(channel):
                pass
        except Closed:
            _log.info("a caller of the control socket hung up or spoke no sense")
        except Exception as error:  # noqa: BLE001 - a caller's thread ends alone
            incident(error)
        finally:
            with self._lock:
                self._channels.discard(channel)
            channel.release()
            self._seats.release()

    def _answered(self, channel: Channel) -> bool:
        found = channel.receive(wait=None)
        if found is None:
            return False
        body, descriptors = found
        try:
            reply = self._reply(body, descriptors)
        except (Refusal, kernels.errors.Refusal) as refusal:
            reply = Refused(id=0, code=refusal.code, reason=refusal.reason, remedy=refusal.remedy)
        except Exception as error:  # noqa: BLE001 - the boundary: nothing of it goes on
            reply = Failed(id=0, incident=incident(error))
        finally:
            for one in descriptors:
                with suppress(OSError):
                    os.close(one)
        channel.send(reply)
        return True

    def _reply(self, body: bytes, descriptors: list[int]) -> Message:
        request = unpack(_REQUEST, body)
        if isinstance(request, Attach):
            if not descriptors:
                raise Refusal(
                    "no_socket", "No socket came with the kernel.", "Send it with the message."
                )
            kernel = Kernel(request.kernel, request.project, request.user, request.uid)
            self._ports.attach(kernel, descriptors.pop(0))
            return Attached()
        if isinstance(request, Detach):
            self._ports.detach(request.kernel)
            return Ok()
        if isinstance(request, Rendering):
            return self._desk.rendering(request.project, request.release)
        if isinstance(request, CertifyOutput):
            return self._desk.certify_output(request.request)
        if isinstance(request, Overlapping):
            return self._desk.overlaps(request.project)
        if isinstance(request, SignEnd):
            return self._desk.sign_end(request.instance, request.project)
        if isinstance(request, Rejudge):
            return self._desk.rejudge(request.release, request.layer)
        return self._desk.sealed_keys(request.project, request.user, request.lane)
