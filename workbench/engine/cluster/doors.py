"""Who may say what in a cluster: every operation of dask that is not named here is refused.

dask itself lets anybody with a certificate do everything, workers too. Here the certificate's role
is asked for at each call: only the engine asks for work, only workers report, and only the
scheduler deals out. An outgoing connection is given up unless the peer has the role it must have.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

from distributed import Scheduler, Worker
from distributed.comm.core import Comm, FatalCommClosedError
from distributed.comm.registry import backends
from distributed.comm.tcp import TLSBackend, TLSConnector

from workbench.engine.cluster.certificates import Role, role_of

__all__ = ["GuardedScheduler", "GuardedWorker", "call_only"]

ENGINE, SCHEDULER, WORKER = frozenset({"engine"}), frozenset({"scheduler"}), frozenset({"worker"})
AT_SCHEDULER: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "register-client": ENGINE,
        "identity": ENGINE,
        "gather": ENGINE,
        "register-worker": WORKER,
        "heartbeat_worker": WORKER,
        "unregister": WORKER,
    }
)
STREAMS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "update-graph": ENGINE,
        "client-desires-keys": ENGINE,
        "client-releases-keys": ENGINE,
        "cancel-keys": ENGINE,
        "heartbeat-client": ENGINE,
        "close-client": ENGINE,
        "subscribe-topic": ENGINE,
        "unsubscribe-topic": ENGINE,
        "task-finished": WORKER,
        "task-erred": WORKER,
        "release-worker-data": WORKER,
        "add-keys": WORKER,
        "long-running": WORKER,
        "reschedule": WORKER,
        "keep-alive": WORKER,
        "log-event": WORKER,
        "worker-status-change": WORKER,
        "request-refresh-who-has": WORKER,
    }
)
AT_WORKER: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"get_data": SCHEDULER, "terminate": SCHEDULER, "ping": SCHEDULER}
)
_peer: ContextVar[Role | None] = ContextVar("_peer", default=None)


class _Doors(dict[str, Any]):
    """dask's table of operations, in which a peer finds only its own."""

    def __init__(self, operations: Mapping[str, Any], allowed: Mapping[str, frozenset[str]]):
        super().__init__(operations)
        self._allowed = allowed

    def __getitem__(self, operation: str) -> Any:
        if _peer.get() not in self._allowed.get(operation, ()):
            raise KeyError(operation)
        return super().__getitem__(operation)


class _Guarded:
    """Notes whose certificate a connection came with before it is listened to."""

    handlers: Any
    stream_handlers: Any

    async def _handle_comm(self, comm: Comm) -> None:
        role = role_of(comm.extra_info.get("peercert"))
        if role is None:
            comm.abort()
            return
        _peer.set(role)
        base: Any = super()
        await base._handle_comm(comm)

    def start_http_server(self, *_arguments: Any, **_named: Any) -> None:
        """There is no dashboard: nothing is told to whoever has no certificate."""


class GuardedScheduler(_Guarded, Scheduler):  # type: ignore[misc]  # dask is not typed
    """Deals out the engine's tasks, and takes nothing from anybody else."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(extensions={}, dashboard=False, **settings)
        self.handlers = _Doors(self.handlers, AT_SCHEDULER)
        self.stream_handlers = _Doors(self.stream_handlers, STREAMS)


class GuardedWorker(_Guarded, Worker):  # type: ignore[misc]  # dask is not typed
    """Runs what the scheduler gives it."""

    def __init__(self, scheduler: str, **settings: Any) -> None:
        super().__init__(scheduler, dashboard=False, **settings)
        self.extensions: Any = {}  # the default one reports to what the scheduler has not
        self.handlers = _Doors(self.handlers, AT_WORKER)


def call_only(roles: Iterable[Role]) -> None:
    """From here on this process connects by TLS to peers of these roles, and in no other way."""
    expected = frozenset(roles)

    class Connector(TLSConnector):  # type: ignore[misc]  # dask has no types
        async def connect(self, *arguments: Any, **named: Any) -> Comm:
            comm = await super().connect(*arguments, **named)
            if role_of(comm.extra_info.get("peercert")) not in expected:
                comm.abort()
                raise FatalCommClosedError("the peer is not of the role it must have")
            return comm

    class Backend(TLSBackend):  # type: ignore[misc]  # dask has no types
        _connector_class = Connector

    backends.clear()
    backends["tls"] = Backend()
