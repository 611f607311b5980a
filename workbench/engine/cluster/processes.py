"""The processes of a cluster on this machine: a scheduler and workers, kept alive by the engine."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from workbench.domain.errors import Refusal
from workbench.engine.faults import fault

__all__ = ["LocalCluster"]

PATIENCE = 90.0
"""Seconds until a process tells its address."""
LOOK = 0.2
RESTARTS, WINDOW = 10, 60.0
"""So many workers may end in so many seconds; then no more are started for a while."""


class LocalCluster:
    """A scheduler and `workers` single-threaded workers on the loopback address.

    What ends is started again; a scheduler that ends takes its workers with it. All of them end
    with this process, however it ends.
    """

    def __init__(self, certificates: Path, views: Path, workers: int, memory: int) -> None:
        """memory: bytes of one worker."""
        self._certificates = certificates
        self._views = views
        self._memory = memory
        self._wanted = workers
        self._stop = Event()
        self._ended: list[float] = []
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []
        self._address: Future[str] = Future()
        # The system ends these processes with the thread that started them: it must live on.
        self._keeper = Thread(target=self._keep, name="cluster", daemon=True)
        self._keeper.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def workers(self) -> tuple[int, ...]:
        """The process ids of the workers."""
        return tuple(one.pid for one in self._workers)

    @property
    def scheduler(self) -> int:
        """The scheduler's process id."""
        return 0 if self._scheduler is None else self._scheduler.pid

    def address(self) -> str:
        """Where the scheduler that runs now listens; Refusal("no_cluster") when none starts."""
        return self._address.result(PATIENCE)

    def close(self) -> None:
        """End all processes."""
        self._stop.set()
        self._keeper.join()

    def _worker(self, address: str) -> "subprocess.Popen[bytes]":
        memory = str(self._memory >> 20)
        return self._spawn(
            "worker",
            [address, "--host", "127.0.0.1", "--views", str(self._views), "--memory", memory],
        )

    def _spawn(self, what: str, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "workbench", "cluster", what, *arguments]
        command += ["--certificates", str(self._certificates)]
        return subprocess.Popen(
            _bound(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
        )

    def _keep(self) -> None:
        try:
            while not self._stop.is_set():
                if self._scheduler is None or self._scheduler.poll() is not None:
                    self._begin()
                self._replace()
                self._stop.wait(LOOK)
        finally:
            self._end()

    def _begin(self) -> None:
        """A new scheduler with new workers; what is left of the old ones is ended."""
        self._end()
        if self._address.done():
            self._address = Future()
        self._scheduler = self._spawn("scheduler", ["--host", "127.0.0.1", "--port", "0"])
        try:
            address = _told(self._scheduler)
        except Refusal as refusal:
            self._address.set_exception(refusal)
            self._stop.wait(LOOK * 10)
            return
        self._workers = [self._worker(address) for _ in range(self._wanted)]
        self._address.set_result(address)

    def _replace(self) -> None:
        now = time.monotonic()
        self._ended = [at for at in self._ended if at > now - WINDOW]
        for place, one in enumerate(self._workers):
            if one.poll() is not None and len(self._ended) < RESTARTS:
                self._ended.append(now)
                _close(one)
                self._workers[place] = self._worker(self._address.result())

    def _end(self) -> None:
        for one in (*self._workers, *([self._scheduler] if self._scheduler else [])):
            with suppress(ProcessLookupError):
                one.kill()
            one.wait()
            _close(one)
        self._workers, self._scheduler = [], None


def _told(process: "subprocess.Popen[bytes]") -> str:
    """The address that a process tells when it is ready; Fault when it does not."""
    if process.stdout is None:
        raise fault("a process of the cluster has no voice")
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    line = process.stdout.readline() if ready else b""
    try:
        return str(json.loads(line)["address"])
    except (ValueError, KeyError, TypeError):
        raise Refusal(
            "no_cluster",
            "The scheduler of the local cluster did not start.",
            "See the engine's log; `workbench doctor` says what this host lacks.",
        ) from None


def _environment() -> dict[str, str]:
    """Of this process's environment what a program needs to run; no passphrase and no setting."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT", "PYTHONPATH")
    return {key: os.environ[key] for key in kept if key in os.environ} | {
        "POLARS_MAX_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _bound(command: list[str]) -> list[str]:
    """The command, told to end when the thread that started it does (util-linux's setpriv)."""
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else command


def _close(process: "subprocess.Popen[bytes]") -> None:
    if process.stdout is not None:
        process.stdout.close()
