"""The engine's side of a cluster: one request, one answer, wherever a worker is free."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final

import dask
from distributed import Client
from distributed.client import Future
from distributed.scheduler import KilledWorker, NoValidWorkerError, NoWorkerError

from workbench.domain.errors import Refusal
from workbench.engine.cluster.closed_pickle import close_pickles
from workbench.engine.cluster.doors import call_only
from workbench.engine.cluster.security import security_of
from workbench.engine.cluster.work import run_group
from workbench.engine.faults import fault, incident

__all__ = ["Crew"]

PATIENCE = 20.0
ATTEMPT = 3.0
POLL = 0.05
_SETTINGS: Final = {
    "distributed.comm.timeouts.connect": "10s",
    "distributed.client.heartbeat": "5s",
    "distributed.comm.retry.count": 0,
    "distributed.admin.tick.limit": "60s",
}


class Crew:
    """Connects when it is first asked, and again when the scheduler was lost. Many threads may
    ask. From then on this process connects by TLS to a scheduler and to nothing else of dask's."""

    def __init__(self, address: Callable[[], str], certificates: Path) -> None:
        """address: where the scheduler listens now. Raises Refusal("no_certificate")."""
        self._address = address
        self._security = security_of(certificates, "engine")
        self._client: Client | None = None
        self._lock = Lock()

    def ask(self, request: str, cancelled: Event, given_up: Event) -> bytes:
        """A worker's answer to a request.

        Raises Refusal("cancelled") when one of the events is set, Refusal("workers_lost") when
        every worker that tried it died, Fault when the scheduler was lost.
        """
        client = self._connection()
        future = client.submit(run_group, request, key=secrets.token_hex(16), pure=False)
        ended = Event()
        future.add_done_callback(lambda _: ended.set())
        try:
            while not ended.wait(POLL):
                if cancelled.is_set() or given_up.is_set():
                    future.cancel()
                    raise Refusal("cancelled", "The plan was stopped.", "Run it again.")
                if client.status != "running":
                    raise fault("the scheduler of the cluster was lost")
            return _answer(future)
        finally:
            future.release()

    def tell(self, request: str) -> None:
        """Give every worker a request whose answer nobody waits for; none when there is no line."""
        client = self._client
        if client is None or client.status != "running":
            return
        for worker in client.scheduler_info(n_workers=-1)["workers"]:
            future = client.submit(
                run_group,
                request,
                key=f"tell-{secrets.token_hex(16)}",
                pure=False,
                workers=[worker],
            )
            future.add_done_callback(Future.release)

    def workers(self) -> int:
        """How many workers the scheduler has. Raises Fault when there is no scheduler."""
        return len(self._connection().scheduler_info(n_workers=-1)["workers"])

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._end()

    def _connection(self) -> Client:
        with self._lock:
            client = self._client
            if client is None or client.status != "running":
                self._end()
                self._client = client = self._new()
            return client

    def _new(self) -> Client:
        close_pickles()
        call_only({"scheduler"})
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with dask.config.set(_SETTINGS):
                    return _Line(
                        self._address(),  # asked each time: another may have taken its place
                        security=self._security,
                        set_as_default=False,
                        timeout=ATTEMPT,
                        direct_to_workers=False,
                    )
            except (OSError, TimeoutError):
                time.sleep(POLL)
        raise fault("no scheduler of the cluster answers")

    def _end(self) -> None:
        if self._client is not None:
            self._client.close(timeout=1)
            self._client = None


class _Line(Client):  # type: ignore[misc]  # dask is not typed
    """dask's client, which here serves one connection: a lost one is lost, and seen to be."""

    status: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._stream_handlers.pop("event", None)  # the scheduler has nothing to show to anybody

    async def _handle_report(self) -> None:
        try:
            await super()._handle_report()
        finally:  # also when something was said that is not unpickled
            if self.status in ("running", "connecting"):
                self.status = "lost"

    def _send_to_scheduler(self, message: Any) -> None:
        if self.status != "lost":
            super()._send_to_scheduler(message)

    async def _reconnect(self) -> None:
        self.status = "lost"
        self.scheduler_comm = None
        for state in self.futures.values():
            state.cancel(reason="scheduler-connection-lost", msg="the scheduler was lost")
        self.futures.clear()


def _answer(future: "Future[Any]") -> bytes:
    try:
        answer = future.result(timeout=PATIENCE)
    except KilledWorker:
        raise Refusal(
            "workers_lost",
            "The workers that ran a part of the plan ended one after the other, most often because "
            "it took more memory than they have; nothing was released or charged.",
            "Read fewer variables in one plan, or ask the operator for larger workers.",
        ) from None
    except (NoWorkerError, NoValidWorkerError):
        raise fault("the cluster had no worker for a while") from None
    except (CancelledError, OSError, TimeoutError):
        raise fault("the scheduler of the cluster was lost") from None
    except Exception as error:  # noqa: BLE001 - what a worker answers may not even be unpickled
        incident(error)
        raise fault("a worker's answer is not of the agreed form") from None
    if not isinstance(answer, bytes):
        raise fault("a worker's answer is not of the agreed form")
    return answer
