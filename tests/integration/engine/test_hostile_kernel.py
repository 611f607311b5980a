"""A kernel may send anything, slowly or in floods: others are served, the engine lives."""

import json
import os
import socket
import struct
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

import workbench.sdk as wb
from kernels.protocol import (
    Ask,
    Cancel,
    Hello,
    KernelReply,
    Refused,
    Run,
    Welcome,
    pack,
    read_frame,
    unpack,
)
from tests.lib.engine_world import World, attached
from tests.lib.small_world import slow_view, small_view
from workbench.domain.audit import What
from workbench.engine import wire

REPLY: TypeAdapter[KernelReply] = TypeAdapter(KernelReply)
HELLO = pack(Hello())
SLOW = json.dumps({"analysis": {"k": "count", "cohort": {"k": "dataset", "name": "person"}}})


def dialled(path: Path, seconds: float = 20) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(seconds)
    line.connect(str(path))
    return line


def hung_up(line: socket.socket) -> bool:
    try:
        while line.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def say(line: socket.socket, content: bytes) -> None:
    """Send it all and say no more; the engine may have heard enough and hung up meanwhile."""
    with suppress(OSError):
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)


def drip(line: socket.socket, content: bytes) -> None:
    for byte in content:
        line.sendall(bytes([byte]))
        time.sleep(0.05)


def raw(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


BAD = [
    b"\xff" * 64,
    struct.pack(">I", 1 << 31) + b"x",
    struct.pack(">I", 0),
    raw(b"{}"),
    raw(b"\x00\xff"),
    raw(b'{"k":"hello","version":2}'),
    raw(b'{"k":"attach","kernel":"' + b"0" * 16 + b'","project":"beta","user":"x","uid":0}'),
    raw(b"[" * 100_000),
    pack(Run(id=1, plan="{}")),
    pack(Ask(id=1, what="budget")),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_line_that_does_not_begin_with_hello_is_cut(project: wb.Project, bad: bytes) -> None:
    path = Path(project._client.path)
    with dialled(path) as line:
        say(line, bad)
        assert hung_up(line)

    assert project.budget().spent == 0


@pytest.mark.parametrize("bad", BAD[:8])
def test_nonsense_after_hello_cuts_the_line_and_nothing_else(
    project: wb.Project, bad: bytes
) -> None:
    with dialled(Path(project._client.path)) as line:
        line.sendall(HELLO)
        assert isinstance(unpack(REPLY, read_frame(line) or b""), Welcome)
        say(line, bad)
        assert hung_up(line)

    assert project.budget().spent == 0


def test_random_bytes_in_a_hundred_lines_do_no_harm(project: wb.Project) -> None:
    chance = np.random.default_rng(8)
    for _ in range(100):
        with dialled(Path(project._client.path)) as line, suppress(ConnectionError):
            line.sendall(HELLO + chance.bytes(int(chance.integers(1, 400))))
            line.shutdown(socket.SHUT_WR)
            hung_up(line)

    assert project.budget().spent == 0


def test_a_dripping_frame_is_given_up(project: wb.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PATIENCE", 0.3)
    monkeypatch.setattr(wire.Channel.__init__, "__kwdefaults__", {"takes": 0, "patience": 0.3})
    with dialled(Path(project._client.path)) as line:
        line.sendall(HELLO[:3])
        began = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            drip(line, HELLO[3:] * 100)

        assert time.monotonic() - began < 5


def test_one_plan_at_a_time_and_no_flood(project: wb.Project) -> None:
    with dialled(Path(project._client.path)) as line:
        line.sendall(HELLO)
        read_frame(line)
        line.sendall(b"".join(pack(Ask(id=at, what="budget")) for at in range(200)))
        codes = []
        for _ in range(200):
            reply = unpack(REPLY, read_frame(line) or b"")
            codes.append(reply.code if isinstance(reply, Refused) else "answered")

    assert codes.count("answered") < 120
    assert codes[-1] == "too_many"


def test_a_flood_of_lines_of_one_kernel_leaves_the_others_alone(
    world: World, control: Path, tmp_path: Path
) -> None:
    here = os.getuid()
    before = threading.active_count()
    with (
        attached(control, tmp_path, here, "alpha", kernel="a" * 16) as bad,
        attached(control, tmp_path, here, "alpha", kernel="b" * 16) as good,
    ):
        lines = [dialled(bad) for _ in range(6)]
        with suppress(BlockingIOError):
            lines += [dialled(bad) for _ in range(50)]
        assert wb.open(good).budget().spent == 0
        assert threading.active_count() < before + 12
        for line in lines:
            line.close()


def test_another_uid_is_a_stranger_on_the_socket(
    world: World, control: Path, tmp_path: Path
) -> None:
    heard = b""
    with (
        attached(control, tmp_path, os.getuid() + 1, "alpha") as path,
        dialled(path) as line,
        suppress(ConnectionError),  # the engine hangs up, maybe before the first word
    ):
        line.sendall(HELLO)
        heard = line.recv(65536)

    assert heard == b""


def test_a_kernel_that_hangs_up_stops_its_plan(world: World, control: Path, tmp_path: Path) -> None:
    world.add(slow_view("slowly"))
    with attached(control, tmp_path, os.getuid(), "slowly") as path:
        with dialled(path) as line:
            line.sendall(HELLO)
            read_frame(line)
            line.sendall(pack(Run(id=1, plan=SLOW)))
            read_frame(line)
        until = time.monotonic() + 10
        while not world.audited(What.PLAN_REFUSE) and time.monotonic() < until:
            time.sleep(0.05)

    (event,) = world.audited(What.PLAN_REFUSE)
    assert event.details["code"] == "cancelled"
    assert world.records.releases.of_project("slowly") == ()


def test_a_second_plan_is_refused_while_the_first_runs_and_cancel_stops_it(
    world: World, control: Path, tmp_path: Path
) -> None:
    world.add(slow_view("slowly"))
    with attached(control, tmp_path, os.getuid(), "slowly") as path, dialled(path) as line:
        line.sendall(HELLO)
        read_frame(line)
        line.sendall(pack(Run(id=1, plan=SLOW)))
        read_frame(line)
        line.sendall(pack(Run(id=2, plan=SLOW)))
        busy = unpack(REPLY, read_frame(line) or b"")
        assert isinstance(busy, Refused)
        assert (busy.id, busy.code) == (2, "busy")
        line.sendall(pack(Cancel(id=1)))
        stopped = unpack(REPLY, read_frame(line) or b"")

    assert isinstance(stopped, Refused)
    assert (stopped.id, stopped.code) == (1, "cancelled")


def descriptors() -> int:
    """Of this process, in which the engine serves."""
    return len(list(Path("/proc/self/fd").iterdir()))


def flood_with_descriptors(path: Path, times: int) -> None:
    """Each piece carries 200 descriptors; the last words are no message at all."""
    with Path("/dev/null").open("rb") as null:
        for _ in range(times):
            with dialled(path) as line, suppress(OSError):
                for piece in (HELLO, pack(Ask(id=1, what="budget")), b"\xff" * 64):
                    socket.send_fds(line, [piece], [null.fileno()] * 200)
                line.shutdown(socket.SHUT_WR)
                hung_up(line)


@pytest.mark.parametrize("door", ["kernel", "control"])
def test_descriptors_that_are_sent_along_are_not_kept(
    world: World, control: Path, project: wb.Project, door: str
) -> None:
    path = Path(project._client.path) if door == "kernel" else control
    flood_with_descriptors(path, 2)
    before = descriptors()
    flood_with_descriptors(path, 40)
    until = time.monotonic() + 5
    while descriptors() > before and time.monotonic() < until:
        time.sleep(0.05)

    assert descriptors() <= before
    assert project.budget().spent == 0


@pytest.mark.parametrize("how", ["never reads", "says nothing", "half a frame"])
def test_a_line_that_stands_still_keeps_no_other_project_waiting(
    world: World, control: Path, tmp_path: Path, project: wb.Project, how: str
) -> None:
    world.add(small_view("beta"))
    with attached(control, tmp_path, os.getuid(), "beta", kernel="b" * 16) as path:
        other = wb.open(path)
        own = Path(project._client.path)
        project._client._close()
        before = threading.active_count()
        with ExitStack() as held:
            for _ in range(30):  # more than a kernel has seats: the rest is hung up on
                with suppress(OSError):
                    line = held.enter_context(dialled(own))
                    if how == "never reads":
                        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                        line.settimeout(0.2)
                        asks = (pack(Ask(id=at, what="history")) for at in range(4000))
                        line.sendall(HELLO + b"".join(asks))
                    if how == "half a frame":
                        line.sendall(HELLO + pack(Run(id=1, plan="x" * 60_000))[:1000])
            for _ in range(5):
                begun = time.monotonic()
                assert other.budget().spent == 0
                assert time.monotonic() - begun < 2
            assert threading.active_count() <= before + 4
    until = time.monotonic() + 12
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.05)
    assert threading.active_count() <= before
    assert project.budget().spent == 0
