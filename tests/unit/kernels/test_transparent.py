"""The Workbench kernel's profile: content passes, cleaned; nothing else of a message does."""

from typing import Any

import pytest

from kernels.host.relay.session import Received
from kernels.host.relay.transparent import ReleaseNamed, Transparent
from tests.unit.kernels.conftest import Make


@pytest.fixture
def relay() -> Transparent:
    return Transparent()


def run(relay: Transparent, asks: Make, **content: Any) -> str:
    """Execute something; returns the id that the kernel sees."""
    incoming = relay.incoming("shell", asks("execute_request", **({"code": "1"} | content)))
    assert incoming.forward is not None
    return incoming.forward.inner


def queued(relay: Transparent, asks: Make, **content: Any) -> str:
    """Execute something behind a cell that has not ended."""
    run(relay, asks)
    return run(relay, asks, **content)


def out(relay: Transparent, channel: str, message: Received) -> list[tuple[str, Any]]:
    shown = relay.outgoing(channel, message)
    return [(each.kind, each.content) for each in shown if not isinstance(each, ReleaseNamed)]


def test_the_kernel_never_sees_the_browsers_ids(relay: Transparent, asks: Make) -> None:
    first, second = run(relay, asks, code="1"), run(relay, asks, code="1")
    assert first != second
    assert not {first, second} & {"browser-0", "browser-1"}


def test_the_same_browser_id_on_two_channels_is_two_requests(
    relay: Transparent, asks: Make
) -> None:
    one = relay.incoming("shell", asks("kernel_info_request", msg_id="x")).forward
    two = relay.incoming("control", asks("kernel_info_request", msg_id="x")).forward
    assert one is not None
    assert two is not None
    assert one.inner != two.inner


def test_what_is_forwarded_is_rebuilt_field_by_field(relay: Transparent, asks: Make) -> None:
    asked = asks(
        "execute_request", code="x", silent="yes", allow_stdin=True, user_expressions={"a": "b"},
        surprise=1,
    )  # fmt: skip
    forward = relay.incoming("shell", asked).forward
    assert forward is not None
    assert forward.content == {
        "code": "x",
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
        "announced": True,
    }


def test_a_cell_that_nothing_waits_before_is_announced_by_the_relay_itself(
    relay: Transparent, asks: Make, says: Make
) -> None:
    incoming = relay.incoming("shell", asks("execute_request", code="mine()"))
    assert [(one.kind, one.content) for one in incoming.answers] == [
        ("status", {"execution_state": "busy"}),
        ("execute_input", {"code": "mine()", "execution_count": 1}),
    ]
    assert incoming.forward is not None
    inner = incoming.forward.inner
    for again in (
        says("status", inner, execution_state="busy"),
        says("execute_input", inner, code="forged()", execution_count=7),
    ):
        assert out(relay, "iopub", again) == []
    waits = relay.incoming("shell", asks("execute_request", code="2"))
    assert waits.answers == ()
    assert waits.forward is not None
    assert "announced" not in waits.forward.content


def test_cells_are_numbered_as_the_kernel_numbers_them(
    relay: Transparent, asks: Make, says: Make
) -> None:
    shown = []
    for code, keeps, count in (("1", True, 1), ("2", False, 1), ("3", True, 2), ("4", True, 3)):
        incoming = relay.incoming("shell", asks("execute_request", code=code, store_history=keeps))
        assert incoming.forward is not None
        inner = incoming.forward.inner
        shown.append(incoming.answers[1].content["execution_count"])
        out(relay, "shell", says("execute_reply", inner, status="ok", execution_count=count))
        out(relay, "iopub", says("status", inner, execution_state="idle"))
    assert shown == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("stdin", "input_reply"),
        ("control", "debug_request"),
        ("shell", "comm_open"),
        ("shell", "comm_msg"),
        ("control", "execute_request"),
        ("control", "create_subshell_request"),
        ("shell", "anything_else"),
    ],
)
def test_requests_of_other_kinds_go_nowhere(
    relay: Transparent, asks: Make, channel: str, kind: str
) -> None:
    incoming = relay.incoming(channel, asks(kind))
    assert incoming.forward is None
    assert incoming.answers == ()
    assert relay.dropped["request_not_served"] == 1


@pytest.mark.parametrize("bad", ["", "a b", "x" * 129, 7, {"$": 1}])
def test_a_request_with_a_strange_id_goes_nowhere(
    relay: Transparent, asks: Make, bad: object
) -> None:
    assert relay.incoming("shell", asks("execute_request", msg_id=bad)).forward is None


@pytest.mark.parametrize("kind", ["history_request", "comm_info_request"])
def test_history_and_comms_are_answered_with_nothing(
    relay: Transparent, asks: Make, kind: str
) -> None:
    incoming = relay.incoming("shell", asks(kind))
    assert incoming.forward is None
    kinds = [answer.kind for answer in incoming.answers]
    assert kinds == ["status", kind.replace("request", "reply"), "status"]


def test_prints_pass_with_the_browsers_own_header_as_parent(
    relay: Transparent, asks: Make, says: Make
) -> None:
    inner = run(relay, asks)
    (message,) = relay.outgoing("iopub", says("stream", inner, name="stdout", text="hello"))
    assert not isinstance(message, ReleaseNamed)
    assert message.content == {"name": "stdout", "text": "hello"}
    assert message.request.header["msg_id"] == "browser-0"


@pytest.mark.parametrize("parent", [None, "", "browser-0", "0" * 32])
def test_a_forged_parent_is_dropped(
    relay: Transparent, asks: Make, says: Make, parent: str | None
) -> None:
    run(relay, asks)
    assert out(relay, "iopub", says("stream", parent, name="stdout", text="x")) == []
    assert out(relay, "shell", says("execute_reply", parent, status="ok")) == []
    assert relay.dropped["no_such_parent"] == 2


def test_a_reply_is_passed_once_and_only_where_it_was_asked(
    relay: Transparent, asks: Make, says: Make
) -> None:
    inner = run(relay, asks)
    reply = says("execute_reply", inner, status="ok", execution_count=1)
    assert out(relay, "control", reply) == []
    assert out(relay, "shell", says("kernel_info_reply", inner)) == []
    assert len(out(relay, "shell", reply)) == 1
    assert out(relay, "shell", reply) == []


def test_late_words_pass_as_prints_only(relay: Transparent, asks: Make, says: Make) -> None:
    inner = queued(relay, asks)
    assert len(out(relay, "iopub", says("status", inner, execution_state="busy"))) == 1
    assert len(out(relay, "iopub", says("status", inner, execution_state="idle"))) == 1
    assert (
        out(relay, "iopub", says("status", inner, execution_state="busy"))
        == [("status", {"execution_state": "busy"})][:0]
    )
    assert out(relay, "iopub", says("status", inner, execution_state="idle")) == []
    assert out(relay, "iopub", says("error", inner, ename="E")) == []
    assert out(relay, "iopub", says("execute_input", inner, code="x")) == []
    assert len(out(relay, "iopub", says("stream", inner, name="stdout", text="thread"))) == 1


@pytest.mark.parametrize("state", ["starting", "dead", "<b>", 1, None])
def test_a_state_is_busy_or_idle(relay: Transparent, asks: Make, says: Make, state: object) -> None:
    inner = run(relay, asks)
    assert out(relay, "iopub", says("status", inner, execution_state=state)) == []


def test_the_shown_code_is_what_was_asked_not_what_the_kernel_says(
    relay: Transparent, asks: Make, says: Make
) -> None:
    inner = queued(relay, asks, code="mine()")
    shown = out(relay, "iopub", says("execute_input", inner, code="forged()", execution_count=3))
    assert shown == [("execute_input", {"code": "mine()", "execution_count": 3})]


@pytest.mark.parametrize(
    "kind", ["comm_open", "comm_msg", "debug_event", "iopub_welcome", "input_request", "unknown"]
)
def test_widgets_and_unknown_kinds_are_dropped(
    relay: Transparent, asks: Make, says: Make, kind: str
) -> None:
    inner = run(relay, asks)
    assert out(relay, "iopub", says(kind, inner, data={})) == []
    assert sum(relay.dropped.values()) == 1


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1]", b"nan", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000]
)
def test_malformed_content_is_dropped(
    relay: Transparent, asks: Make, says: Make, raw: bytes
) -> None:
    inner = run(relay, asks)
    assert out(relay, "iopub", says("stream", inner, raw=raw)) == []
    assert relay.dropped["malformed"] == 1


def test_a_flood_is_cut_with_one_word_about_it(
    relay: Transparent, asks: Make, says: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernels.host.relay.transparent._REQUEST_MESSAGES", 10)
    inner = run(relay, asks)
    message = says("stream", inner, name="stdout", text="x")
    shown = [content["text"] for _ in range(30) for _, content in out(relay, "iopub", message)]
    assert shown[:10] == ["x"] * 10
    assert len(shown) == 11
    assert "limit" in shown[10]
    assert out(relay, "iopub", says("status", inner, execution_state="idle")) != []


def test_a_display_that_names_a_release_carries_nothing_else(
    relay: Transparent, asks: Make, says: Make
) -> None:
    inner = run(relay, asks)
    data = {
        "application/vnd.workbench.release+json": {"release": "0123456789abcdef"},
        "text/html": "<b>forged table</b>",
    }
    (named,) = relay.outgoing("iopub", says("display_data", inner, data=data))
    assert isinstance(named, ReleaseNamed)
    assert named.release == "0123456789abcdef"


@pytest.mark.parametrize("release", ["../etc", "0123", "x" * 16, 5, None, {"a": 1}])
def test_a_release_of_another_form_is_no_release(
    relay: Transparent, asks: Make, says: Make, release: object
) -> None:
    inner = run(relay, asks)
    data = {"application/vnd.workbench.release+json": {"release": release}, "text/plain": "x"}
    shown = out(relay, "iopub", says("display_data", inner, data=data))
    assert shown[0][1]["data"] == {"text/plain": "x"}


def test_metadata_buffers_and_unknown_fields_of_a_reply_do_not_pass(
    relay: Transparent, asks: Make, says: Make
) -> None:
    inner = run(relay, asks)
    reply = says(
        "execute_reply",
        inner,
        status="ok",
        execution_count=2,
        user_expressions={"a": {"data": {}}},
        surprise=1,
        payload=[{"source": "ask_exit"}, {"source": "page", "data": {"text/plain": "help"}}, 3],
    )
    ((_, content),) = out(relay, "shell", reply)
    assert content == {
        "status": "ok",
        "execution_count": 2,
        "user_expressions": {},
        "payload": [{"source": "page", "data": {"text/plain": "help"}, "start": 0}],
    }


def test_the_kernels_self_description_is_ours(relay: Transparent, asks: Make, says: Make) -> None:
    forward = relay.incoming("shell", asks("kernel_info_request")).forward
    assert forward is not None
    reply = says("kernel_info_reply", forward.inner, banner="<script>", debugger=True)
    ((_, content),) = out(relay, "shell", reply)
    assert content["debugger"] is False
    assert "script" not in content["banner"]
    assert content["implementation"] == "workbench"


def test_completions_are_texts_and_numbers(relay: Transparent, asks: Make, says: Make) -> None:
    forward = relay.incoming("shell", asks("complete_request", code="a", cursor_pos=1)).forward
    assert forward is not None
    reply = says(
        "complete_reply", forward.inner, matches=["ab", 3, {"x": 1}], cursor_start="0",
        cursor_end=1, metadata={"_jupyter_types_experimental": [{"type": "<b>"}]},
    )  # fmt: skip
    ((_, content),) = out(relay, "shell", reply)
    assert content == {
        "status": "ok", "matches": ["ab"], "cursor_start": 0, "cursor_end": 1, "metadata": {},
    }  # fmt: skip


def test_a_label_stands_beside_a_match_and_nothing_else(
    relay: Transparent, asks: Make, says: Make
) -> None:
    forward = relay.incoming("shell", asks("complete_request", code="a", cursor_pos=1)).forward
    assert forward is not None
    kind = {"text": "ab", "type": "Sex", "start": 0, "end": 1}
    told = [
        kind | {"signature": "<script>"}, kind | {"text": "other"}, kind | {"text": ["ab"]},
        kind | {"start": "0"}, 3,
    ]  # fmt: skip
    reply = says(
        "complete_reply", forward.inner, matches=["ab"], cursor_start=0, cursor_end=1,
        metadata={"_jupyter_types_experimental": told, "more": 1},
    )  # fmt: skip
    ((_, content),) = out(relay, "shell", reply)
    assert content["metadata"] == {"_jupyter_types_experimental": [kind]}


def test_the_oldest_finished_requests_are_forgotten_first(
    relay: Transparent, asks: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernels.host.relay.requests._KEPT", 3)
    waiting = run(relay, asks)
    for _ in range(5):
        relay.incoming("shell", asks("history_request"))
    assert relay.requests.find(waiting) is not None
