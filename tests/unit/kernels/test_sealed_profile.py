"""The sealed run's profile: every answer is the relay's own, whatever is asked."""

import pytest

from kernels.host.relay.sealed import Sealed
from tests.unit.kernels.conftest import Make


@pytest.fixture
def relay() -> Sealed:
    return Sealed()


@pytest.mark.parametrize(
    "kind",
    [
        "kernel_info_request",
        "history_request",
        "comm_info_request",
        "is_complete_request",
        "complete_request",
        "inspect_request",
    ],
)
def test_questions_are_answered_the_same_way_each_time(
    relay: Sealed, asks: Make, kind: str
) -> None:
    first = relay.incoming("shell", asks(kind, code="secret", cursor_pos=3))
    second = relay.incoming("shell", asks(kind, code="other"))
    assert [a.content for a in first.answers] == [a.content for a in second.answers]
    assert first.run is None


def test_a_cell_is_a_run_and_shows_only_itself(relay: Sealed, asks: Make) -> None:
    incoming = relay.incoming("shell", asks("execute_request", code="x = 1"))
    assert incoming.run is not None
    assert incoming.run.code == "x = 1"
    assert [a.kind for a in incoming.answers] == ["status", "execute_input"]


@pytest.mark.parametrize("content", [{"code": ""}, {"code": " \n"}, {"code": 3}, {}])
def test_an_empty_cell_is_no_run(relay: Sealed, asks: Make, content: dict[str, object]) -> None:
    incoming = relay.incoming("shell", asks("execute_request", **content))
    assert incoming.run is None
    assert incoming.answers[1].content["status"] == "ok"


def test_a_silent_request_is_no_run(relay: Sealed, asks: Make) -> None:
    assert relay.incoming("shell", asks("execute_request", code="1", silent=True)).run is None


def test_the_end_tells_ok_or_a_fixed_error_with_a_line(relay: Sealed, asks: Make) -> None:
    run = relay.incoming("shell", asks("execute_request", code="x")).run
    assert run is not None
    ok = relay.ended(run, None, ok=True)
    assert [message.kind for message in ok] == ["execute_reply", "status"]
    error = relay.ended(run, 12, ok=False)
    assert error[0].content == {
        "ename": "Error",
        "evalue": "line 12 of this cell",
        "traceback": ["Error: line 12 of this cell"],
    }
    assert error[1].content["status"] == "error"


@pytest.mark.parametrize("kind", ["comm_open", "debug_request", "input_reply", "x"])
def test_everything_else_is_dropped(relay: Sealed, asks: Make, kind: str) -> None:
    for channel in ("shell", "control", "stdin"):
        incoming = relay.incoming(channel, asks(kind))
        assert incoming.answers == ()
        assert incoming.run is None
    assert relay.dropped["request_not_served"] == 3


def test_interrupt_stops_and_shutdown_ends(relay: Sealed, asks: Make) -> None:
    assert relay.incoming("control", asks("interrupt_request")).stop
    assert relay.incoming("control", asks("shutdown_request", restart=True)).end
