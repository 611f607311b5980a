"""The interactive sealed kernel's profile: of all that a kernel says, an outcome and a line pass.

Every other message is the relay's own. Each way for a kernel to be heard would have to be opened
here by name: one channel, one kind of message, one parent, once, two fields of a closed schema.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kernels.host.relay.requests import Outgoing, Request
from kernels.host.relay.sealed import Sealed
from kernels.host.relay.session import Received
from kernels.host.relay.transparent import Forward

__all__ = ["Outcome", "Strict"]

_REPLY_LIMIT = 128
"""Bytes; the longest reply of the agreed form has 40."""


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    status: Literal["ok", "error"]
    line: Annotated[int, Field(ge=1, lt=1 << 31)] | None = None


@dataclass(frozen=True)
class Outcome:
    """The end of a cell: ok, or an error in a line of its own code."""

    ok: bool
    line: int | None = None


class Strict(Sealed):
    """Pure, as `Sealed`, which answers the browser; here are the words to and of the kernel."""

    hears: ClassVar[frozenset[str]] = frozenset({"shell"})
    """The other channels of the kernel are not even read."""
    banner = (
        "Sealed kernel: cells run on the project's real rows and show nothing but their end. "
        "Write results to /outbox; a cell %submit sends them to a disclosure officer."
    )

    def __init__(self) -> None:
        super().__init__()
        self._asked: Request | None = None

    def forward(self, request: Request) -> Forward:
        """The cell for the kernel; from now on its reply, and no other, is awaited."""
        self._asked = request
        content = {
            "code": request.code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,  # the queue is the daemon's
        }
        return Forward("shell", "execute_request", content, request.inner)

    def interrupt(self) -> Forward:
        """An interrupt for the kernel; its reply is not read."""
        return Forward("control", "interrupt_request", {}, "0")

    def outgoing(self, channel: str, received: Received) -> Outcome | None:
        """A message of the kernel; None when it is dropped."""
        request = self._asked
        if request is None or not self._awaited(request, channel, received):
            self.dropped["not_asked"] += 1
            return None
        outcome = self._taken(request, received.content)
        if outcome is None:
            self.dropped["malformed"] += 1
            return None
        self._asked = None
        return outcome

    def aborted(self, request: Request) -> list[Outgoing]:
        """For a cell that waited behind one that failed."""
        request.idle = request.replied = True
        body = {"status": "aborted", "execution_count": request.count}
        return [
            Outgoing("shell", "execute_reply", body, request),
            Outgoing("iopub", "status", {"execution_state": "idle"}, request),
        ]

    @staticmethod
    def _awaited(request: Request, channel: str, received: Received) -> bool:
        """Whether this answers the cell that runs: its channel, its kind, its parent."""
        kind = received.header["msg_type"]
        return channel == "shell" and kind == "execute_reply" and received.parent == request.inner

    @staticmethod
    def _taken(request: Request, content: bytes) -> Outcome | None:
        """The two fields of a reply; a line that the cell has not is no line."""
        if len(content) > _REPLY_LIMIT:
            return None
        try:
            said = _Reply.model_validate_json(content)
        except ValidationError:
            return None
        if said.status == "ok":
            return Outcome(ok=True)
        known = said.line is not None and said.line <= request.code.count("\n") + 1
        return Outcome(ok=False, line=said.line if known else None)
