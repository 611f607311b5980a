"""A kernel over Jupyter's websocket: sends cells, gathers their outputs as nbformat knows them."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

from workbench.domain.errors import Refusal

__all__ = ["WebKernel"]

PATIENCE = 600.0  # seconds for one cell
START = 60.0  # seconds until a new kernel answers
LAST_WORDS = 20.0  # seconds that outputs may come after the reply
LIMIT = 64 << 20  # bytes of one message

Message = dict[str, Any]
Told = Callable[[Mapping[str, Any]], None]


class WebKernel:
    """One running kernel; `address` is its websocket, `headers` carry the token."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self._session = secrets.token_hex(8)
        self._held = ExitStack()
        try:
            self._line = self._held.enter_context(
                connect(
                    f"{address}?session_id={self._session}",
                    additional_headers=dict(headers),
                    max_size=LIMIT,
                    proxy=None,
                    open_timeout=START,
                )
            )
        except (OSError, WebSocketException):
            raise _gone("The kernel does not answer.") from None

    def close(self) -> None:
        """Hang up; the kernel goes on."""
        self._held.close()

    def ready(self) -> None:
        """Wait until the kernel answers and its outputs arrive; Refusal("kernel_ended") if not."""
        # Asked again, because a kernel that has just started may miss the first question. Its
        # answer and its state come over two channels, and the second may open later.
        end = time.monotonic() + START
        while time.monotonic() < end:
            asked = self._send("kernel_info_request", {})
            pause = time.monotonic() + 2
            missing = {"kernel_info_reply", "status"}
            while (message := self._receive(pause)) is not None:
                if message["parent_header"].get("msg_id") == asked:
                    missing.discard(message["header"]["msg_type"])
                if not missing:
                    return
        raise _gone("The kernel did not answer in time.")

    def execute(self, code: str, on_output: Told | None = None) -> Mapping[str, Any]:
        """Run one cell and wait for its end.

        on_output: called with each output as it comes. Returns {"status": "ok" | "error",
        "execution_count", "outputs"}; Refusal("kernel_ended") when the kernel dies meanwhile.
        """
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        asked = self._send("execute_request", content)
        cell = _Cell(on_output)
        end = time.monotonic() + PATIENCE
        while not (cell.replied and cell.idle):
            message = self._receive(end)
            if message is None and cell.replied:
                break  # its last word was lost; nothing more is to come
            if message is None:
                raise _gone(f"The cell did not end within {PATIENCE:.0f} seconds.")
            if message["parent_header"].get("msg_id") == asked:
                waiting = not cell.replied
                cell.take(message)
                if waiting and cell.replied:
                    end = min(end, time.monotonic() + LAST_WORDS)
            elif _ended(message):
                raise _gone(cell.last_words() or "The kernel has ended.")
        return {"status": cell.status, "execution_count": cell.count, "outputs": cell.outputs}

    def _send(self, kind: str, content: Message) -> str:
        name = secrets.token_hex(16)
        header = {
            "msg_id": name, "msg_type": kind, "session": self._session, "username": "",
            "version": "5.3", "date": "",
        }  # fmt: skip
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content,
                   "buffers": [], "channel": "shell"}  # fmt: skip
        try:
            self._line.send(json.dumps(message))
        except ConnectionClosed:
            raise _gone("The kernel hung up.") from None
        return name

    def _receive(self, end: float) -> Message | None:
        """The next message, or None when `end` (monotonic seconds) has come."""
        try:
            text = self._line.recv(timeout=max(0.0, end - time.monotonic()))
        except TimeoutError:
            return None
        except ConnectionClosed:
            raise _gone("The kernel hung up.") from None
        message: Message = json.loads(text if isinstance(text, str) else b"{}")
        for part in ("header", "parent_header", "content"):
            message.setdefault(part, {})
        message["header"].setdefault("msg_type", "")
        return message


class _Cell:
    """What comes back for one cell."""

    def __init__(self, on_output: Told | None) -> None:
        self.outputs: list[Message] = []
        self.count: int | None = None
        self.status = "error"
        self.replied = self.idle = False
        self._told = on_output
        self._shown: dict[str, list[int]] = {}
        self._clear = False

    def take(self, message: Message) -> None:
        """One message of this cell."""
        kind, content = message["header"]["msg_type"], message["content"]
        match kind:
            case "status":
                self.idle = content.get("execution_state") == "idle"
            case "execute_reply":
                self.replied = True
                self.status = "ok" if content.get("status") == "ok" else "error"
                self.count = content.get("execution_count", self.count)
            case "clear_output":
                self._clear = True
                if not content.get("wait"):
                    self._forget()
            case "update_display_data":
                self._update(content)
            case "stream" | "display_data" | "execute_result" | "error":
                self._add(kind, content)

    def last_words(self) -> str:
        """What the server said on stderr at the end: why a kernel was stopped."""
        said = [one["text"] for one in self.outputs if one.get("name") == "stderr"]
        return str(said[-1]).strip() if said else ""

    def _forget(self) -> None:
        self.outputs.clear()
        self._shown.clear()
        self._clear = False

    def _add(self, kind: str, content: Message) -> None:
        if self._clear:
            self._forget()
        transient = content.pop("transient", {})
        if "display_id" in transient:
            self._shown.setdefault(transient["display_id"], []).append(len(self.outputs))
        last = self.outputs[-1] if self.outputs else {}
        if kind == "stream" and last.get("name") == content.get("name"):
            last["text"] += content.get("text", "")
        else:
            self.outputs.append({"output_type": kind, **content})
        if self._told is not None:
            self._told({"output_type": kind, **content})

    def _update(self, content: Message) -> None:
        for at in self._shown.get(content.get("transient", {}).get("display_id", ""), []):
            self.outputs[at]["data"] = content.get("data", {})
            self.outputs[at]["metadata"] = content.get("metadata", {})


def _ended(message: Message) -> bool:
    states = ("dead", "restarting", "autorestarting")
    return (
        message["header"]["msg_type"] == "status"
        and not message["parent_header"]
        and message["content"].get("execution_state") in states
    )


def _gone(reason: str) -> Refusal:
    return Refusal("kernel_ended", reason, "Run the notebook again from its first cell.")
