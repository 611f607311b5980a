"""The gate daemon: launches kernels for those who hold a grant, and stops them when it ends."""

import asyncio
import contextlib
import gc
import logging
import os
import resource
import shutil
import signal
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from kernels.errors import Fault, Refusal
from kernels.host.admission import Admission
from kernels.host.budget import CellBudgets
from kernels.host.config import GateConfig
from kernels.host.egress.spool import Spool
from kernels.host.endings import Ending, sentence
from kernels.host.engine_link import EngineLink
from kernels.host.environment import open_environment
from kernels.host.grants import Grants
from kernels.host.lanes.desk import Desk, Kernel
from kernels.host.lanes.interactive_kernel import InteractiveKernel
from kernels.host.lanes.sealed_kernel import SealedKernel
from kernels.host.lanes.sealed_run import SealedRuns
from kernels.host.lanes.workbench_kernel import WorkbenchKernel
from kernels.host.proof.probe import require_isolation
from kernels.host.proof.report import prove_isolation
from kernels.host.refusals import told
from kernels.host.sandbox.image import code_image
from kernels.host.sandbox.interpreter import kernel_interpreter
from kernels.host.sandbox.spawn import Ground
from kernels.host.sandbox.uids import Uids
from kernels.protocol import (
    Ended,
    Failed,
    Grant,
    Launch,
    Launched,
    Message,
    Ok,
    Refused,
    Renew,
    Revoke,
    ServerRequest,
    Signal,
    pack,
    unpack,
)

__all__ = ["Daemon", "serve"]

_log = logging.getLogger(__name__)
_REQUEST: TypeAdapter[ServerRequest] = TypeAdapter(ServerRequest)
_LANES: dict[str, Callable[[Desk, Grant, Launch, int], Kernel]] = {
    "workbench": WorkbenchKernel,
    "sealed": SealedKernel,
    "interactive": InteractiveKernel,
}
_REQUEST_LIMIT = 64 << 10
_PATIENCE = 10.0
_EXPIRY_CHECK = 5.0
_WAITING = 64
"""Connections of one account that have not said yet what they want."""


def serve(config: GateConfig, now: Callable[[], float] = time.time) -> None:
    """Run the daemon until SIGTERM or SIGINT; every kernel ends with it.

    Raises Refusal when this host cannot isolate kernels: then nothing is served at all.
    """
    asyncio.run(_until_told(config, now))


async def _until_told(config: GateConfig, now: Callable[[], float]) -> None:
    told = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, told.set)
    async with Daemon(config, now):
        gc.freeze()  # what is there now stays: no cell waits while a collection looks through it
        await told.wait()


class Daemon:
    """The two sockets and the kernels behind them; an asynchronous context manager."""

    def __init__(self, config: GateConfig, now: Callable[[], float] = time.time) -> None:
        require_isolation()
        _open_many_files()
        for folder in (config.runtime, config.gated_socket.parent):
            folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        config.zone.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_after_a_kill(config.runtime)
        image = code_image(config.code, config.zone)
        self._environment = environment = open_environment(config.environment)
        ground = Ground(image, config.limits, kernel_interpreter(environment.site))
        if ground.groups is not None:
            ground.groups.sweep(time.time())
        engine = EngineLink(config.engine)
        spool, uids = Spool(config.spool), Uids(config.uids)
        sealed = SealedRuns(config, ground, environment, engine, spool, uids, now)
        cells = CellBudgets.of(config.limits, now, config.zone)
        self._desk = Desk(config, ground, engine, spool, uids, sealed, cells, now)
        self._grants = Grants(config.zone / "grants.json")
        self._kernels: dict[Kernel, str] = {}  # and their lanes
        self._admission = Admission(config.limits)
        self._waiting: Counter[int] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> "Daemon":
        packages = asyncio.create_task(asyncio.to_thread(self._environment.check))
        try:
            await asyncio.to_thread(prove_isolation, self._desk.ground.python)
        finally:
            await packages  # when both fail, this is why
        config = self._desk.config
        self._servers = [
            await asyncio.start_unix_server(serve_one, sock=_bind(path, mode), limit=_REQUEST_LIMIT)
            for path, mode, serve_one in (
                (config.gated_socket, 0o666, self._serve_server),
                (config.admin_socket, 0o600, self._serve_hub),
            )
        ]
        self._tasks = [
            asyncio.create_task(self._desk.engine.keep()),
            asyncio.create_task(self._watch_permits()),
        ]
        return self

    async def __aexit__(self, *_reason: object) -> None:
        for server in self._servers:
            server.close()
        for kernel in list(self._kernels):
            kernel.stop(self._sentence(Ending.RESTARTED))
        for _ in range(100):
            if self._kernels or not self._desk.ground.sweep():
                await asyncio.sleep(0.05)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._remove_sockets()

    def _sentence(self, why: Ending) -> str:
        return sentence(why, self._desk.config.language)

    def _remove_sockets(self) -> None:
        for path in (self._desk.config.gated_socket, self._desk.config.admin_socket):
            path.unlink(missing_ok=True)

    # ---- single-user servers
    async def _serve_server(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection, one kernel: its first message is Launch, its end is the kernel's end."""
        try:
            request = await self._first_word(reader, _peer(writer))
            if not isinstance(request, Launch):
                raise Refusal("launch_first", "No kernel was asked for.", "Send Launch first.")
            grant = self._grants.check(request, _peer(writer), self._desk.now())
            with self._admission.place(grant):
                await self._run(grant, request, reader, writer)
        except Refusal as refusal:
            await _answer(writer, _as_message(told(refusal, self._desk.config.language)))
        except Fault as fault:
            await _answer(writer, _as_message(fault))
        except (ConnectionError, EOFError, TimeoutError):
            pass  # whoever it was has gone; the kernel, if any, is closed
        except OSError:
            await _answer(writer, _as_message(Fault("the kernel's start or end cannot be noted")))
        finally:
            writer.close()

    async def _first_word(self, reader: asyncio.StreamReader, peer: int) -> ServerRequest:
        """What a connection wants; one account's idle connections take no place of another's."""
        if self._waiting[peer] >= _WAITING:
            raise ConnectionError("too many connections that say nothing")
        self._waiting[peer] += 1
        try:
            return await asyncio.wait_for(_receive(reader), _PATIENCE)
        finally:
            self._waiting[peer] -= 1
            self._waiting += Counter()  # forgets those at zero

    async def _run(
        self,
        grant: Grant,
        launch: Launch,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        kernel: Kernel = _LANES[launch.lane](self._desk, grant, launch, _peer(writer))
        subject = f"{grant.project}/{launch.kernel}"
        # the note takes the disk's time, the kernel its own; neither is handed over without it
        noting = asyncio.create_task(asyncio.to_thread(self._note, grant, subject, launch.lane))
        packages = asyncio.create_task(asyncio.to_thread(self._environment.check))
        ended = Ended(exit=-9, why="The kernel did not start.")
        try:
            front = await kernel.start()
            await noting
            await packages
            self._kernels[kernel] = launch.lane
            await _answer(writer, Launched(front=str(front)))
            ended = await self._until_ended(kernel, reader)
        finally:
            self._kernels.pop(kernel, None)
            await asyncio.gather(noting, packages, return_exceptions=True)
            await asyncio.shield(asyncio.create_task(kernel.close()))
            lost = kernel.dropped.total()
            await asyncio.to_thread(self._note, grant, subject, launch.lane, ended, lost)
        await _answer(writer, ended)

    async def _until_ended(self, kernel: Kernel, reader: asyncio.StreamReader) -> Ended:
        obeying = asyncio.create_task(_obey(kernel, reader))
        ended = asyncio.create_task(kernel.ended())
        try:
            await asyncio.wait({obeying, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                kernel.stop("The server of this kernel has gone.", tell=False)
            return await ended
        finally:
            obeying.cancel()
            ended.cancel()

    def _note(
        self, grant: Grant, subject: str, lane: str, ended: Ended | None = None, lost: int = 0
    ) -> None:
        """Leave the start or the end for the audit; a disk that is full lets no kernel start.

        lost: messages that did not pass the relay.
        """
        details: dict[str, str | int] = {"lane": lane}
        if ended is not None:
            details |= {"exit": ended.exit, "dropped": lost}
        self._desk.spool.event(
            "kernel:run:end" if ended is not None else "kernel:run:start",
            grant.user,
            subject,
            at=self._desk.now(),
            why=ended.why if ended is not None else "",
            details=details,
        )
        _log.info("kernel %s %s", "started" if ended is None else "ended", subject)

    # ---- the hub
    async def _serve_hub(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _peer(writer) != os.geteuid():
                raise Refusal("not_the_hub", "Only the hub may do this.", "Ask the operator.")
            while True:
                await _answer(writer, self._administer(await _receive(reader)))
        except (Refusal, Fault) as problem:
            await _answer(writer, _as_message(problem))
        except (ConnectionError, EOFError):
            pass
        finally:
            writer.close()

    def _administer(self, request: ServerRequest) -> Message:
        if isinstance(request, Grant):
            self._grants.add(request, self._desk.now())
        elif isinstance(request, Renew):
            self._grants.renew(request)
        elif isinstance(request, Revoke):
            self._grants.withdraw(request)
            for kernel in self._kernels:
                known = kernel.grant
                if known.project == request.project and request.user in {None, known.user}:
                    kernel.stop(self._sentence(Ending(request.why)))
        else:
            return Refused(
                id=0,
                code="grant_or_revoke",
                reason="Not understood.",
                remedy="Grant, renew or revoke.",
            )
        return Ok()

    async def _watch_permits(self) -> None:
        while True:
            for kernel, lane in list(self._kernels.items()):
                why = self._grants.closed(kernel.grant, lane, self._desk.now())
                if why is not None:
                    kernel.stop(self._sentence(why))
            self._desk.ground.sweep()  # the groups of those whose processes were still dying
            await asyncio.sleep(_EXPIRY_CHECK)


async def _obey(kernel: Kernel, reader: asyncio.StreamReader) -> None:
    """Signals of the server until it hangs up or says something else."""
    with contextlib.suppress(Refusal, ConnectionError, EOFError):
        while isinstance(request := await _receive(reader), Signal):
            if request.what == "interrupt":
                await kernel.interrupt()
            else:
                kernel.stop("The kernel was shut down.", tell=False)


def _open_many_files() -> None:
    """As many as the host lets us, as a server must.

    Of an ordinary user the descriptors that kernels have sent and nobody has received count
    against ours too, whenever we send one; each kernel may have fewer of them than that.
    """
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _clear_after_a_kill(runtime: Path) -> None:
    """Remove the sockets of kernels whose daemon was killed; they themselves died with it."""
    for stale in (runtime / "k", *(runtime / "front").glob("*/*")):
        shutil.rmtree(stale, ignore_errors=True)


def _bind(path: Path, mode: int) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    path.chmod(mode)
    return listener


async def _receive(reader: asyncio.StreamReader) -> ServerRequest:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    if length > _REQUEST_LIMIT:
        raise Refusal("frame_too_large", "The message is too large.", "Ask for less at once.")
    return unpack(_REQUEST, await reader.readexactly(length))


async def _answer(writer: asyncio.StreamWriter, message: Message) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(pack(message))
        await writer.drain()


def _as_message(problem: Refusal | Fault) -> Message:
    if isinstance(problem, Refusal):
        return Refused(id=0, code=problem.code, reason=problem.reason, remedy=problem.remedy)
    _log.error("%s", problem)
    return Failed(id=0, incident=problem.incident)


def _peer(writer: asyncio.StreamWriter) -> int:
    """The uid of the other side, as the operating system says."""
    connection = writer.get_extra_info("socket")
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _, uid, _ = struct.unpack("3i", found)
    return int(uid)
