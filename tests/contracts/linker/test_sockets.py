"""Vault and linker over their real sockets: who is answered, and what happens to everybody else."""

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from pseudonym.errors import Refusal
from pseudonym.keys import DESK_SECRET, LINK_SECRET, read_secret
from pseudonym.line import call, expect
from pseudonym.linker_client import LinkerClient
from pseudonym.wire import AskAnchor, Done, Ping
from tests.lib.registry_world import World, world


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as running:
        yield running


def test_the_linker_answers_who_knows_the_secret(here: World) -> None:
    here.client.ping()


@pytest.mark.parametrize(("service", "zone", "name"), [
    ("linker", "store", LINK_SECRET),
    ("vault", "store", DESK_SECRET),
])  # fmt: skip
def test_each_door_has_its_own_secret(here: World, service: str, zone: str, name: str) -> None:
    secret = read_secret(here.root / zone / name)

    with pytest.raises(Refusal) as caught:
        call(here.sockets / f"{service}.sock", service, secret)
    assert caught.value.code == "not_trusted"


def test_the_vault_does_not_pass_for_the_linker(here: World) -> None:
    secret = read_secret(here.root / "vault" / LINK_SECRET)

    with pytest.raises(Refusal) as caught:
        call(here.sockets / "vault.sock", "linker", secret)
    assert caught.value.code == "not_trusted"


def test_a_dead_socket_is_a_refusal_with_a_remedy(here: World) -> None:
    client = LinkerClient(here.sockets / "nobody.sock", b"s" * 32)

    with pytest.raises(Refusal) as caught:
        client.ping()
    assert caught.value.code == "not_running"
    assert caught.value.remedy


def test_the_socket_is_closed_to_other_accounts(here: World) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in here.sockets.iterdir()}

    assert modes == {"vault.sock": 0o600, "linker.sock": 0o600}


@pytest.mark.parametrize("head", [
    struct.pack(">IQ", 1 << 31, 0),  # more JSON than allowed
    struct.pack(">IQ", 10, 1 << 40) + b"x" * 10,  # more bulk than allowed
    struct.pack(">IQ", 4, 0) + b"null",
    struct.pack(">IQ", 4, 0) + b"\xff\xfe\x00\x01",
    b"GET / HTTP/1.1\r\n\r\n",
    b"",
])  # fmt: skip
def test_nonsense_before_the_handshake_is_hung_up_on(here: World, head: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.settimeout(15)
        raw.connect(str(here.sockets / "linker.sock"))
        answer = b""
        with contextlib.suppress(ConnectionError):  # it hangs up with our bytes unread
            raw.sendall(head)
            raw.shutdown(socket.SHUT_WR)
            while piece := raw.recv(1 << 16):
                answer += piece

    assert answer.count(b'"k"') == answer.count(b'"challenge"') <= 1  # at most its first frame
    here.client.ping()


def test_a_message_of_another_conversation_is_refused(here: World) -> None:
    secret = read_secret(here.root / "store" / DESK_SECRET)
    line = call(here.sockets / "linker.sock", "linker", secret)

    with pytest.raises(Refusal) as caught:
        expect(line, AskAnchor(), Done)
    assert caught.value.code == "malformed_message"
    line.close()


def test_bulk_that_nobody_asked_for_is_refused(here: World) -> None:
    secret = read_secret(here.root / "store" / DESK_SECRET)
    line = call(here.sockets / "linker.sock", "linker", secret)
    with contextlib.suppress(ConnectionError):
        line.send(Ping(), b"bulk")

    with pytest.raises(Refusal) as caught:
        expect(line, Ping(), Done)
    assert caught.value.code in ("frame_too_large", "not_running")
    line.close()
    here.client.ping()


def test_many_callers_are_answered_side_by_side(here: World) -> None:
    secret = read_secret(here.root / "store" / DESK_SECRET)
    lines = [call(here.sockets / "linker.sock", "linker", secret) for _ in range(20)]
    started = time.monotonic()

    for line in lines:
        expect(line, Ping(), Done)
        line.close()

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("permit", "code"), [
    ({}, "bad_request"),
    ({"project": "Bad Name", "datasets": []}, "bad_request"),
    ({"project": "one", "datasets": [{"dataset": "../../etc", "variables": ["x"]}]}, "bad_request"),
    ({"project": "one", "datasets": [{"dataset": "none", "variables": ["x"]}]}, "not_published"),
])  # fmt: skip
def test_a_bad_permit_is_refused(here: World, permit: dict, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        here.client.build_view(permit)
    assert caught.value.code == code


def test_a_second_linker_does_not_take_the_socket(here: World) -> None:
    here.start()  # the first answers
    for thread in here.threads[2:]:
        thread.join(20)

    codes = [error.code for error in here.errors if isinstance(error, Refusal)]
    assert codes == ["already_running", "already_running"]
    here.errors.clear()
    here.client.ping()
