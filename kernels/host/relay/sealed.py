"""The sealed run's profile: no kernel speaks; the relay answers, and a cell is a run.

A researcher learns that a run is queued, running, ended; and at the end ok, or "Error" with the
line in their own code.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernels.host.relay.answers import answered, kernel_info
from kernels.host.relay.replies import CODE_LIMIT
from kernels.host.relay.requests import Outgoing, Request, Requests
from kernels.host.relay.session import Received

__all__ = ["Sealed", "SealedIncoming"]

_ANSWERED = {
    "history_request",
    "comm_info_request",
    "is_complete_request",
    "complete_request",
    "inspect_request",
}


@dataclass(frozen=True)
class SealedIncoming:
    """What follows from a browser's message: answers, a run to start, a stop, an end."""

    answers: tuple[Outgoing, ...] = ()
    run: Request | None = None
    stop: bool = False
    end: bool = False


class Sealed:
    """Pure. `dropped` counts by reason what was not served."""

    banner = (
        "Sealed run: each cell runs as a whole on the project's real rows, and shows nothing. "
        "Write results to /outbox; a disclosure officer reads them before you do."
    )

    def __init__(self) -> None:
        self.requests = Requests()
        self.dropped: Counter[str] = Counter()
        self._info = kernel_info(self.banner)
        self._count = 0

    def incoming(self, channel: str, received: Received) -> SealedIncoming:
        """A message of the browser."""
        kind = received.header["msg_type"]
        request = self.requests.admit(channel, received.header, received.route)
        if request is None:
            self.dropped["request_malformed"] += 1
            return SealedIncoming()
        if kind == "kernel_info_request":
            return SealedIncoming(tuple(answered(request, self._info)))
        if channel == "shell" and kind in _ANSWERED:
            return SealedIncoming(tuple(answered(request)))
        if channel == "shell" and kind == "execute_request":
            return self._execute(request, received.content)
        if channel == "control" and kind == "interrupt_request":
            return SealedIncoming(tuple(answered(request, {"status": "ok"})), stop=True)
        if channel == "control" and kind == "shutdown_request":
            body = {"status": "ok", "restart": False}
            return SealedIncoming(tuple(answered(request, body)), end=True)
        self.dropped["request_not_served"] += 1
        return SealedIncoming()

    def say(self, request: Request, text: str) -> Outgoing:
        """A line of our own under the cell."""
        return Outgoing("iopub", "stream", {"name": "stdout", "text": text + "\n"}, request)

    def ended(
        self, request: Request, line: int | None, *, ok: bool, cell: int | None = None
    ) -> list[Outgoing]:
        """The end of a run: nothing but ok, or "Error", the line, and a notebook's cell."""
        request.idle = request.replied = True
        count = request.count
        body: dict[str, Any] = {"status": "ok", "execution_count": count, "payload": []}
        shown: list[Outgoing] = []
        if not ok:
            where = f"cell {cell}" if cell is not None else "this cell"
            where = f"line {line} of {where}" if line is not None else where
            error = {"ename": "Error", "evalue": where, "traceback": [f"Error: {where}"]}
            body = {"status": "error", "execution_count": count, **error}
            shown.append(Outgoing("iopub", "error", error, request))
        return [
            *shown,
            Outgoing("shell", "execute_reply", body, request),
            Outgoing("iopub", "status", {"execution_state": "idle"}, request),
        ]

    def _execute(self, request: Request, content: bytes) -> SealedIncoming:
        code, silent = _code(content)
        request.code, request.silent = code, silent
        if silent or not code.strip():
            body = {"status": "ok", "execution_count": self._count, "payload": []}
            return SealedIncoming(tuple(answered(request, body)))
        self._count += 1
        request.busy = True
        request.count = self._count
        shown: Mapping[str, Any] = {"code": code, "execution_count": self._count}
        return SealedIncoming(
            (
                Outgoing("iopub", "status", {"execution_state": "busy"}, request),
                Outgoing("iopub", "execute_input", shown, request),
            ),
            run=request,
        )


def _code(content: bytes) -> tuple[str, bool]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return "", True
    code = parsed.get("code") if isinstance(parsed, dict) else None
    if not isinstance(code, str) or len(code) > CODE_LIMIT:
        return "", True
    return code, parsed.get("silent") is True
