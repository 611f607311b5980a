"""What a kernel needs is missing, full or dead: a sentence, nothing left, others work on."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kernels.host.config import Limits
from kernels.host.sandbox.spawn import Ground
from pseudonym.keyring import Keyring
from tests.lib.engine_world import PASSPHRASE, wait_for
from tests.lib.gate_house import GateHouse, Notebook

pytestmark = pytest.mark.sandbox
CODE = Path(__file__).parents[2]


def within(seconds: float, holds: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def left(house: GateHouse) -> tuple[int, int]:
    """Folders of kernels' sockets, and the daemon's descriptors (it lives in this process)."""
    folders = len(list((house.config.runtime / "k").glob("*")))
    return folders, len(list(Path("/proc/self/fd").iterdir()))


def gone(house: GateHouse, kernels: int) -> bool:
    """Whether no more than so many kernels are left; waits for those that are ending."""
    return within(8, lambda: left(house)[0] <= kernels)


@pytest.mark.parametrize("lane", ["workbench", "interactive"])
def test_without_its_view_no_kernel_starts_and_nothing_is_left(
    house: GateHouse, notebook: Notebook, lane: str
) -> None:
    token = house.grant("beta")
    folder = house.views / "beta" / "v1"
    away = house.root / "away"
    assert gone(house, 1)  # the module's own
    before = left(house)
    folder.rename(away)
    try:
        refused = house.launch(token, lane)
        assert (refused.answer.k, refused.answer.code) == ("refused", "no_view")
        assert "project build" in refused.answer.remedy
        assert str(house.root) not in refused.answer.reason + refused.answer.remedy
        refused.connection.close()
        assert gone(house, before[0])
        assert within(5, lambda: left(house)[1] <= before[1])
        assert notebook.run("1").reply["status"] == "ok"
    finally:
        away.rename(folder)
    again = house.launch(token, lane)
    assert again.answer.k == "launched"
    again.connection.close()


def test_a_sealed_run_without_its_view_says_so(house: GateHouse) -> None:
    sealed = house.notebook("beta", "sealed")
    folder, away = house.views / "beta" / "v1", house.root / "away"
    folder.rename(away)
    try:
        assert "project build" in sealed.run("1").text
    finally:
        away.rename(folder)
    assert "ended: ok" in sealed.run("1").text
    sealed.close()


def test_a_full_tmp_is_an_error_of_the_cell_and_the_kernel_works_on(notebook: Notebook) -> None:
    fill = (
        "import os, tempfile\n"
        "held = open('/tmp/full', 'wb', buffering=0)\n"
        "while True: held.write(b'x' * (1 << 20))"
    )
    full = notebook.run(fill)
    assert full.reply["ename"] == "OSError"
    assert "No space left on device" in full.reply["evalue"]
    meanwhile = notebook.run("import polars\nprint(polars.DataFrame({'x': [1, 2]})['x'].sum())")
    assert meanwhile.text == "3\n"
    found = notebook.client.complete("hel", reply=True, timeout=20)["content"]
    assert "held" in found["matches"]
    assert (
        notebook.run("tempfile.TemporaryFile().write(b'x' * (1 << 20))").reply["ename"] == "OSError"
    )
    after = notebook.run(
        "held.close(); os.unlink('/tmp/full'); print(open('/tmp/a', 'w').write('x'))"
    )
    assert after.text == "1\n"


@pytest.mark.parametrize("place", ["/tmp", "/outbox"])
def test_a_full_place_in_a_sealed_run_tells_its_line_and_releases_nothing(
    house: GateHouse, place: str
) -> None:
    sealed = house.notebook("beta", "sealed")
    incoming = house.config.spool / "incoming"
    before = set(incoming.glob("*/run.json"))
    told = sealed.run(
        "open('/outbox/first.txt', 'w').write(open('/data/rows.txt').read())\n"
        f"held = open('{place}/full', 'wb', buffering=0)\n"
        "while True: held.write(b'x' * (1 << 20))"
    )
    assert "ended: Error" in told.text
    assert told.reply["status"] == "error"
    assert "No space" not in str(told)
    assert "rows of" not in str(told)
    assert "line 3" in str(told.of("error"))
    sealed.close()
    (run,) = set(incoming.glob("*/run.json")) - before
    assert json.loads(run.read_text())["files"] == []


def test_a_sandbox_that_never_answers_is_given_up_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = GateHouse(Limits(grid=0.2, start=1.5))
    try:
        good = house.notebook("beta")
        monkeypatch.setattr(Ground, "_command", lambda *_: ["/bin/sleep", "613"])
        begun = time.monotonic()
        never = house.launch(house.grant())
        assert time.monotonic() - begun < 6
        assert (never.answer.k, never.answer.code) == ("refused", "no_isolation")
        assert "no kernel was started" in never.answer.reason
        never.connection.close()
        assert gone(house, 1)
        lines = [each.read_bytes() for each in Path("/proc").glob("[0-9]*/cmdline")]
        assert b"/bin/sleep\x00613\x00" not in lines
        assert good.run("6 * 7").of("execute_result")[0]["data"]["text/plain"] == "42"
        good.close()
    finally:
        house.close()


@contextmanager
def engine_of(house: GateHouse, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A real engine in a process of its own where the house's daemon looks for one."""
    socket_file = folder / "run" / "engine.sock"
    socket_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.lib.engine_process", str(folder), "quick"]
    with subprocess.Popen(command, cwd=CODE) as process:
        try:
            wait_for(socket_file)
            yield process
        finally:
            process.kill()


def test_a_plan_while_the_engine_is_away_says_so_and_works_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    Keyring.create(tmp_path / "keyring.json", PASSPHRASE)
    house = GateHouse()
    try:
        house.engine.stop()
        house.config.engine.symlink_to(tmp_path / "run" / "engine.sock")
        ask = "print(project.budget().spent)"
        with engine_of(house, tmp_path) as engine:
            token = house.grant("alpha", user="researcher")
            kernel = Notebook(house.launch(token))
            opened = kernel.run(
                "import workbench.sdk as wb, workbench.sdk.client as client\n"
                "client.PATIENCE = 2  # as in earnest, only sooner\n"
                f"project = wb.open()\n{ask}"
            )
            assert opened.text == "0\n", opened.reply
            engine.send_signal(signal.SIGKILL)
            engine.wait(10)
        for _ in range(2):
            begun = time.monotonic()
            away = kernel.run(ask, timeout=30).reply
            assert away["ename"] == "Refused", away
            assert "The engine does not answer" in away["evalue"]
            assert time.monotonic() - begun < 8
        assert kernel.run("6 * 7").reply["status"] == "ok"
        with engine_of(house, tmp_path):
            assert within(20, lambda: kernel.run(ask, timeout=30).text == "0\n")
        kernel.close()
    finally:
        house.close()
