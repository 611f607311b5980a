"""A sealed run has rows, a notebook has a screen: nothing that both see may carry a bit across.

Wires through files that all kernels share: each carries when its rule is taken away.
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
PAGE = """
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.syscall.argtypes = [ctypes.c_long] * 7
FUTEX, TID = (202, 218) if os.uname().machine == "x86_64" else (98, 96)
page = libc.mmap(None, 4096, 1, 1, os.open(FILE, os.O_RDONLY), 0)
word = struct.unpack("<I", ctypes.string_at(page, 4))[0]
def futex(operation, value, timeout=None):
    at = ctypes.create_string_buffer(struct.pack("qq", *timeout)) if timeout else 0
    return libc.syscall(FUTEX, page, operation, value, timeout and ctypes.addressof(at) or 0, 0, 0)
"""
"""A page of a file that all kernels see is a meeting point for whoever waits and whoever wakes."""
FILE = "/opt/workbench/site/0/zmq/__init__.py"
SEND = f"""
FILE = {FILE!r}
{PAGE}
import _thread, fcntl, os, time
def wait():
    while True:
        futex(0, word, (1, 0))
_thread.start_new_thread(wait, ())
def wakes_at_its_end():  # by the host's kernel itself, whatever the filter
    libc.syscall(TID, page, 0, 0, 0, 0, 0)
file = open({FILE!r})
for number in range(100):
    for act in (
        lambda: fcntl.flock(file, fcntl.LOCK_SH),
        lambda: open({FILE!r}).close(),
        lambda: os.utime("/dev/null"),
        lambda: _thread.start_new_thread(wakes_at_its_end, ()),
    ):
        try:
            act()
        except OSError:
            pass
    time.sleep(0.1)
"""
HEAR = f"""
FILE = {FILE!r}
{PAGE}
import fcntl, os, time
file = open({FILE!r})
watch = libc.inotify_init1(os.O_NONBLOCK)
before = os.stat("/dev/null").st_mtime_ns
heard = set()
libc.inotify_add_watch(watch, b{FILE!r}, 0x20)
until = time.monotonic() + 8
while len(heard) < 5 and time.monotonic() < until:
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
    if futex(1, 1) > 0:
        heard.add("waiting")
    if futex(0, word, (0, 20_000_000)) == 0:
        heard.add("waking")
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


def test_without_the_rules_all_wires_carry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    filters = spawn.program
    monkeypatch.setattr(spawn, "program", lambda machine, **_: filters(machine, sealed=False))
    let_pass(monkeypatch, "inotify_init1", "inotify_add_watch", "futex")
    shared = tmp_path / "stage.py"
    text = Path(stage.__file__).read_text(encoding="utf-8")
    shared.write_text(text.replace("    _devices()\n", ""), encoding="utf-8")
    monkeypatch.setattr(stage, "__file__", str(shared))
    assert heard(patient=False) == {"lock", "watch", "times", "waiting", "waking"}
