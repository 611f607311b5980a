"""The browser's line tells what the daemon could not show itself."""

import json
from types import SimpleNamespace

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

from kernels.server.connection import V1, TellingConnection, _header

WHY = "The permit has ended."


class Line(TellingConnection):
    """One without a browser: what it says is kept."""

    subprotocol = None
    session = Session()
    kernel_manager = None

    def __init__(self, subprotocol: str | None, **provisioner: object) -> None:
        self.subprotocol = subprotocol
        self.kernel_manager = SimpleNamespace(provisioner=SimpleNamespace(**provisioner))
        self.said: list[str | bytes] = []

    @property
    def write_message(self):
        return lambda text, **_: self.said.append(text)


def test_it_tells_why_there_is_no_kernel_any_more_below_the_cell_that_ran():
    line = Line(None, why=WHY, told=False)
    line._request = {"msg_id": "m1", "msg_type": "execute_request"}

    line._tell()

    (message,) = map(json.loads, line.said)
    assert message["channel"] == "iopub"
    assert message["content"] == {"name": "stderr", "text": f"{WHY}\n"}
    assert message["parent_header"]["msg_id"] == "m1"


def test_it_tells_in_the_form_that_the_browser_speaks():
    line = Line(V1, why=WHY, told=False)

    line._tell()

    channel, parts = deserialize_msg_from_ws_v1(line.said[0])
    assert channel == "iopub"
    assert json.loads(parts[3])["text"] == f"{WHY}\n"


@pytest.mark.parametrize("state", [{"why": WHY, "told": True}, {"why": "", "told": False}, {}])
def test_it_tells_nothing_twice_and_nothing_when_there_is_nothing_to_tell(state):
    line = Line(None, **state)

    line._tell()

    assert line.said == []


def test_it_knows_the_running_cell_in_both_forms():
    session = Session()
    message = session.msg("execute_request", {"code": "1"})
    binary = serialize_msg_to_ws_v1(message, "shell", session.pack)
    text = json.dumps(message | {"channel": "shell"}, default=str)

    assert _header(binary)["msg_id"] == message["header"]["msg_id"]
    assert _header(text)["msg_id"] == message["header"]["msg_id"]


@pytest.mark.parametrize(
    "garbage", ["", "[]", "{}", '{"header": 1}', b"", b"\xff" * 40, b"\0" * 64]
)
def test_garbage_from_the_browser_names_no_cell(garbage):
    assert _header(garbage) == {}
