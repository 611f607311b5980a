"""The browser's line tells what the daemon could not show itself."""

import itertools
import json
from types import SimpleNamespace

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

from kernels.server.connection import TellingConnection
from kernels.server.incoming import V1, read_header

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

    assert read_header(binary, V1)["msg_id"] == message["header"]["msg_id"]
    assert read_header(text, None)["msg_id"] == message["header"]["msg_id"]
    assert read_header(binary, None) is read_header(text, V1) is None


def framed(*parts, count=None):
    """A v1 frame with these parts: channel, header, parent, metadata, content."""
    start = 8 * (len(parts) + 2)
    ends = itertools.accumulate(map(len, parts), initial=start)
    offsets = [len(parts) + 1 if count is None else count, *ends]
    return b"".join(one.to_bytes(8, "little") for one in offsets) + b"".join(parts)


HEADER = b'{"msg_id": "1", "msg_type": "execute_request", "session": "s"}'


def test_the_frame_of_these_tests_is_a_frame():
    assert read_header(framed(b"shell", HEADER, b"{}", b"{}", b"{}"), V1)["msg_id"] == "1"


@pytest.mark.parametrize(
    "garbage",
    [
        "", b"", b"\0" * 64, b"\xff" * 64, HEADER,
        framed(b"shell", HEADER, b"{}", b"{}"),
        framed(b"shell", HEADER, b"{}", b"{}", b"{}", count=2**64 - 1),
        framed(b"shell", HEADER, b"{}", b"{}", b"{}", count=7),
        framed(b"shell", HEADER, b"{}", b"{}", b"{}")[:-1],
        framed(b"hb", HEADER, b"{}", b"{}", b"{}"),
        framed(b"\xff", HEADER, b"{}", b"{}", b"{}"),
        framed(b"shell", b"[]", b"{}", b"{}", b"{}"),
        framed(b"shell", b'{"msg_id": 1, "msg_type": "a", "session": "s"}', b"{}", b"{}", b"{}"),
        framed(b"shell", HEADER, b"{}", b"{}", b"[" * 100_000),
        framed(b"shell", HEADER, b"{}", b"{}", b"1"),
    ],
)  # fmt: skip
def test_a_frame_that_is_none_is_not_read(garbage):
    assert read_header(garbage, V1) is None


@pytest.mark.parametrize(
    "garbage",
    [
        "", "[]", "{}", "7", "null", "[" * 100_000, '{"channel": "shell", "header": 1}', HEADER,
        '{"channel": "shell", "header": {"msg_type": "x"}}', '{"channel": {}, "header": {}}',
    ],
)  # fmt: skip
def test_text_that_is_no_message_is_not_read(garbage):
    assert read_header(garbage, None) is None
