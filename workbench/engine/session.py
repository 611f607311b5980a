"""One kernel's conversation: hello, then plans one at a time, cancellations and questions."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from pydantic import TypeAdapter

import kernels.errors
from kernels.protocol import (
    Answer,
    Ask,
    Cancel,
    Failed,
    Hello,
    KernelRequest,
    Message,
    Progress,
    Refused,
    Run,
    Welcome,
    unpack,
)
from workbench.domain.errors import Refusal
from workbench.engine.desk import Desk
from workbench.engine.faults import incident
from workbench.engine.turns import Turns
from workbench.engine.wire import Channel, Closed

__all__ = ["REQUEST_LIMIT", "Kernel", "Session"]

REQUEST_LIMIT = 256 << 10
"""Bytes of a kernel's frame: a plan of 64 KiB, quoted as a JSON string."""
BURST = 60
PER_SECOND = 5.0
_REQUEST: TypeAdapter[KernelRequest] = TypeAdapter(KernelRequest)


@dataclass(frozen=True)
class Kernel:
    """Who speaks on a socket: the socket is the identity, the uid its check."""

    kernel: str
    project: str
    user: str
    uid: int


@dataclass(frozen=True)
class _Running:
    """A plan under way; decided: its answer is known and about to be sent."""

    id: int
    cancelled: Event
    decided: Event
    worker: Thread


class Session:
    """A connected kernel, which may say anything."""

    def __init__(self, kernel: Kernel, channel: Channel, desk: Desk, turns: Turns) -> None:
        self._kernel = kernel
        self._channel = channel
        self._desk = desk
        self._turns = turns
        self._running: _Running | None = None
        self._allowance = float(BURST)
        self._seen = time.monotonic()

    def talk(self) -> None:
        """Serve until the kernel hangs up or misbehaves; its plan under way is then stopped."""
        try:
            if self._greeted():
                while self._served():
                    pass
        except (Closed, kernels.errors.Refusal):
            pass  # what a kernel does to its own line is its own affair
        finally:
            self._channel.close()
            if self._running is not None:
                self._running.cancelled.set()
                self._running.worker.join()
            self._channel.release()

    def _greeted(self) -> bool:
        request = self._received(wait=10.0)
        if not isinstance(request, Hello):
            return False

        def welcome() -> Message:
            return self._desk.welcome(self._kernel.project, self._kernel.user)

        return isinstance(self._told(0, welcome), Welcome)

    def _served(self) -> bool:
        request = self._received(wait=None)
        if request is None or isinstance(request, Hello):
            return False
        if isinstance(request, Cancel):
            if self._running is not None and self._running.id == request.id:
                self._running.cancelled.set()
            return True
        if not self._allowed():
            self._refuse(request.id, "too_many", "That is more than five questions a second.",
                         "Ask more slowly.")  # fmt: skip
        elif isinstance(request, Run):
            self._start(request)
        else:
            self._answer(request)
        return True

    def _start(self, request: Run) -> None:
        if self._running is not None and not self._running.decided.is_set():
            self._refuse(
                request.id,
                "busy",
                "This notebook has a plan under way.",
                "Wait for it, or stop it with Kernel › Interrupt.",
            )
            return
        if self._running is not None:
            self._running.worker.join()
        cancelled, decided = Event(), Event()
        worker = Thread(target=self._run, args=(request, cancelled, decided), daemon=True)
        self._running = _Running(request.id, cancelled, decided, worker)
        worker.start()

    def _run(self, request: Run, cancelled: Event, decided: Event) -> None:
        def progress(done: int, total: int) -> None:
            self._channel.send(Progress(id=request.id, done=done, total=total))

        def queued(before: int) -> None:
            self._channel.send(Progress(id=request.id, done=0, total=0, queued=before))

        def run() -> Message:
            try:
                return answered()
            finally:
                decided.set()

        def answered() -> Message:
            project, user = self._kernel.project, self._kernel.user
            at_once = self._desk.at_once(project, user)
            with self._turns.turn(project, at_once, cancelled, queued):
                body = (
                    self._desk.fix(project, user, request.plan, cancelled=cancelled)
                    if request.fix
                    else self._desk.run(
                        project, user, request.plan, cancelled=cancelled, progress=progress
                    )
                )
            return Answer(id=request.id, body=dict(body))

        self._told(request.id, run)

    def _answer(self, request: Ask) -> None:
        def ask() -> Message:
            body: dict[str, Any] = self._desk.ask(
                self._kernel.project, self._kernel.user, request.what, request.release
            )
            return Answer(id=request.id, body=body)

        self._told(request.id, ask)

    def _told(self, number: int, make: Callable[[], Message]) -> Message | None:
        """Send what `make` gives, or its refusal, or an incident's id; None when hung up."""
        try:
            reply = make()
        except Refusal as refusal:
            findings = [dict(one) for one in getattr(refusal, "findings", ())]
            reply = Refused(
                id=number,
                code=refusal.code,
                reason=refusal.reason,
                remedy=refusal.remedy,
                findings=findings,
            )
        except Closed:
            return None
        except BaseException as error:  # noqa: BLE001 - the boundary: nothing of it goes on
            reply = Failed(id=number, incident=incident(error))
        try:
            self._channel.send(reply)
        except Closed:
            self._channel.close()
            return None
        except kernels.errors.Refusal:
            self._channel.send(Failed(id=number, incident="too-large"))
        return reply

    def _received(self, wait: float | None) -> KernelRequest | None:
        found = self._channel.receive(wait)
        if found is None:
            return None
        return unpack(_REQUEST, found[0])

    def _allowed(self) -> bool:
        now = time.monotonic()
        self._allowance = min(float(BURST), self._allowance + (now - self._seen) * PER_SECOND)
        self._seen = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _refuse(self, number: int, code: str, reason: str, remedy: str) -> None:
        self._channel.send(Refused(id=number, code=code, reason=reason, remedy=remedy))
