"""Messages across the wall: closed, frozen, limited, and silent about what they refuse."""

import socket
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kernels.errors import Refusal
from kernels.protocol import (
    FRAME_LIMIT,
    Attach,
    EngineRequest,
    Grant,
    KernelRequest,
    Launch,
    Run,
    ServerRequest,
    pack,
    read_frame,
    unpack,
)

ADAPTERS = [TypeAdapter(each) for each in (KernelRequest, EngineRequest, ServerRequest)]
GRANT = {
    "k": "grant",
    "token_sha256": "0" * 64,
    "user": "ada",
    "project": "alpha",
    "server_uid": 1,
    "twin": "/v/alpha/1/twin",
    "sealed": False,
    "expires": 1,
}


@given(st.binary(max_size=200))
@settings(max_examples=60, derandomize=True)
def test_random_bytes_are_refused_and_not_repeated(body: bytes) -> None:
    for adapter in ADAPTERS:
        with pytest.raises(Refusal) as refused:
            unpack(adapter, body + b"\x00canary-7411")
        assert "canary-7411" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"k":"hello","version":2}',
        b'{"k":"hello","version":1,"more":1}',
        b'{"k":"run","id":"1","plan":"{}"}',
        b'{"k":"run","id":-1,"plan":"{}"}',
        b'{"k":"attach","kernel":"00000000","project":"alpha","user":"ada","uid":1}',
        b'{"k":"ask","id":1,"what":"everything"}',
        b"[]",
        b"null",
    ],
)
def test_a_kernel_can_say_only_what_the_schema_names(body: bytes) -> None:
    with pytest.raises(Refusal):
        unpack(TypeAdapter(KernelRequest), body)


def test_a_kernel_cannot_send_a_plan_of_more_than_64_kib() -> None:
    fits = Run(id=1, plan="x" * (64 << 10)).model_dump_json().encode()
    assert unpack(TypeAdapter(KernelRequest), fits).id == 1
    with pytest.raises(Refusal):
        unpack(TypeAdapter(KernelRequest), fits.replace(b'"x', b'"xx', 1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("project", "Alpha"),
        ("project", "../beta"),
        ("user", "ada/../root"),
        ("token_sha256", "0" * 63),
        ("expires", "1"),
        ("sealed", 1),
    ],
)
def test_a_grant_takes_no_value_of_another_form(field: str, value: object) -> None:
    Grant.model_validate(GRANT)
    with pytest.raises(ValidationError):
        Grant.model_validate(GRANT | {field: value})


def test_a_launch_names_no_path_command_or_project() -> None:
    assert set(Launch.model_fields) == {"k", "token", "kernel", "lane", "front_key"}


def test_messages_cannot_be_changed_once_made() -> None:
    attach = Attach(kernel="00000000", project="alpha", user="ada", uid=1)
    with pytest.raises(ValidationError):
        attach.project = "beta"  # type: ignore[misc]


def test_an_announced_length_over_the_limit_is_refused_before_it_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack(">I", FRAME_LIMIT + 1))
        with pytest.raises(Refusal):
            read_frame(ours)


def test_a_frame_that_is_cut_short_is_an_error_and_a_clean_end_is_none() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(struct.pack(">I", 10) + b"abc")
        with pytest.raises(ConnectionError):
            read_frame(ours)
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert read_frame(ours) is None


def test_a_message_that_is_too_large_is_not_sent() -> None:
    with pytest.raises(Refusal):
        pack(Attach.model_construct(kernel="0" * (FRAME_LIMIT + 1)))
