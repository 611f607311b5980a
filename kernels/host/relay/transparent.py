"""The Workbench kernel's profile: its content may be seen, so it passes, rebuilt and cleaned.

The kernel holds nothing secret. What this profile stops is a kernel that acts on the browser or
on the server: forged parents, scripts, widgets, floods, messages of unknown kinds.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernels.host.relay.answers import answered, kernel_info
from kernels.host.relay.bundle import clean_bundle, clean_text, named_release
from kernels.host.relay.replies import CODE_LIMIT, clean_reply
from kernels.host.relay.requests import Outgoing, Request, Requests
from kernels.host.relay.session import Received

__all__ = ["Forward", "Incoming", "ReleaseNamed", "Transparent"]

_BANNER = "Workbench: code runs on a synthetic twin; plans run on the real data. `help(wb)`"
_REQUEST_BYTES = 64 << 20
_REQUEST_MESSAGES = 20_000
_CUT = "[output limit of this cell reached; the rest is not shown]\n"
_DISPLAY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FORWARDED = {
    "shell": {
        "execute_request",
        "complete_request",
        "inspect_request",
        "is_complete_request",
        "kernel_info_request",
    },
    "control": {"interrupt_request", "shutdown_request", "kernel_info_request"},
}
_ANSWERED = {"history_request", "comm_info_request"}
_AFTER_IDLE = {"stream", "display_data", "update_display_data"}
_DISPLAYS = {"display_data", "execute_result", "update_display_data"}


@dataclass(frozen=True)
class Forward:
    """A request for the kernel, rebuilt; `inner` is the only id that the kernel ever sees."""

    channel: str
    kind: str
    content: Mapping[str, Any]
    inner: str


@dataclass(frozen=True)
class Incoming:
    """What follows from a browser's message: at most one forward, and answers of our own.

    The forward goes first, so that the kernel works while the answers are written.
    """

    forward: Forward | None = None
    answers: tuple[Outgoing, ...] = ()


@dataclass(frozen=True)
class ReleaseNamed:
    """A display that names a release; the engine's rendering is shown in its place."""

    release: str
    request: Request


class Transparent:
    """Pure: messages in, messages out. `dropped` counts by reason what did not pass."""

    def __init__(self) -> None:
        self.requests = Requests()
        self.dropped: Counter[str] = Counter()
        self._info = kernel_info(_BANNER)
        self._last: Request | None = None
        self._next_count = 1

    def incoming(self, channel: str, received: Received) -> Incoming:
        """A message of the browser."""
        kind = received.header["msg_type"]
        if kind not in _FORWARDED.get(channel, ()) and not (
            channel == "shell" and kind in _ANSWERED
        ):
            self.dropped["request_not_served"] += 1
            return Incoming()
        content = self._parse(received.content)
        request = self.requests.admit(channel, received.header, received.route)
        if content is None or request is None:
            self.dropped["request_malformed"] += 1
            return Incoming()
        if kind in _ANSWERED:
            return Incoming(answers=tuple(answered(request)))
        body = _request_body(request, content)
        told = self._announce(request) if channel == "shell" else ()
        if told:
            body = {**body, "announced": True}
        return Incoming(Forward(channel, kind, body, request.inner), told)

    def _announce(self, request: Request) -> tuple[Outgoing, ...]:
        """Busy and the input of a cell that nothing waits before; the kernel need not tell them.

        A cell behind others may never run, so the kernel itself says when it begins.
        """
        before, self._last = self._last, request
        waits = before is not None and not (before.idle and before.replied)
        if waits or request.kind != "execute_request" or request.silent:
            return ()
        request.busy = request.shown = True
        shown = {"code": request.code, "execution_count": self._next_count}
        return (
            Outgoing("iopub", "status", {"execution_state": "busy"}, request),
            Outgoing("iopub", "execute_input", shown, request),
        )

    def interrupt(self) -> Forward:
        """An interrupt that did not come from the browser; its reply has no parent and is lost."""
        return Forward("control", "interrupt_request", {}, "0")

    def outgoing(self, channel: str, received: Received) -> list[Outgoing | ReleaseNamed]:
        """A message of the kernel; an empty list when it is dropped."""
        request = self.requests.find(received.parent)
        if request is None:
            self.dropped["no_such_parent"] += 1
            return []
        content = self._parse(received.content)
        if content is None:
            self.dropped["malformed"] += 1
            return []
        kind = received.header["msg_type"]
        if channel == "iopub":
            return self._published(kind, content, request, len(received.content))
        return self._reply(channel, kind, content, request)

    def _reply(
        self, channel: str, kind: str, content: Mapping[str, Any], request: Request
    ) -> list[Outgoing | ReleaseNamed]:
        expected = request.kind.removesuffix("_request") + "_reply"
        if request.replied or kind != expected or channel != request.channel:
            self.dropped["reply_not_asked"] += 1
            return []
        request.replied = True
        if kind == "execute_reply" and (count := _count(content)) is not None:
            self._next_count = count + 1
        body = self._info if kind == "kernel_info_reply" else clean_reply(kind, content)
        return [Outgoing(channel, kind, body, request)]

    def _published(
        self, kind: str, content: Mapping[str, Any], request: Request, size: int
    ) -> list[Outgoing | ReleaseNamed]:
        if kind == "status":
            return self._state(content.get("execution_state"), request)
        if request.kind != "execute_request" or (request.idle and kind not in _AFTER_IDLE):
            self.dropped["late"] += 1
            return []
        request.messages += 1
        request.bytes += size
        if request.messages > _REQUEST_MESSAGES or request.bytes > _REQUEST_BYTES:
            self.dropped["over_limit"] += 1
            if request.cut:
                return []
            request.cut = True
            return [Outgoing("iopub", "stream", {"name": "stderr", "text": _CUT}, request)]
        if kind in _DISPLAYS:
            return self._display(kind, content, request)
        body = self._publication(kind, content, request)
        if body is None:
            self.dropped["kind_not_passed"] += 1
            return []
        return [Outgoing("iopub", kind, body, request)]

    def _state(self, state: object, request: Request) -> list[Outgoing | ReleaseNamed]:
        if state == "busy" and not request.busy:
            request.busy = True
        elif state == "idle" and not request.idle:
            request.idle = True
        else:
            self.dropped["state_twice"] += 1
            return []
        return [Outgoing("iopub", "status", {"execution_state": state}, request)]

    @staticmethod
    def _publication(
        kind: str, content: Mapping[str, Any], request: Request
    ) -> Mapping[str, Any] | None:
        if kind == "stream":
            name = "stderr" if content.get("name") == "stderr" else "stdout"
            return {"name": name, "text": clean_text(content.get("text"))}
        if kind == "execute_input" and not (request.silent or request.shown):
            request.shown = True
            return {"code": request.code, "execution_count": _count(content)}
        if kind == "error":
            return clean_reply("error", content)
        if kind == "clear_output":
            return {"wait": content.get("wait") is True}
        return None

    @staticmethod
    def _display(
        kind: str, content: Mapping[str, Any], request: Request
    ) -> list[Outgoing | ReleaseNamed]:
        release = named_release(content.get("data"))
        if release is not None:
            return [ReleaseNamed(release, request)]
        data, metadata = clean_bundle(content.get("data"), content.get("metadata"))
        body: dict[str, Any] = {"data": data, "metadata": metadata, "transient": {}}
        transient = content.get("transient")
        shown = transient.get("display_id") if isinstance(transient, dict) else None
        if isinstance(shown, str) and _DISPLAY_ID.fullmatch(shown):
            body["transient"] = {"display_id": shown}
        if kind == "execute_result":
            body["execution_count"] = _count(content)
        return [Outgoing("iopub", kind, body, request)]

    @staticmethod
    def _parse(content: bytes) -> Mapping[str, Any] | None:
        try:
            parsed = json.loads(content)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None


def _request_body(request: Request, content: Mapping[str, Any]) -> Mapping[str, Any]:
    code = content.get("code")
    request.code = code[:CODE_LIMIT] if isinstance(code, str) else ""
    position = content.get("cursor_pos")
    cursor = position if isinstance(position, int) else len(request.code)
    if request.kind == "execute_request":
        request.silent = content.get("silent") is True
        return {
            "code": request.code,
            "silent": request.silent,
            "store_history": content.get("store_history", not request.silent) is True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": content.get("stop_on_error", True) is True,
        }
    if request.kind == "complete_request":
        return {"code": request.code, "cursor_pos": cursor}
    if request.kind == "inspect_request":
        level = 1 if content.get("detail_level") == 1 else 0
        return {"code": request.code, "cursor_pos": cursor, "detail_level": level}
    if request.kind == "is_complete_request":
        return {"code": request.code}
    if request.kind == "shutdown_request":
        return {"restart": content.get("restart") is True}
    return {}


def _count(content: Mapping[str, Any]) -> int | None:
    count = content.get("execution_count")
    return count if type(count) is int and 0 <= count < 1 << 31 else None
