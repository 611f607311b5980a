"""The interactive sealed kernel: nothing that its kernel says on any channel reaches the server."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from kernels.errors import Refusal
from kernels.host.relay.strict import Outcome
from kernels.protocol import Ended
from tests.redteam.kernel.hostile import Hostile
from tests.redteam.kernel.path import CANARY, NUMBER, Path, answers, says
from tests.redteam.kernel.removals import (
    asked_of_the_kernel,
    copied,
    of_module,
    replaced,
    unparsed,
)
from tests.redteam.kernel.stage import Stage

RELEASE = "application/vnd.workbench.release+json"
LINE_7 = b"line 7 of this cell"
PNG = "iVBORw0KGgo="


def shown(name: str, kind: str, /, **content: Any) -> Path:
    return Path(name, says(kind, **content), copied("iopub", kind))


def display(name: str, data: Any, /, **more: Any) -> Path:
    return shown(name, "display_data", data=data, metadata={}, **more)


IOPUB = [
    shown("a print", "stream", name="stdout", text=CANARY),
    shown("a print to stderr", "stream", name="stderr", text=CANARY),
    shown("the name of a stream", "stream", name=CANARY, text=""),
    shown("the value of a cell", "execute_result", data={"text/plain": CANARY}, metadata={}),
    shown("the number of a value", "execute_result", data={}, execution_count=CANARY),
    display("HTML with a script", {"text/html": f"<script>{CANARY}</script>"}),
    display("JavaScript", {"application/javascript": CANARY}),
    display("an SVG", {"image/svg+xml": f"<svg><text>{CANARY}</text></svg>"}),
    display("LaTeX", {"text/latex": CANARY}),
    display("Markdown with an image's address", {"text/markdown": f"![](//x/{CANARY})"}),
    display("JSON", {"application/json": {"x": CANARY}}),
    display("a widget's view", {"application/vnd.jupyter.widget-view+json": {"id": CANARY}}),
    display("a MIME type that is the message", {f"text/{CANARY}": "x"}),
    display("a forged release beside a true name", {RELEASE: {"release": "a" * 16}, "x": CANARY}),
    display("a release's name with a path", {RELEASE: {"release": f"../{CANARY}"}}),
    shown("metadata of a picture", "display_data", data={"image/png": PNG}, metadata={"x": CANARY}),
    display("the name of a display", {}, transient={"display_id": CANARY}),
    shown("an update of a display", "update_display_data", data={"text/plain": CANARY}),
    shown("clear_output", "clear_output", wait=CANARY),
    shown("the name of an exception", "error", ename=CANARY, evalue="", traceback=[]),
    shown("the words of an exception", "error", ename="", evalue=CANARY, traceback=[]),
    shown("a traceback", "error", ename="", evalue="", traceback=[CANARY]),
    shown("a state of another name", "status", execution_state=CANARY),
    shown("a field beside the state", "status", execution_state="busy", more=CANARY),
    shown("a forged input", "execute_input", code=CANARY, execution_count=1),
    shown("the number of an input", "execute_input", code="1", execution_count=CANARY),
    shown("comm_open", "comm_open", comm_id="x", target_name=CANARY, data={}),
    shown("comm_msg", "comm_msg", comm_id="x", data={"x": CANARY}),
    shown("comm_close", "comm_close", comm_id=CANARY, data={}),
    shown("a debugger's event", "debug_event", event=CANARY),
    shown("a welcome", "iopub_welcome", subscription=CANARY),
    shown("a shutdown published", "shutdown_reply", restart=CANARY),
    shown("a kind that nobody knows", "anything", x=CANARY),
    Path("a kind that is the message", says(CANARY), copied("iopub", CANARY)),
]

FRAMES = [
    Path(
        f"{name} of a print",
        says("stream", changed=changed, name="stdout", text=""),
        copied("iopub", "stream", what),
    )
    for name, what, changed in (
        ("a field in the header", "header", {"header": {"more": CANARY}}),
        ("the session", "header", {"header": {"session": CANARY}}),
        ("the user", "header", {"header": {"username": CANARY}}),
        ("the date", "header", {"header": {"date": CANARY}}),
        ("the id", "header", {"header": {"msg_id": CANARY}}),
        ("metadata", "metadata", {"metadata": {"x": CANARY}}),
        ("buffers", "buffers", {"buffers": [CANARY.encode()]}),
        ("the topic", "topic", {"topic": CANARY.encode()}),
    )
]
FRAMES += [
    Path(
        "a print of another parent",
        says("stream", "iopub", {"msg_id": CANARY}, name="stdout", text=""),
        copied("iopub", "stream", "parent"),
    ),
    Path(
        "a print without a parent",
        says("stream", "iopub", {}, name="stdout", text=CANARY),
        copied("iopub", "stream"),
    ),
]


def replies(name: str, /, **content: Any) -> Path:
    said = {"status": "error", **content}
    return Path(
        name,
        says("execute_reply", "shell", **said),
        replaced("kernel._profile", "_taken", unparsed),
    )


def _unbounded(_stage: Stage, _request: Any, content: bytes) -> Outcome:
    said = json.loads(content)
    return Outcome(ok=said["status"] == "ok", line=said.get("line"))


def _any_parent(_stage: Stage, _request: Any, channel: str, received: Any) -> bool:
    return channel == "shell" and received.header["msg_type"] == "execute_reply"


def _any_kind(_stage: Stage, request: Any, channel: str, received: Any) -> bool:
    return channel == "shell" and received.parent == request.inner


SHELL = [
    replies("the name of an exception in the reply", ename=CANARY),
    replies("the words of an exception in the reply", evalue=CANARY),
    replies("the traceback in the reply", traceback=[CANARY]),
    replies("a user expression", user_expressions={"x": {"data": {"text/plain": CANARY}}}),
    replies("a page of help", payload=[{"source": "page", "data": {"text/plain": CANARY}}]),
    replies("the next cell's text", payload=[{"source": "set_next_input", "text": CANARY}]),
    replies("an edit of a file", payload=[{"source": "edit", "filename": CANARY}]),
    replies("a question whether to exit", payload=[{"source": "ask_exit", "keep": CANARY}]),
    replies("a status of another name", status=CANARY),
    replies("a count of the kernel's own", execution_count=CANARY),
    replies("a field that nobody knows", engine_info=CANARY),
    *(
        Path(
            f"{what} of a reply",
            says("execute_reply", "shell", changed=changed, status="ok"),
            copied("shell", "execute_reply", what),
        )
        for what, changed in {
            "metadata": {"metadata": {"x": CANARY}},
            "buffers": {"buffers": [CANARY.encode()]},
            "header": {"header": {"more": CANARY}},
        }.items()
    ),
    *(
        Path(f"an unasked {kind}", says(kind, "shell", x=CANARY), copied("shell", kind))
        for kind in (
            "complete_reply",
            "inspect_reply",
            "history_reply",
            "kernel_info_reply",
            "comm_info_reply",
            "is_complete_reply",
            "input_request",
            "anything",
        )
    ),
    Path(
        "a line that the cell has not",
        says("execute_reply", "shell", status="error", line=NUMBER),
        replaced("kernel._profile", "_taken", _unbounded),
        str(NUMBER).encode(),
    ),
    Path(
        "a line that is a text",
        says("execute_reply", "shell", status="error", line=CANARY),
        replaced("kernel._profile", "_taken", _unbounded),
    ),
    Path(
        "a line that is a fraction",
        says("execute_reply", "shell", status="error", line=1.73190042),
        replaced("kernel._profile", "_taken", _unbounded),
        b"1.73190042",
    ),
    Path(
        "an outcome told of another cell",
        says("execute_reply", "shell", {"msg_id": "0" * 32}, status="error", line=7),
        replaced("kernel._profile", "_awaited", _any_parent),
        LINE_7,
    ),
    Path(
        "an outcome in a reply of another kind",
        says("inspect_reply", "shell", status="error", line=7),
        replaced("kernel._profile", "_awaited", _any_kind),
        LINE_7,
    ),
    Path(
        "an outcome signed with another key",
        says("execute_reply", "shell", changed={"key": b"x" * 32}, status="error", line=7),
        of_module("kernels.host.relay.session.hmac.compare_digest", lambda _one, _other: True),
        LINE_7,
    ),
]


CONTROL = [
    Path(
        f"the control channel's {kind}",
        says(kind, "control", x=CANARY),
        copied("control", kind),
        interrupted=True,
    )
    for kind in ("interrupt_reply", "shutdown_reply", "debug_reply", "kernel_info_reply")
]

QUESTIONS = [
    Path(
        f"the answer to {kind}",
        None,
        asked_of_the_kernel(kind),
        ask=(kind, "shell"),
        setup=answers(kind, status="ok", x=CANARY),
    )
    for kind in (
        "complete_request", "inspect_request", "history_request", "comm_info_request",
        "is_complete_request", "kernel_info_request",
    )
]  # fmt: skip


def _uses(stage: Stage) -> None:
    stage.box.used = NUMBER


def _exact_memory(stage: Stage) -> str:
    return f"memory: {stage.kernel._sandbox.memory()}"


def _holds(name: str) -> Any:
    def setup(stage: Stage) -> None:
        (stage.root / "outbox" / name).touch()

    return setup


async def _says_why(stage: Stage) -> tuple[Outcome, str]:
    kernel = stage.kernel
    outbox = os.dup(kernel._sandbox.status.outbox)
    try:
        kernel._submissions.take(kernel._sandbox.number, outbox, lambda: 0.0)
    except Refusal as refusal:
        return Outcome(ok=False), refusal.reason
    return Outcome(ok=True), ""


async def _lists(stage: Stage) -> tuple[Outcome, str]:
    return Outcome(ok=True), str([path.name for path in (stage.root / "outbox").iterdir()])


def _dies(stage: Stage) -> None:
    async def attack(_kernel: Hostile, _asked: dict[str, Any]) -> None:
        stage.box.exit.set_result(NUMBER)

    stage.hostile.attack = attack


@contextmanager
def _own_status(stage: Stage) -> Iterator[None]:
    def ended(exit: int, why: str) -> Ended:  # noqa: A002 - the message's own word
        return Ended(exit=stage.box.exit.result(), why=why)

    with patch("kernels.host.lanes.interactive_kernel.Ended", ended):
        yield


OTHER = [
    Path(
        "the memory to the byte",
        None,
        replaced("kernel", "_used", _exact_memory),
        str(NUMBER).encode(),
        setup=_uses,
    ),
    Path("the exit status", None, _own_status, str(NUMBER).encode(), setup=_dies),
    Path(
        "why an outbox is not taken",
        None,
        replaced("kernel", "_submit", _says_why),
        b"other characters",
        code="%submit",
        setup=_holds(".hidden"),
    ),
    Path(
        "the names of submitted files",
        None,
        replaced("kernel", "_submit", _lists),
        code="%submit",
        setup=_holds(f"{CANARY}.csv"),
    ),
]

PATHS = [*IOPUB, *FRAMES, *SHELL, *CONTROL, *QUESTIONS, *OTHER]
