"""The Workbench kernel: it may show what it likes, but not act on the browser or forge anything."""

import re
from collections.abc import Mapping
from typing import Any

from kernels.host.relay.requests import Request
from kernels.protocol import Rendered
from tests.redteam.kernel.hostile import Hostile
from tests.redteam.kernel.path import CANARY, Path, answers, says
from tests.redteam.kernel.removals import Removal, copied, in_table, of_module, replaced
from tests.redteam.kernel.stage import RELEASES, Stage

RELEASE = "application/vnd.workbench.release+json"
_TABLE = "kernels.host.relay.bundle._CHECKS"
_MODULE = "kernels.host.relay.transparent"


def _as_it_is(_kind: str, value: Any) -> Any:
    return value


def display(name: str, kind: str, value: Any, mark: bytes) -> Path:
    """Something in a display that acts or fetches; its MIME type's check is taken away."""
    attack = says("display_data", data={kind: value}, metadata={})
    return Path(name, attack, in_table(_TABLE, kind, _as_it_is), mark)


_HTML = "text/html"
_SVG = "image/svg+xml"
DISPLAYS = [
    display("a script in HTML", _HTML, "<script>steal()</script>", b"steal()"),
    display("a handler in HTML", _HTML, "<p onclick=steal()>x</p>", b"steal()"),
    display("a picture that fails with a handler", _HTML, "<img src=x onerror=steal()>", b"steal("),
    display("a frame", _HTML, "<iframe src='//evil/x'></iframe>", b"//evil"),
    display("a picture from elsewhere", _HTML, "<img src='//evil/x.png'>", b"//evil"),
    display("an address in a style", _HTML, "<p style='background:url(//evil)'>x</p>", b"//evil"),
    display("a style sheet", _HTML, "<style>@import '//evil'</style>", b"//evil"),
    display("a form that posts", _HTML, "<form action='//evil'><input></form>", b"//evil"),
    display("a link that runs", _HTML, "<a href='javascript:steal()'>x</a>", b"javascript:"),
    display("a base address", _HTML, "<base href='//evil'>", b"//evil"),
    display("a refresh", _HTML, "<meta http-equiv=refresh content='0;//evil'>", b"//evil"),
    display("an embedded object", _HTML, "<object data='//evil'></object>", b"//evil"),
    display("a class of the shell", _HTML, "<p class='jp-Button'>x</p>", b"jp-Button"),
    display("an id that shadows", _HTML, "<p id='jupyter-config-data'>x</p>", b"jupyter-config"),
    display("TeX that links", _HTML, r"<p>\href{x}{y}</p>", rb"\\href"),
    display("a script in an SVG", _SVG, (
        "<svg xmlns='http://www.w3.org/2000/svg'><script>steal()</script></svg>"), b"steal()"),
    display("a handler in an SVG", _SVG,
        "<svg xmlns='http://www.w3.org/2000/svg' onload='steal()'/>", b"steal()"),
    display("HTML in an SVG", _SVG, "<svg xmlns='http://www.w3.org/2000/svg'><foreignObject>"
        "<p xmlns='http://www.w3.org/1999/xhtml'>steal</p></foreignObject></svg>", b"steal"),
    display("a picture from elsewhere in an SVG", _SVG,
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='//evil'/></svg>", b"//evil"),
    display("entities in an SVG", _SVG, "<!DOCTYPE svg [<!ENTITY a 'steal'>]>"
        "<svg xmlns='http://www.w3.org/2000/svg'><text>&a;</text></svg>", b"ENTITY"),
    display("HTML that says it is a PNG", "image/png", "PGh0bWw+c3RlYWwoKTwvaHRtbD4=", b"PGh0"),
    display("HTML that says it is a GIF", "image/gif", "PGh0bWw+c3RlYWwoKTwvaHRtbD4=", b"PGh0"),
    display("Markdown with a picture", "text/markdown", "![x](//evil/x.png)", b"//evil"),
    display("Markdown with HTML", "text/markdown", "<script>steal()</script>", b"steal()"),
    display("LaTeX that links", "text/latex", r"$\href{javascript:steal()}{x}$", b"javascript:"),
    display("JavaScript", "application/javascript", "steal()", b"steal()"),
    display("a widget's view", "application/vnd.jupyter.widget-view+json", {"model_id": "m7"},
        b"m7"),
    display("a MIME type of an extension", "application/vnd.evil+json", {"steal": 1}, b"steal"),
    display("PDF", "application/pdf", "JVBERi0=", b"JVBERi0="),
]  # fmt: skip


def passed(name: str, kind: str, /, **content: Any) -> Path:
    return Path(name, says(kind, **content), copied("iopub", kind))


KINDS = [
    passed("comm_open", "comm_open", comm_id=CANARY),
    passed("comm_msg", "comm_msg", comm_id=CANARY),
    passed("a debugger's event", "debug_event", event=CANARY),
    passed("a request for input, published", "input_request", prompt=CANARY),
    passed("a kind that nobody knows", "anything", x=CANARY),
    passed("a state that does not exist", "status", execution_state=CANARY),
    *(
        Path(
            f"{name} of a print",
            says("stream", changed=changed, name="stdout", text="x"),
            copied("iopub", "stream", what),
        )
        for name, what, changed in (
            ("header", "header", {"header": {"more": CANARY}}),
            ("metadata", "metadata", {"metadata": {"x": CANARY}}),
            ("buffers", "buffers", {"buffers": [CANARY.encode()]}),
            ("topic", "topic", {"topic": CANARY.encode()}),
        )
    ),
    Path(
        "a print for a request that was not made",
        says("stream", "iopub", {"msg_id": "f" * 32}, name="stdout", text=CANARY),
        copied("iopub", "stream"),
    ),
    Path(
        "a print for the browser's own id",
        says("stream", "iopub", {"msg_id": "browser-1"}, name="stdout", text=CANARY),
        copied("iopub", "stream"),
    ),
    Path(
        "a message signed with another key",
        says("stream", changed={"key": b"x" * 32}, name="stdout", text=CANARY),
        of_module("kernels.host.relay.session.hmac.compare_digest", lambda _one, _other: True),
    ),
    Path(
        "a field of a picture's metadata",
        says(
            "display_data",
            data={"image/png": "iVBORw0KGgo="},
            metadata={"image/png": {"x": CANARY}},
        ),
        of_module("kernels.host.relay.bundle._size", lambda value: value),
    ),
    Path(
        "a name of a display that is markup",
        says("display_data", data={"text/plain": "x"}, transient={"display_id": f"<{CANARY}>"}),
        of_module(f"{_MODULE}._DISPLAY_ID", re.compile(".*")),
    ),
]


def _forged_input(kind: str, content: Mapping[str, Any], request: Request) -> Any:
    return dict(content) if kind == "execute_input" else None


def _as_said(_kind: str, content: Mapping[str, Any]) -> Any:
    return dict(content)


def reply(name: str, /, **content: Any) -> Path:
    """The kernel's first reply to the cell; later ones are dropped."""
    attack = says("execute_reply", "shell", status="ok", execution_count=1, **content)
    return Path(name, attack, of_module(f"{_MODULE}.clean_reply", _as_said))


async def _late(kernel: Hostile, asked: dict[str, Any]) -> None:
    await kernel.send("iopub", "status", {"execution_state": "idle"}, asked)
    await kernel.send("iopub", "execute_result", {"data": {"text/plain": CANARY}}, asked)


def _never_idle(stage: Stage, kind: str, content: Any, request: Request, size: int) -> Any:
    request.idle = False
    return type(stage.kernel._profile)._published(
        stage.kernel._profile, kind, content, request, size
    )


REPLIES = [
    reply("user expressions", user_expressions={"x": CANARY}),
    reply("a question whether to exit", payload=[{"source": "ask_exit", "keep": CANARY}]),
    reply("an edit of a file", payload=[{"source": "edit", "filename": CANARY}]),
    reply("a field that nobody knows", more=CANARY),
    Path(
        "a forged input",
        says("execute_input", code=CANARY, execution_count=1),
        replaced("kernel._profile", "_publication", lambda _stage, *given: _forged_input(*given)),
    ),
    Path(
        "a result after the end",
        _late,
        replaced("kernel._profile", "_published", _never_idle),
    ),
    Path(
        "the kernel's own banner",
        None,
        replaced("kernel._profile", "_info", {"banner": CANARY}),
        ask=("kernel_info_request", "shell"),
        setup=answers("kernel_info_request", status="ok", banner=CANARY),
    ),
    Path(
        "what completions say beside their texts",
        None,
        of_module(f"{_MODULE}.clean_reply", _as_said),
        ask=("complete_request", "shell"),
        setup=answers("complete_request", status="ok", matches=[], metadata={"x": CANARY}),
    ),
]


def released(name: str, named: Any, removed: Removal, mark: bytes, **more: Any) -> Path:
    data = {RELEASE: {"release": named}, **more}
    return Path(name, says("display_data", data=data, metadata={}), removed, mark)


async def _any_project(_stage: Stage, _project: str, release: str) -> Rendered:
    text = next((text for (_, known), text in RELEASES.items() if known == release), None)
    return Rendered(html=text, text=text)


RELEASED = [
    released(
        "forged HTML beside a release's name", "a" * 16,
        of_module(f"{_MODULE}.named_release", lambda _data: None), b"forged",
        **{"text/html": "<b>forged</b>"},
    ),
    released(
        "forged text beside a release's name", "a" * 16,
        of_module(f"{_MODULE}.named_release", lambda _data: None), b"forged",
        **{"text/plain": "forged"},
    ),
    released(
        "a release of another project", "b" * 16,
        replaced("desk.engine", "rendering", _any_project), b"release of beta",
    ),
    released(
        "a release that does not exist, with a table of its own", "c" * 16,
        of_module(f"{_MODULE}.named_release", lambda _data: None), b"forged",
        **{"text/plain": "forged"},
    ),
    released(
        "a release's name with a path", "../../" + CANARY,
        of_module("kernels.host.relay.bundle._RELEASE_ID", re.compile(".*")),
        b"no such release",
    ),
]  # fmt: skip

PATHS = [*DISPLAYS, *KINDS, *REPLIES, *RELEASED]
