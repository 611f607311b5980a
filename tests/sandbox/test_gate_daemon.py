"""The gate daemon: who may start a kernel, and what ends one."""

import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels.host.config import Limits
from kernels.host.lanes import workbench_kernel
from kernels.host.sandbox.limits import ControlGroups
from kernels.protocol import Renew, Revoke, Signal, read_frame
from tests.lib.gate_house import FAR, GateHouse, Notebook, receive, send

pytestmark = pytest.mark.sandbox
ROOT = os.geteuid() == 0
HANGS_UP = """
import atexit, contextlib, os, socket, time
def hang_up(seconds):
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            end = socket.socket(fileno=os.dup(int(number)))
            if end.getpeername() == "" and str(end.getsockname()).startswith("/"):
                end.shutdown(socket.SHUT_RDWR)
    time.sleep(seconds)
"""


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(grid=0.2, memory=1 << 30)


@pytest.fixture
def kernel(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook()
    yield notebook
    notebook.close()


def processes(house: GateHouse) -> int:
    """Sandboxes of this daemon that live: their parent is this process."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    numbers = [number for path in children for number in path.read_text().split()]
    commands = []
    for number in numbers:
        try:
            commands.append(Path(f"/proc/{number}/cmdline").read_text())
        except OSError:
            continue
    return sum("bwrap" in command for command in commands)


def until(holds: object, patience: float = 10.0) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("token", ["x" * 32, "y" * 128])
def test_without_a_grant_no_kernel_starts(house: GateHouse, token: str) -> None:
    launching = house.launch(token)
    assert launching.answer.code == "not_granted"
    assert read_frame(launching.connection) is None
    launching.connection.close()


def test_a_grant_for_another_account_starts_no_kernel(house: GateHouse) -> None:
    launching = house.launch(house.grant(server_uid=os.geteuid() + 1))
    assert launching.answer.code == "not_granted"
    launching.connection.close()


def test_a_sealed_run_needs_a_permit_that_says_so(house: GateHouse) -> None:
    launching = house.launch(house.grant(sealed=False), "sealed")
    assert launching.answer.code == "sealed_not_permitted"
    launching.connection.close()


@pytest.mark.parametrize("place", ["beta/v1/twin", "../spool", "alpha/v1/missing"])
def test_a_twin_from_elsewhere_is_never_shown(house: GateHouse, place: str) -> None:
    launching = house.launch(house.grant(twin=str(house.views / place)))
    assert launching.answer.k == ("refused" if place.endswith("missing") else "failed")
    assert str(house.views) not in str(launching.answer)
    launching.connection.close()


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\x00\x00\x05hello",
        struct.pack(">I", 1 << 30),
        b'\x00\x00\x00\x0e{"k":"signal"}',
        b"GET / HTTP/1.0\r\n\r\n",
    ],
)
def test_other_words_at_the_door_are_refused(house: GateHouse, frame: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(house.config.gated_socket))
        connection.sendall(frame)
        connection.shutdown(socket.SHUT_WR)
        answer = receive(connection)
    assert answer is None or answer.k == "refused"


@pytest.mark.skipif(not ROOT, reason="needs a second account")
def test_another_account_cannot_grant(house: GateHouse) -> None:
    house.root.chmod(0o711)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setresuid(61_002, 61_002, 61_002)
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(house.config.admin_socket))
        except PermissionError:
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_closing_the_connection_kills_the_kernel(house: GateHouse) -> None:
    notebook = house.notebook()
    assert until(lambda: processes(house) == 1)
    notebook.close()
    assert until(lambda: processes(house) == 0)
    assert until(lambda: not list((house.config.runtime / "k").iterdir()))


def test_kill_ends_it_with_a_sentence(kernel: Notebook) -> None:
    send(kernel.connection, Signal(what="kill"))
    assert kernel.ended().why == "The kernel was shut down."


def test_an_interrupt_comes_through_the_connection_too(kernel: Notebook) -> None:
    message = kernel.client.execute("import time; time.sleep(60)")
    time.sleep(0.5)
    send(kernel.connection, Signal(what="interrupt"))
    assert kernel.reply_to(message)["ename"] == "KeyboardInterrupt"


def test_a_kernel_that_exits_is_seen_to_end(kernel: Notebook) -> None:
    kernel.client.execute("import os; os._exit(3)")
    ended = kernel.ended()
    assert ended.exit == 3
    assert "exit code 3" in ended.why


@pytest.mark.parametrize(
    ("deed", "word"),
    [
        ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
        ("import os; os.abort()", "abort"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was killed"),
    ],
)
def test_a_crash_is_told_in_the_notebook_with_what_to_do(
    kernel: Notebook, deed: str, word: str
) -> None:
    kernel.run("1")
    kernel.client.execute(deed)
    ended = kernel.ended()
    assert word in ended.why
    assert "run your cells from the first one" in ended.why
    said = ""
    while word not in said:
        said = kernel.client.get_iopub_msg(timeout=5)["content"].get("text", "")


def test_an_orderly_end_needs_no_word(kernel: Notebook) -> None:
    kernel.client.shutdown()
    ended = kernel.ended()
    assert (ended.exit, ended.why) == (0, "The kernel has ended.")


def test_an_orderly_end_may_take_its_time(kernel: Notebook) -> None:
    kernel.reply_to(kernel.client.execute(HANGS_UP + "atexit.register(hang_up, 2)"))
    kernel.client.shutdown()
    ended = kernel.ended()
    assert (ended.exit, ended.why) == (0, "The kernel has ended.")


def test_a_kernel_that_hangs_up_and_runs_on_is_ended(
    kernel: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench_kernel, "ENDING", 0.5)
    kernel.client.execute(HANGS_UP + "hang_up(60)")
    assert "closed its connections" in kernel.ended().why


def test_what_one_person_may_not_have_another_still_gets(house: GateHouse) -> None:
    token = house.grant(user="eve")
    limit = house.config.limits.kernels_at_once
    held = [house.launch(token, "sealed") for _ in range(limit + 1)]
    assert [one.answer.k for one in held] == ["launched"] * limit + ["refused"]
    assert held[-1].answer.code == "too_many_kernels"
    other = house.launch(house.grant(user="bob"), "sealed")
    assert other.answer.k == "launched"
    for one in (*held, other):
        one.connection.close()


def test_a_lease_that_lapses_ends_the_kernel_and_says_why(house: GateHouse) -> None:
    launching = house.launch(house.grant(user="leo", lease=2))
    assert launching.answer.k == "launched"
    assert "could not confirm" in receive(launching.connection).why
    launching.connection.close()


def test_an_amended_permit_ends_the_lanes_that_it_closes(house: GateHouse) -> None:
    token = house.grant(user="mia", sealed=True)
    sealed, plain = house.launch(token, "sealed"), house.launch(token)
    values = {"project": "alpha", "user": "mia", "sealed": False, "expires": FAR}
    assert house.administer(Renew.model_validate(values)).k == "ok"
    assert "amended" in receive(sealed.connection).why
    plain.connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        receive(plain.connection)
    for one in (sealed, plain):
        one.connection.close()


def test_withdrawing_the_grant_ends_its_kernels_and_says_why(house: GateHouse) -> None:
    alpha, beta = house.notebook("alpha"), house.notebook("beta")
    try:
        alpha.run("1")
        house.administer(Revoke(project="alpha"))
        assert "withdrawn" in alpha.ended().why
        said = [alpha.client.get_iopub_msg(timeout=5)["content"].get("text", "") for _ in "x"]
        assert "withdrawn" in said[0]
        assert beta.run("2").reply["status"] == "ok"
    finally:
        alpha.close()
        beta.close()


def test_the_permits_end_ends_its_kernels(house: GateHouse) -> None:
    expires = int(time.time()) + 1000
    token = house.grant(expires=expires)
    notebook = Notebook(house.launch(token))
    try:
        house.now = lambda: expires + 1.0
        assert "expired" in notebook.ended().why
        again = house.launch(token)
        assert again.answer.code == "permit_expired"
        again.connection.close()
    finally:
        house.now = time.time
        notebook.close()


def test_a_message_over_the_limit_ends_the_kernel(kernel: Notebook) -> None:
    kernel.client.execute(
        "from IPython.display import display\ndisplay({'text/plain': 'x' * (9 << 20)}, raw=True)"
    )
    assert "too large" in kernel.ended().why


def test_forged_frames_from_within_reach_nobody(kernel: Notebook) -> None:
    cell = kernel.run(
        "from ipykernel.kernelapp import IPKernelApp\n"
        "app = IPKernelApp.instance()\n"
        "forger = app.session.clone(); forger.key = b'another key, not this one'\n"
        "for parent in ({}, {'msg_id': 'forged'}):\n"
        "    app.session.send(app.iopub_socket, 'stream', {'name': 'stdout', 'text': 'CANARY'},"
        " parent=parent)\n"
        "    forger.send(app.iopub_socket, 'stream', {'name': 'stdout', 'text': 'CANARY'},"
        " parent=app.kernel.get_parent())\n"
        "app.iopub_socket.send_multipart([b'CANARY'])\n"
        "print('end')"
    )
    assert cell.text == "end\n"
    assert kernel.run("1").reply["status"] == "ok"


@pytest.mark.skipif(ControlGroups.find() is None, reason="this host gives no control groups")
def test_memory_of_many_processes_together_is_limited(house: GateHouse) -> None:
    notebook = house.notebook()
    try:
        notebook.client.execute(
            "import os, time\n"
            "for _ in range(6):\n"
            "    if os.fork() == 0:\n"
            "        held = bytearray(300 << 20); time.sleep(60)\n"
            "held = bytearray(300 << 20)\n"
            "time.sleep(60)"
        )
        ended = until(lambda: processes(house) == 0, 3)
        if not ended:  # the host chose a child: the kernel lives, the memory does not
            assert _resident(notebook) < 1.1 * (1 << 30)
    finally:
        notebook.close()


def _resident(_notebook: Notebook) -> int:
    groups = list(Path("/sys/fs/cgroup").glob("**/workbench/kernel-*"))
    for group in groups:
        for name in ("memory.usage_in_bytes", "memory.current"):
            if (group / name).exists():
                return int((group / name).read_text())
    raise AssertionError("no control group was made")


def test_a_kernel_survives_the_engines_restart(house: GateHouse, kernel: Notebook) -> None:
    ask = (
        "import socket, struct\n"
        "engine = socket.socket(socket.AF_UNIX); engine.settimeout(20)\n"
        "engine.connect('/run/engine/engine.sock')\n"
        'hello = b\'{"k":"hello","version":1}\'\n'
        "engine.sendall(struct.pack('>I', len(hello)) + hello)\n"
        "print(engine.recv(4096)[4:].decode())"
    )
    assert "welcome" in kernel.run(ask).text
    house.engine.stop()
    house.engine.asked.clear()
    house.engine.start()
    assert until(house.engine.attached)
    assert "welcome" in kernel.run(ask).text


def test_starts_and_ends_are_left_for_the_audit(house: GateHouse) -> None:
    notebook = house.notebook()
    notebook.close()
    assert until(lambda: processes(house) == 0)
    events = [path.read_text() for path in (house.config.spool / "events").glob("[0-9]*.json")]
    assert any("kernel:run:start" in event and '"ada"' in event for event in events)
    assert any("kernel:run:end" in event for event in events)


def test_a_front_folder_of_the_grant_is_where_the_sockets_lie(house: GateHouse) -> None:
    front = house.config.runtime / "front" / "one"
    front.mkdir(parents=True)
    notebook = Notebook(house.launch(house.grant(front=str(front))))
    assert notebook.run("1").reply["status"] == "ok"
    (folder,) = front.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    notebook.close()
    assert until(lambda: not list(front.iterdir()))
