"""The control socket: kernels handed over, renderings, keys and certificates, to our own only."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from disclosure import certificate
from kernels.protocol import (
    Attach,
    CertifyOutput,
    EngineReply,
    Failed,
    Message,
    Refused,
    Rendered,
    Rendering,
    SealedKeys,
    ViewKeys,
    pack,
    read_frame,
    unpack,
)
from tests.lib.engine_world import EVENT, World
from tests.lib.small_world import crosstab, small_view
from workbench.domain.output import OutputFile, OutputRequest, OutputState, Review, content_of
from workbench.domain.permit import DatasetGrant
from workbench.engine import desk

REPLY: TypeAdapter[EngineReply] = TypeAdapter(EngineReply)
KERNEL = Attach(kernel="0" * 16, project="alpha", user="researcher", uid=os.getuid())


@pytest.fixture
def line(control: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as dialled:
        dialled.settimeout(20)
        dialled.connect(str(control))
        yield dialled


def asked(line: socket.socket, message: Message, *descriptors: int) -> Any:
    socket.send_fds(line, [pack(message)], list(descriptors))
    return unpack(REPLY, read_frame(line) or b"")


def test_only_our_own_account_is_let_at_the_socket(control: Path) -> None:
    assert control.stat().st_mode & 0o077 == 0


def test_a_kernel_without_its_socket_is_not_attached(line: socket.socket) -> None:
    assert asked(line, KERNEL).code == "no_socket"


def test_what_does_not_listen_is_no_kernels_socket(line: socket.socket) -> None:
    one, other = socket.socketpair()
    with one, other:
        assert asked(line, KERNEL, one.fileno()).code == "not_a_listener"
    with socket.socket(socket.AF_INET) as internet:
        internet.bind(("127.0.0.1", 0))
        internet.listen()
        assert asked(line, KERNEL, internet.fileno()).code == "not_a_listener"


def test_a_descriptor_that_came_with_anything_else_is_closed(line: socket.socket) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        reader, writer = os.pipe()
        asked(line, Rendering(project="alpha", release="0" * 16), reader)
        os.close(reader)
        os.close(writer)

    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_nonsense_is_answered_by_a_refusal_and_the_line_goes_on(line: socket.socket) -> None:
    line.sendall(b"\x00\x00\x00\x02{}")

    assert unpack(REPLY, read_frame(line) or b"").code == "malformed_message"  # type: ignore[union-attr]
    assert isinstance(asked(line, Rendering(project="alpha", release="0" * 16)), Rendered)


def test_a_release_is_rendered_for_its_own_project_only(world: World, line: socket.socket) -> None:
    world.add(small_view("beta"))
    release = world.ask(crosstab("sex", "region"), "alpha")["release"]

    here = asked(line, Rendering(project="alpha", release=release))
    there = asked(line, Rendering(project="beta", release=release))

    assert "<table" in here.html
    assert "·" in here.text
    assert there.html is None
    assert there.text is None


def test_keys_of_a_view_need_a_permit_that_says_so(world: World, line: socket.socket) -> None:
    world.add(small_view("sealed"), sealed_runs=True)

    refused = asked(line, SealedKeys(project="alpha", user="researcher"))
    stranger = asked(line, SealedKeys(project="sealed", user="stranger"))
    given = asked(line, SealedKeys(project="sealed", user="researcher"))

    assert (refused.code, stranger.code) == ("no_sealed_runs", "not_permitted")
    assert isinstance(given, ViewKeys)
    assert given.path.endswith("views/sealed/v1")


def test_keys_are_given_of_what_the_permit_opens_now_not_of_all_that_the_view_holds(
    world: World, line: socket.socket
) -> None:
    view = small_view("narrowed")
    world.add(
        view, sealed_runs=True, datasets=(DatasetGrant(dataset="person", variables=("age",)),)
    )

    given = asked(line, SealedKeys(project="narrowed", user="researcher"))

    assert isinstance(given, ViewKeys)
    assert set(view.describe()["datasets"]) == {"person", "visit"}
    assert given.keys["datasets"] == {"person": ["age"]}


def test_more_keys_than_a_message_holds_are_refused_and_the_line_goes_on(
    world: World, line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(small_view("vast"), sealed_runs=True)
    monkeypatch.setattr(desk, "FRAME_LIMIT", 50)

    refused = asked(line, SealedKeys(project="vast", user="researcher"))
    monkeypatch.undo()
    given = asked(line, SealedKeys(project="vast", user="researcher"))

    assert refused.code == "too_many_keys"
    assert isinstance(given, ViewKeys)


def test_keys_for_an_interactive_kernel_need_a_permit_of_their_own(
    world: World, line: socket.socket
) -> None:
    world.add(small_view("sealed"), sealed_runs=True)
    world.add(small_view("open"), sealed_kernel=True)

    refused = asked(line, SealedKeys(project="sealed", user="researcher", lane="interactive"))
    given = asked(line, SealedKeys(project="open", user="researcher", lane="interactive"))
    other = asked(line, SealedKeys(project="open", user="researcher"))

    assert (refused.code, other.code) == ("no_sealed_kernel", "no_sealed_runs")
    assert isinstance(given, ViewKeys)


# ---- certificates of outputs
FILES = (OutputFile("table.csv", "a" * 64, 10),)
REQUEST = OutputRequest(
    id="c" * 16,
    project="alpha",
    author="researcher",
    run="d" * 16,
    state=OutputState.SUBMITTED,
    files=FILES,
    content=content_of(FILES),
    created=datetime(2026, 11, 22, tzinfo=UTC),
)


def approve(world: World, officer: str) -> None:
    now = datetime(2026, 11, 22, 13, tzinfo=UTC)
    review = Review(officer, OutputState.APPROVED, "", REQUEST.content, now)
    world.records.outputs.submit(REQUEST, EVENT)
    world.records.outputs.move(
        REQUEST.id, OutputState.SUBMITTED, OutputState.APPROVED, EVENT, review=review
    )


def test_an_approved_output_gets_a_certificate_of_its_files(
    world: World, line: socket.socket
) -> None:
    approve(world, "officer")
    given = asked(line, CertifyOutput(request=REQUEST.id))

    statement = certificate.verify(given.certificate, [world.keys.verify_key])
    assert (statement.kind, statement.release) == ("output", REQUEST.id)
    assert statement.content_sha256 == REQUEST.content
    assert statement.proof["files"][0]["sha256"] == "a" * 64


def test_what_nobody_approved_gets_none(world: World, line: socket.socket) -> None:
    world.records.outputs.submit(REQUEST, EVENT)

    assert asked(line, CertifyOutput(request=REQUEST.id)).code == "not_approved"
    assert asked(line, CertifyOutput(request="e" * 16)).code == "not_approved"


def test_a_members_approval_counts_for_nothing(world: World, line: socket.socket) -> None:
    approve(world, "colleague")

    reply = asked(line, CertifyOutput(request=REQUEST.id))
    assert isinstance(reply, Refused)
    assert reply.code == "not_approved"


def test_a_fault_tells_its_incident_and_nothing_else(
    world: World, line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("canary 01019012345")

    monkeypatch.setattr(type(world.records.releases), "find", broken)
    reply = asked(line, Rendering(project="alpha", release="0" * 16))

    assert isinstance(reply, Failed)
    assert "canary" not in reply.model_dump_json()
