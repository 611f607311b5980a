"""A kernel that wants the host for itself: everybody else works on, within stated bounds.

While each attack runs, another project's kernel answers cells over the hub and its websocket, and
the hub answers its health page. As root every kernel has its share of the processor and a limit of
its own on memory and processes; without root these are bounded for each process only.
"""

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.lib.hub_world import RealGate, World, grant, hub_world, permit
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.kernel_line import WebKernel
from workbench.domain.errors import Refusal

LONG = bool(os.environ.get("WORKBENCH_LONG"))
"""All attacks (`make redteam-kernel`), not only one of each kind."""
SHORT = ("forks", "memory of many", "output", "wire")
pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.alone]
MEDIAN, WORST = 1.0, 5.0
"""Seconds of a cell's round trip and of the hub's health page, while an attack runs."""
LASTS = 3.0
UNTIL = f"import os, signal, threading, time\nend = time.monotonic() + {LASTS}\n"

ATTACKS = {
    "forks": "def more():\n"
    "    while time.monotonic() < end:\n"
    "        try:\n"
    "            os.fork()\n"
    "        except OSError:\n"
    "            pass\n"
    "if os.fork() == 0:\n"
    "    try:\n"
    "        more()\n"
    "    finally:\n"
    "        os._exit(0)\n"
    "time.sleep(3)",
    "threads": "def spin():\n"
    "    while time.monotonic() < end: pass\n"
    "try:\n"
    "    for _ in range(5000): threading.Thread(target=spin, daemon=True).start()\n"
    "except RuntimeError: pass\n"
    "time.sleep(3)",
    "memory": "held = []\n"
    "while time.monotonic() < end:\n"
    "    held.append(bytearray(os.urandom(1 << 20)) * 64)",
    "memory of many": "for _ in range(12):\n"
    "    if os.fork() == 0:\n"
    "        held = []\n"
    "        try:\n"
    "            while time.monotonic() < end: held.append(bytearray(b'x') * (16 << 20))\n"
    "        finally: os._exit(0)\n"
    "time.sleep(3)",
    "disk": "n = 0\n"
    "while time.monotonic() < end:\n"
    "    try:\n"
    "        n += 1; open(f'/tmp/{n}', 'wb').write(b'x' * (8 << 20))\n"
    "    except OSError: time.sleep(0.01)",
    "inodes": "n = 0\n"
    "while time.monotonic() < end:\n"
    "    try:\n"
    "        n += 1; os.symlink('x', f'/tmp/l{n}')\n"
    "    except OSError: time.sleep(0.01)",
    "descriptors": "held = []\n"
    "while time.monotonic() < end:\n"
    "    try: held.append(os.open('/dev/null', 0)); held.extend(os.pipe())\n"
    "    except OSError: time.sleep(0.01)",
    "output": "while time.monotonic() < end: print('x' * 100_000)",
    "messages": "from IPython.display import display\n"
    "while time.monotonic() < end: display({'text/plain': 'x'}, raw=True)",
    "wire": "from ipykernel.kernelapp import IPKernelApp\n"
    "app = IPKernelApp.instance()\n"
    "while time.monotonic() < end:\n"
    "    app.session.send(app.iopub_socket, 'stream', {'name': 'stdout', 'text': 'x' * 1000},"
    " parent={'msg_id': 'forged'})",
    "traceback": "def deep(n): return deep(n - 1) if n else 1 / 0\n"
    "class Long(Exception):\n"
    "    def __str__(self): return 'x' * (30 << 20)\n"
    "try: deep(900)\n"
    "except ZeroDivisionError as error: raise Long() from error",
    "processor": "for _ in range(64):\n"
    "    if os.fork() == 0:\n"
    "        try:\n"
    "            while time.monotonic() < end: pass\n"
    "        finally: os._exit(0)\n"
    "time.sleep(3)",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("flood") / "instance"
    with hub_world(root, real_gate=True) as found:
        for project in ("quiet", "loud"):
            grant(found.records, permit(project, "kari"))
            (found.instance.zone("views") / project / "v1" / "twin").mkdir(parents=True)
        yield found


@pytest.fixture(scope="module")
def kari(world: World) -> Iterator[HubClient]:
    with world.client("kari") as client:
        for project in ("quiet", "loud"):
            client.start_server(project)
        yield client


@pytest.fixture(scope="module")
def quiet(kari: HubClient) -> Iterator[WebKernel]:
    with kari.kernel("quiet") as kernel:
        yield kernel


def seconds_meanwhile(
    world: World, quiet: WebKernel, attack: threading.Thread
) -> tuple[list[float], list[float]]:
    """Of cells in the quiet kernel, and of the hub's health page, as long as the attack lasts."""
    cells, pages = [], []
    while attack.is_alive() or len(cells) < 5:
        begun = time.monotonic()
        assert quiet.execute("6 * 7")["status"] == "ok"
        cells.append(time.monotonic() - begun)
        begun = time.monotonic()
        assert httpx.get(f"{world.instance.url}/hub/health", timeout=30).status_code == 200
        pages.append(time.monotonic() - begun)
        time.sleep(0.1)
    return cells, pages


def within_bounds(times: list[float]) -> bool:
    return statistics.median(times) <= MEDIAN and max(times) <= WORST


@pytest.mark.parametrize("name", ATTACKS if LONG else SHORT)
def test_others_work_on_while_one_kernel_runs_wild(
    world: World, kari: HubClient, quiet: WebKernel, name: str
) -> None:
    with kari.kernel("loud") as loud:

        def run_wild() -> None:
            with suppress(Refusal):  # it may well not survive its own doing
                loud.execute(UNTIL + ATTACKS[name])

        attack = threading.Thread(target=run_wild)
        attack.start()
        try:
            cells, pages = seconds_meanwhile(world, quiet, attack)
        finally:
            attack.join(60)
    assert within_bounds(cells), cells
    assert within_bounds(pages), pages
    assert isinstance(world.gate, RealGate)
    assert world.gate.process.poll() is None


def test_a_flood_of_requests_from_a_browser_troubles_its_own_kernel_only(
    world: World, kari: HubClient, quiet: WebKernel
) -> None:
    with kari.kernel("loud") as loud:

        def flood() -> None:
            end = time.monotonic() + LASTS
            with suppress(Refusal):
                while time.monotonic() < end:
                    loud._send("execute_request", {"code": "0" * 10_000, "silent": True})
                    loud._send("complete_request", {"code": "0", "cursor_pos": 1})
                    loud._send("no_such_request", {"x": "y" * 1000})

        attack = threading.Thread(target=flood)
        attack.start()
        cells, pages = seconds_meanwhile(world, quiet, attack)
        attack.join(60)
    assert within_bounds(cells), cells
    assert within_bounds(pages), pages


@pytest.mark.skipif(os.geteuid() != 0, reason="the platform's own memory is counted as root")
def test_after_all_of_it_the_daemon_is_no_larger_than_before(
    world: World, quiet: WebKernel
) -> None:
    assert isinstance(world.gate, RealGate)
    statm = Path(f"/proc/{world.gate.process.pid}/statm").read_text().split()
    assert int(statm[1]) * os.sysconf("SC_PAGE_SIZE") < 700 << 20
    assert len(list(Path(f"/proc/{world.gate.process.pid}/fd").iterdir())) < 200
