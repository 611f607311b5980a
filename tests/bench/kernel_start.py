"""How long until a kernel answers: sandboxed and relayed, against a bare ipykernel, in pairs."""

import logging
import statistics
import subprocess
import time

from jupyter_client.manager import KernelManager

from kernels.host.config import Limits
from tests.bench.result import Result
from tests.lib.gate_house import GateHouse, Notebook

TARGET = 1.15


def kernel_start(pairs: int = 9) -> Result:
    """Seconds from asking for a kernel to its first execute reply, medians of `pairs`."""
    logging.disable(logging.WARNING)  # a bare kernel's clients chat
    house = GateHouse(Limits())
    try:
        token = house.grant()
        _bare(), _jailed(house, token)  # the first of each reads from the disk
        taken = [(_bare(), _jailed(house, token)) for _ in range(pairs)]
    finally:
        house.close()
        logging.disable(logging.NOTSET)
    bare, ours = (statistics.median(times) for times in zip(*taken, strict=True))
    return Result(
        name="kernel_start",
        value=ours,
        unit="s",
        against="bare ipykernel",
        ratio=ours / bare,
        target=f"<= {TARGET}",
        ok=ours <= TARGET * bare,
        notes=(
            f"a sandbox of its own account, self-check, relay; to the first execute reply; "
            f"bare: {bare:.3f} s; medians of {pairs} pairs in turn"
        ),
    )


def _bare() -> float:
    begun = time.perf_counter()
    manager = KernelManager()
    manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.execute_interactive("1 + 1", timeout=60, output_hook=lambda _: None)
        return time.perf_counter() - begun
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _jailed(house: GateHouse, token: str) -> float:
    begun = time.perf_counter()
    notebook = Notebook(house.launch(token))
    try:
        notebook.client.execute_interactive("1 + 1", timeout=60, output_hook=lambda _: None)
        return time.perf_counter() - begun
    finally:
        notebook.close()
