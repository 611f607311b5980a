"""The processes of an instance: started in order, watched, restarted, stopped in order."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

import httpx

import workbench
from kernels.host.sandbox.keeper import hold
from workbench.adapters.proxy import ensure_proxy
from workbench.adapters.runtime import make_runtime
from workbench.domain.errors import Refusal
from workbench.settings import Instance

__all__ = ["Service", "Supervisor", "bound", "services_of"]

PATIENCE = 90.0  # seconds until a process answers
RESTARTS, WINDOW = 5, 120.0  # that many in so many seconds, then everything stops
LOG_LIMIT = 16 << 20
ONE_THREAD_OF_BLAS = {"OPENBLAS_NUM_THREADS": "1"}
"""The engine works on bucket groups in threads of its own; more below them only wait for others."""
SECRET_OF = {"vault": "VAULT", "linker": "STORE", "engine": "ENGINE"}


@dataclass(frozen=True)
class Service:
    """One process. answers: whether it is ready; grace: seconds from SIGTERM to SIGKILL.

    slow: started before all others, because it needs none of them to start, yet awaited in turn.
    """

    name: str
    command: tuple[str, ...]
    answers: Callable[[], bool]
    grace: float = 10.0
    slow: bool = False


@dataclass
class _Child:
    service: Service
    process: "subprocess.Popen[bytes]"
    starts: list[float] = field(default_factory=list)


def bound(command: Sequence[str]) -> list[str]:
    """The command, told to end when the process that started it dies (util-linux's setpriv)."""
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin")
    return [setpriv, "--pdeathsig", "TERM", "--", *command] if setpriv else list(command)


def services_of(instance: Instance) -> tuple[Service, ...]:
    """Everything that `workbench up` runs, in the order of its start."""
    ours = (sys.executable, "-m", "workbench")
    configuration = Path(workbench.__file__).parents[1] / "hub_config.py"
    hub = (sys.executable, "-m", "jupyterhub", "-f", str(configuration))

    def listens(*paths: Path) -> Callable[[], bool]:
        return lambda: all(_accepts(path) for path in paths)

    gate = listens(instance.socket("gated"), instance.socket("admin"))
    return (
        Service("vault", (*ours, "vault"), listens(instance.socket("vault"))),
        Service("linker", (*ours, "linker"), listens(instance.socket("linker"))),
        Service("engine", (*ours, "engine"), listens(instance.socket("engine"))),
        Service("gated", (*ours, "gated"), gate),
        Service("hub", hub, lambda: _healthy(f"{instance.url}/hub/health"), grace=45.0, slow=True),
    )


class Supervisor:
    """Runs an instance from one process; use it from the main thread, best as `with`.

    services: default `services_of(instance)`. Each child leads a session of its own, gets only
    the passphrase of its own zone, and ends when this process dies, however it dies.
    """

    def __init__(self, instance: Instance, services: Sequence[Service] | None = None) -> None:
        self._instance = instance
        self._services = tuple(services_of(instance) if services is None else services)
        self._has_hub = services is None
        self._children: list[_Child] = []
        self._lock: IO[bytes] | None = None
        self._serving: int | None = None
        self._told_to_stop = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, progress: Callable[[str], None] | None = None) -> None:
        """Start everything in order; each waits until the one before it answers.

        progress: called with a service's name once it answers. Raises
        Refusal("already_running" | "port_taken" | "not_started") with everything stopped again.
        """
        make_runtime(self._instance)
        self._take_lock()
        try:
            self._check_port()
            if self._has_hub:
                ensure_proxy()
            early = {one.name: self._begin(one) for one in self._services if one.slow}
            for service in self._services:
                self._await(early.get(service.name) or self._begin(service))
                if progress is not None:
                    progress(service.name)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> None:
        """Watch over the processes until SIGTERM, SIGINT or until one cannot be kept alive.

        A process that ends is started again; Refusal("keeps_failing") after five times in two
        minutes. Does not stop them: call `stop`, or use the supervisor as a context manager.
        """

        def told(_number: int, _frame: FrameType | None) -> None:
            self._told_to_stop = True

        before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._told_to_stop:
                for child in self._children:
                    if child.process.poll() is not None:
                        self._restart(child)
                time.sleep(0.2)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Stop everything, the last started first; safe to repeat."""
        if self._serving is not None:  # servers outlive a hub, but not this
            os.close(self._serving)
            self._serving = None
        order = [service.name for service in self._services]
        self._children.sort(key=lambda child: order.index(child.service.name))
        while self._children:
            child = self._children.pop()
            with suppress(ProcessLookupError):
                child.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(child.service.grace)
            _sweep(child.process)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        lock = (self._instance.runtime / "up.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Refusal(
                "already_running",
                "This instance is running already.",
                "Stop the other `workbench up` first (Ctrl-C where it runs).",
            ) from None
        self._lock = lock
        self._serving = hold(str(self._instance.serving))

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._instance.port))
            except OSError:
                raise Refusal(
                    "port_taken",
                    f"Another program listens on port {self._instance.port}.",
                    "Stop it, or set another `port` in instance.toml.",
                ) from None

    def _begin(self, service: Service) -> _Child:
        child = _Child(service, self._spawn(service))
        self._children.append(child)
        return child

    def _spawn(self, service: Service) -> "subprocess.Popen[bytes]":
        with _log(self._log_of(service)) as output:
            return subprocess.Popen(
                bound(service.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._instance.root,
                env=_environment(service.name, self._instance, os.environ),
                start_new_session=True,
            )

    def _await(self, child: _Child) -> None:
        end = time.monotonic() + PATIENCE
        while not child.service.answers():
            if child.process.poll() is not None or time.monotonic() > end:
                raise Refusal(
                    "not_started",
                    f"The process {child.service.name} did not start.",
                    f"Read {self._log_of(child.service)}; then see `workbench doctor`.",
                )
            time.sleep(0.05)

    def _restart(self, child: _Child) -> None:
        _sweep(child.process)
        now = time.monotonic()
        child.starts = [start for start in child.starts if start > now - WINDOW] + [now]
        if len(child.starts) > RESTARTS:
            raise Refusal(
                "keeps_failing",
                f"The process {child.service.name} ended {RESTARTS + 1} times in a short while.",
                f"Read {self._log_of(child.service)}; then start again.",
            )
        child.process = self._spawn(child.service)

    def _log_of(self, service: Service) -> Path:
        return self._instance.zone("logs") / f"{service.name}.log"


def _environment(name: str, instance: Instance, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process: no other zone's passphrase is in it."""
    own = f"WORKBENCH_{SECRET_OF[name]}_PASSPHRASE" if name in SECRET_OF else ""
    kept = {
        key: value
        for key, value in environ.items()
        if key == own or not (key.startswith("WORKBENCH_") and key.endswith("_PASSPHRASE"))
    }
    always = {"WORKBENCH_INSTANCE": str(instance.root), "PYTHONUNBUFFERED": "1"}
    return kept | always | (ONE_THREAD_OF_BLAS if name == "engine" else {})


def _log(path: Path) -> IO[bytes]:
    """The log, opened for appending; a long one is put aside first."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")


def _sweep(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of a child and of its process group, and reap it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _healthy(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
