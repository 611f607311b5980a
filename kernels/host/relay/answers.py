"""What the relay answers by itself, the same for every kernel: it never depends on kernel bytes."""

import sys
from collections.abc import Mapping
from typing import Any

from kernels.host.relay.requests import Outgoing, Request

__all__ = ["answered", "kernel_info"]

_NOTHING: dict[str, Mapping[str, Any]] = {
    "comm_info_request": {"status": "ok", "comms": {}},
    "history_request": {"status": "ok", "history": []},
    "is_complete_request": {"status": "unknown"},
    "complete_request": {
        "status": "ok",
        "matches": [],
        "cursor_start": 0,
        "cursor_end": 0,
        "metadata": {},
    },
    "inspect_request": {"status": "ok", "found": False, "data": {}, "metadata": {}},
}


def kernel_info(banner: str) -> Mapping[str, Any]:
    """The reply to kernel_info_request: Python of this installation, no debugger, no subshells."""
    version = ".".join(map(str, sys.version_info[:3]))
    return {
        "status": "ok",
        "protocol_version": "5.3",
        "implementation": "workbench",
        "implementation_version": "1",
        "language_info": {
            "name": "python",
            "version": version,
            "mimetype": "text/x-python",
            "codemirror_mode": {"name": "ipython", "version": 3},
            "pygments_lexer": "ipython3",
            "nbconvert_exporter": "python",
            "file_extension": ".py",
        },
        "banner": banner,
        "help_links": [],
        "debugger": False,
        "supported_features": [],
    }


def answered(request: Request, content: Mapping[str, Any] | None = None) -> list[Outgoing]:
    """Busy, the reply, idle: a request that is answered at once, by default with nothing."""
    request.busy = request.idle = request.replied = True
    body = _NOTHING[request.kind] if content is None else content
    reply = request.kind.removesuffix("_request") + "_reply"
    return [
        Outgoing("iopub", "status", {"execution_state": "busy"}, request),
        Outgoing(request.channel, reply, body, request),
        Outgoing("iopub", "status", {"execution_state": "idle"}, request),
    ]
