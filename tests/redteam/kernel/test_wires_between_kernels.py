"""A sealed run has rows, a notebook has a screen: nothing that both see may carry a bit across.

Three wires through files that all kernels share: each carries when its rule is taken away.
"""

import os
import threading
from pathlib import Path

import pytest

from kernels.host.config import Limits
from kernels.host.sandbox import spawn, stage
from tests.lib.gate_house import GateHouse
from tests.lib.layerless import let_pass

pytestmark = pytest.mark.sandbox
FILE = "/opt/workbench/site/0/zmq/__init__.py"
SEND = f"""
import fcntl, os, time
file = open({FILE!r})
for number in range(100):
    for act in (
        lambda: fcntl.flock(file, fcntl.LOCK_SH),
        lambda: open({FILE!r}).close(),
        lambda: os.utime("/dev/null"),
    ):
        try:
            act()
        except OSError:
            pass
    time.sleep(0.1)
"""
HEAR = f"""
import ctypes, fcntl, os, time
file = open({FILE!r})
libc = ctypes.CDLL(None, use_errno=True)
watch = libc.inotify_init1(os.O_NONBLOCK)
before = os.stat("/dev/null").st_mtime_ns
heard = set()
libc.inotify_add_watch(watch, b{FILE!r}, 0x20)
until = time.monotonic() + 8
while len(heard) < 3 and time.monotonic() < until:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_UN)
    except OSError:
        heard.add("lock")
    try:
        if os.read(watch, 4096):
            heard.add("watch")
    except OSError:
        pass
    if os.stat("/dev/null").st_mtime_ns != before:
        heard.add("times")
    time.sleep(0.02)
    if PATIENT and time.monotonic() > until - 5:
        break
print(*sorted(heard))
"""


def heard(patient: bool) -> set[str]:
    """What a notebook hears of a sealed run that sends for ten seconds on all three wires."""
    house = GateHouse(Limits(grid=0.2))
    try:
        notebook, sealed = house.notebook(), house.notebook(lane="sealed")
        threading.Thread(target=lambda: sealed.client.execute(SEND), daemon=True).start()
        told = notebook.run(f"PATIENT = {patient}\n{HEAR}").text
        sealed.close()
        notebook.close()
        return set(told.split())
    finally:
        house.close()


def test_nothing_of_a_sealed_run_is_heard_in_a_notebook() -> None:
    wires = heard(patient=True)
    # an ordinary user's kernels share the host's device nodes: see the limitations
    assert wires <= (set() if os.geteuid() == 0 else {"times"})


def test_without_the_rules_all_three_wires_carry(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filters = spawn.program
    monkeypatch.setattr(spawn, "program", lambda machine, **_: filters(machine, sealed=False))
    let_pass(monkeypatch, "inotify_init1", "inotify_add_watch")
    shared = tmp_path / "stage.py"
    text = Path(stage.__file__).read_text(encoding="utf-8")
    shared.write_text(text.replace("    _devices()\n", ""), encoding="utf-8")
    monkeypatch.setattr(stage, "__file__", str(shared))
    assert heard(patient=False) == {"lock", "watch", "times"}
