"""The wire: signatures hold, replays do not, and malformed frames tell nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.host.relay.session import Malformed, Wire

KEY = b"k" * 32


def test_a_message_of_the_same_key_is_read() -> None:
    frames = [b"client", *Wire(KEY).encode("stream", {"text": "x"}, message="abc")]
    read = Wire(KEY).decode(frames)
    assert read.route == (b"client",)
    assert read.header["msg_id"] == "abc"
    assert json.loads(read.content) == {"text": "x"}


def test_a_message_of_another_key_is_malformed() -> None:
    with pytest.raises(Malformed):
        Wire(b"other" * 8).decode(Wire(KEY).encode("stream", {}))


@pytest.mark.parametrize("frame", [2, 3, 5])
def test_a_changed_frame_is_malformed(frame: int) -> None:
    frames = Wire(KEY).encode("stream", {"text": "x"}, parent={"msg_id": "a"})
    frames[frame] = frames[frame].replace(b'"', b'" ', 1) if frame != 3 else b'{"msg_id":"b"}'
    with pytest.raises(Malformed):
        Wire(KEY).decode(frames)


def test_the_same_message_twice_is_malformed() -> None:
    frames, wire = Wire(KEY).encode("stream", {}), Wire(KEY)
    wire.decode(frames)
    with pytest.raises(Malformed):
        wire.decode(frames)


def test_too_many_frames_and_too_long_headers_are_malformed() -> None:
    frames = Wire(KEY).encode("stream", {})
    with pytest.raises(Malformed):
        Wire(KEY).decode([*frames, *[b"buffer"] * 20])
    long = Wire(KEY).encode("stream", {}, parent={"msg_id": "x" * (70 << 10)})
    with pytest.raises(Malformed):
        Wire(KEY).decode(long)


@given(st.lists(st.binary(max_size=40), max_size=9))
@settings(max_examples=80, derandomize=True)
def test_random_frames_are_malformed_and_nothing_else(frames: list[bytes]) -> None:
    with pytest.raises(Malformed) as found:
        Wire(KEY).decode([*frames, b"<IDS|MSG>", b"0" * 64, *frames])
    assert str(found.value) == ""
    assert found.value.__cause__ is None


def test_what_we_send_names_no_ids_of_others() -> None:
    frames = Wire(KEY).encode("status", {}, parent={"msg_id": "browser"})
    header = json.loads(frames[2])
    assert header["username"] == "workbench"
    assert json.loads(frames[4]) == {}
