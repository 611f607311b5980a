"""One kernel does its worst to the processor and the memory; the others and the host run on."""

import threading
from pathlib import Path

import pytest

from kernels.host.sandbox.limits import ControlGroups
from tests.lib.gate_house import GateHouse, Notebook

pytestmark = [pytest.mark.sandbox, pytest.mark.alone]
GROUPS = ControlGroups.find()
SPIN = """
import os, time
def spin(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return time.process_time()
"""
GREEDY = """
children = []
for _ in range(16):
    child = os.fork()
    if child == 0:
        os.setsid(); spin(4.0); os._exit(0)  # a session each: the host would share among sessions
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""
# both on one processor, so that there is not enough for two
MODEST = "before = time.process_time(); print(spin(2.5) - before)"
ONE = "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"


def modest_part() -> float:
    """Seconds of the processor that one busy process gets, of 2.5, beside sixteen of another."""
    house = GateHouse()
    try:
        greedy, modest = house.notebook("alpha"), house.notebook("beta")
        for each in (greedy, modest):
            assert each.run(f"{SPIN}\n{ONE}").reply["status"] == "ok"
        running = threading.Thread(target=lambda: greedy.run(GREEDY))
        running.start()
        found = float(modest.run(f"time.sleep(1)\n{MODEST}").text)
        running.join()
        close(greedy, modest)
        return found
    finally:
        house.close()


def close(*notebooks: Notebook) -> None:
    for each in notebooks:
        each.close()


@pytest.mark.skipif(
    GROUPS is None or "cpu" not in GROUPS.parents, reason="this host divides no processor"
)
def test_many_busy_processes_take_no_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = modest_part()
    assert GROUPS is not None
    bare = ControlGroups({k: v for k, v in GROUPS.parents.items() if k != "cpu"}, GROUPS.v2)
    monkeypatch.setattr(ControlGroups, "find", classmethod(lambda _cls: bare))
    assert shared > 3 * modest_part()


def test_the_hosts_memory_killer_takes_kernels_first() -> None:
    """Every process of a kernel is marked before it can do anything; the platform is not."""
    house = GateHouse()
    try:
        notebook = house.notebook()
        notebook.run("import os, signal\nif os.fork() == 0:\n    signal.pause()")
        marks = {
            path.read_text().strip()
            for path in Path("/proc").glob("[0-9]*/oom_score_adj")
            if is_of_kernel(path.parent)
        }
        assert marks == {"800"}
        assert int(Path("/proc/self/oom_score_adj").read_text()) < 800
        notebook.close()
    finally:
        house.close()


def is_of_kernel(process: Path) -> bool:
    try:
        return b"kernels/inside/boot.py" in (process / "cmdline").read_bytes() and (
            (process / "ns/pid").readlink() != Path("/proc/self/ns/pid").readlink()
        )
    except OSError:
        return False
