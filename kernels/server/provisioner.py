"""Kernels for the single-user server: it asks the gate daemon, and never starts one itself."""

import asyncio
import os
import signal
import struct
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.multikernelmanager import DuplicateKernelError
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from pydantic import TypeAdapter
from tornado.web import HTTPError
from traitlets import Enum

from kernels.errors import Refusal
from kernels.protocol import (
    Ended,
    Failed,
    Launch,
    Launched,
    Message,
    Refused,
    ServerReply,
    Signal,
    pack,
    unpack,
)
from kernels.server.specs import language

__all__ = ["GatedProvisioner", "NotLaunched", "RefusedLaunch"]

REPLY: TypeAdapter[Any] = TypeAdapter(ServerReply)
REPLY_LIMIT = 64 << 10
PATIENCE = 60.0  # seconds from asking for a kernel to its answer
CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
SENTENCES = {
    "lost": {
        "en": "The gate daemon is not reachable; the kernel has ended.",
        "nb": "Portvakten kan ikke nås; kjernen er avsluttet.",
    },
    "no_token": {
        "en": "This server may start no kernels; start it from the hub.",
        "nb": "Denne serveren kan ikke starte kjerner; start den fra huben.",
    },
    "silent": {
        "en": "The gate daemon does not answer; try again in a minute.",
        "nb": "Portvakten svarer ikke; prøv igjen om et minutt.",
    },
    "failed": {
        "en": "The kernel could not be started (incident {incident}).",
        "nb": "Kjernen kunne ikke startes (hendelse {incident}).",
    },
    "strange": {
        "en": "The gate daemon answered something else than a kernel.",
        "nb": "Portvakten svarte noe annet enn en kjerne.",
    },
}
SIGNALS = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminate", signal.SIGKILL: "kill"}


class NotLaunched(HTTPError):
    """A kernel that was refused; JupyterLab shows the sentence in its dialog."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class RefusedLaunch(NotLaunched, DuplicateKernelError):
    """The same where a session is asked for: of all errors Jupyter's handler of sessions lets only
    this kind keep a status below 500 (409) with its sentence."""


def told(what: str, **facts: str) -> str:
    """A sentence of ours in the installation's language."""
    return SENTENCES[what][language(os.environ)].format(**facts)


class GatedProvisioner(KernelProvisionerBase):
    """One connection to the gate daemon is one kernel: closing it ends the kernel.

    environ: WORKBENCH_GATED_SOCKET, the daemon's socket; WORKBENCH_LAUNCH_TOKEN, the hub's word
    for who we are. `why` is the sentence after the kernel ended, else ""; `told` whether the
    daemon has shown it in the notebook already.
    """

    parent: Any  # the kernel manager that owns us
    lane: Any = Enum(("workbench", "sealed", "interactive"), default_value="workbench", config=True)
    why = ""
    told = False
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _listening: "asyncio.Task[None] | None" = None
    _exit: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel is connected."""
        return self._writer is not None

    async def poll(self) -> int | None:
        """None while the kernel runs, then its exit code."""
        return 0 if self._writer is None and self._exit is None else self._exit

    async def wait(self) -> int | None:
        """Wait for the end; returns the exit code."""
        if self._listening is not None:
            await asyncio.wait({self._listening})
        await self.cleanup()
        return self._exit or 0

    async def send_signal(self, signum: int) -> None:
        """Pass an interrupt, a request to end, or a kill; other signals mean nothing here."""
        what = SIGNALS.get(signal.Signals(signum)) if signum else None
        if what is not None:
            await self._send(Signal.model_validate({"what": what}))

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature of jupyter_client
        """End the kernel at once."""
        await self._send(Signal(what="kill"))

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature of jupyter_client
        """Ask the kernel to end."""
        await self._send(Signal(what="terminate"))

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing to prepare: the daemon knows the command, the environment and the sockets."""
        self.parent.transport = "ipc"
        for number, channel in enumerate(CHANNELS, 1):
            setattr(self.parent, f"{channel}_port", number)
        return await super().pre_launch(cmd=list(self.kernel_spec.argv), **kwargs)

    async def launch_kernel(self, cmd: list[str], **_kwargs: Any) -> KernelConnectionInfo:  # noqa: ARG002 - the daemon runs no command of ours
        """Ask for a kernel; NotLaunched with the daemon's sentence when it refuses."""
        self._exit, self.why, self.told = None, "", False
        await self.cleanup()
        manager = self.parent
        token = os.environ.get("WORKBENCH_LAUNCH_TOKEN", "")
        if len(token) < 20:
            await self._fail(1, told("no_token"))
            raise RefusedLaunch(403, self.why)
        request = Launch(
            token=token,
            kernel=str(self.kernel_id),
            lane=self.lane,
            front_key=manager.session.key.decode(),
        )
        try:
            answer = await asyncio.wait_for(self._ask(request), PATIENCE)
        except (OSError, TimeoutError, EOFError, Refusal):
            await self._fail(1, told("silent"))
            raise NotLaunched(503, self.why) from None
        match answer:
            case Launched(front=front):
                manager.ip = str(self._lasting(Path(front)))
            case Refused(reason=reason, remedy=remedy):
                await self._fail(1, f"{reason} {remedy}")
                raise RefusedLaunch(403, self.why)
            case Failed(incident=incident):
                await self._fail(1, told("failed", incident=incident))
                raise NotLaunched(500, self.why)
            case _:
                await self._fail(1, told("strange"))
                raise NotLaunched(500, self.why)
        self._listening = asyncio.create_task(self._listen())
        self.connection_info = manager.get_connection_info()
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature of jupyter_client
        """Close the connection, which ends the kernel if it still runs."""
        if self._listening is not None:
            self._listening.cancel()
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = self._listening = None
        self._link.unlink(missing_ok=True)

    @property
    def _link(self) -> Path:
        return Path(tempfile.gettempdir()) / f"front-{self.kernel_id}"

    def _lasting(self, front: Path) -> Path:
        """A prefix that stays the same when the kernel restarts: browsers' lines find it again.

        The daemon makes new sockets for each kernel; a link of ours leads to the present ones.
        """
        link = self._link
        draft = link.with_name(f".{link.name}")
        draft.unlink(missing_ok=True)
        draft.symlink_to(front.parent)
        draft.replace(link)
        return link / front.name

    async def _ask(self, request: Launch) -> Message:
        path = os.environ.get("WORKBENCH_GATED_SOCKET", "")
        self._reader, self._writer = await asyncio.open_unix_connection(path)
        await self._send(request)
        return await self._receive()

    async def _send(self, message: Message) -> None:
        if self._writer is None:
            return
        try:
            self._writer.write(pack(message))
            await self._writer.drain()
        except OSError:
            await self._end(-9, told("lost"))

    async def _receive(self) -> Message:
        if self._reader is None:
            raise EOFError
        (length,) = struct.unpack(">I", await self._reader.readexactly(4))
        if length > REPLY_LIMIT:
            raise EOFError
        answer: Message = unpack(REPLY, await self._reader.readexactly(length))
        return answer

    async def _listen(self) -> None:
        """Wait for the daemon's last word about this kernel."""
        try:
            while True:
                answer = await self._receive()
                if isinstance(answer, Ended):
                    self.told = True
                    return await self._end(answer.exit, answer.why)
        except (OSError, EOFError, Refusal):
            return await self._end(-9, told("lost"))

    async def _end(self, code: int, why: str) -> None:
        if self._exit is None:
            self._exit, self.why = code, why

    async def _fail(self, code: int, why: str) -> None:
        await self._end(code, why)
        await self.cleanup()
