"""What the relay costs a cell: the same kernel through the gate daemon and directly, in pairs."""

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from tests.bench.gate_process import Gate, gate_process
from tests.bench.result import Result
from workbench.adapters.hub.kernel_line import WebKernel
from workbench.adapters.hub.settings import free_ports

TARGET = 1.1
CELL = "6 * 7"
WARM = 40


def relay_roundtrip(launches: int = 5, pairs: int = 500) -> Result:
    """Milliseconds from sending a cell to its last message, as a notebook sees it.

    Over the websocket of a Jupyter server with our configuration; the worse of the ratios of the
    medians and of the 99th percentiles counts. Each is the median over launches of daemon, server
    and kernels: what else a machine does for a while, and where a process lies, sways single ones.
    """
    ours, theirs, ratios = [], [], []
    for _ in range(launches):
        with ExitStack() as stack:
            gate = stack.enter_context(gate_process())
            taken = _measure(*stack.enter_context(_server(gate)), pairs)
        ours += taken[0]
        theirs += taken[1]
        ratios.append((_medians(*taken), _tails(*taken)))
    median, late = (statistics.median(one) for one in zip(*ratios, strict=True))
    ratio = max(median, late)
    return Result(
        name="relay_roundtrip",
        value=statistics.median(ours) * 1000,
        unit="ms",
        against="the same kernel without daemon and sandbox",
        ratio=ratio,
        target=f"<= {TARGET}",
        ok=ratio <= TARGET,
        notes=(
            f"one cell over a Jupyter server's websocket; same server, same kernel class, "
            f"{launches} launches with {pairs} pairs in turn each; ratio of medians {median:.2f} "
            f"({_range(ratios, 0)}), of 99th percentiles {late:.2f} ({_range(ratios, 1)}); "
            f"direct: {statistics.median(theirs) * 1000:.2f} ms. The relay alone adds "
            f"{(statistics.median(ours) - statistics.median(theirs)) * 1000:.2f} ms"
        ),
    )


def _range(ratios: list[tuple[float, float]], which: int) -> str:
    """The least and the most of the launches."""
    found = [each[which] for each in ratios]
    return f"{min(found):.2f} to {max(found):.2f}"


def _medians(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(ours) / statistics.median(theirs)


def _tails(ours: list[float], theirs: list[float]) -> float:
    """The 99th percentile."""
    first, second = (statistics.quantiles(one, n=100)[98] for one in (ours, theirs))
    return first / second


def _measure(
    relayed: Callable[[], object], direct: Callable[[], object], pairs: int
) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(-WARM, pairs):
        order = ((relayed, taken[0]), (direct, taken[1]))
        for work, kept in order if number % 2 else order[::-1]:
            begun = time.perf_counter()
            work()
            if number >= 0:
                kept.append(time.perf_counter() - begun)
    return taken


@contextmanager
def _server(gate: Gate) -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """A Jupyter server with both kernels; yields what runs one cell in each."""
    (port,), token = free_ports(1), secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as notebooks, ExitStack() as stack:
        environment = {
            **os.environ,
            "BENCH_TOKEN": token,
            "WORKBENCH_NOTEBOOKS": notebooks,
            "WORKBENCH_LAUNCH_TOKEN": gate.token,
            "WORKBENCH_GATED_SOCKET": str(gate.door),
            "WORKBENCH_LANES": "workbench sealed",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "JUPYTER_NO_CONFIG": "1",
        }
        config = Path(__file__).with_name("two_ways_config.py")
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", f"--config={config}", f"--port={port}"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(server.wait)
        stack.callback(server.kill)
        cells = []
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"token {token}"}
        ) as web:
            _until_up(web)
            for name in ("workbench", "sealed"):
                made = web.post("/api/kernels", json={"name": name}, timeout=60)
                made.raise_for_status()
                address = f"ws://127.0.0.1:{port}/api/kernels/{made.json()['id']}/channels"
                kernel = WebKernel(address, {"Authorization": f"token {token}"})
                stack.callback(kernel.close)
                kernel.ready()
                cells.append(kernel)
        time.sleep(2)  # a kernel's warming up
        yield (lambda: cells[0].execute(CELL)), (lambda: cells[1].execute(CELL))


def _until_up(web: httpx.Client) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if web.get("/api/status").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the Jupyter server did not start")
