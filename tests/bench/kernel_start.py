"""How long until a kernel answers: sandboxed and relayed, against a bare ipykernel, in pairs."""

import logging
import statistics
import subprocess
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from kernels.host.config import Limits
from kernels.host.environment import open_environment, pointer_file
from kernels.host.sandbox.interpreter import this_interpreter
from tests.bench.result import Result
from tests.lib.gate_house import GateHouse, client_of

TARGET = 1.10


def kernel_start(pairs: int = 9) -> Result:
    """Seconds from asking for a kernel to its first execute reply, medians of `pairs`."""
    logging.disable(logging.WARNING)  # a bare kernel's clients chat
    house = GateHouse(Limits())
    try:
        token = house.grant()
        lean = open_environment(pointer_file()).site
        _bare(), _bare(lean), _jailed(house, token)  # the first of each reads from the disk
        taken = [(_bare(), _bare(lean), _jailed(house, token)) for _ in range(pairs)]
    finally:
        house.close()
        logging.disable(logging.NOTSET)
    bare, same, ours = (statistics.median(times) for times in zip(*taken, strict=True))
    return Result(
        name="kernel_start",
        value=ours,
        unit="s",
        against="bare ipykernel",
        ratio=ours / bare,
        target=f"<= {TARGET}",
        ok=ours <= TARGET * bare,
        notes=(
            f"a sandbox of its own account, self-check, relay, from the request to the first "
            f"execute reply, which is asked for at once; "
            f"bare, as installed beside the platform: {bare:.3f} s; bare on the kernels' own "
            f"lean packages, without debugger and jedi: {same:.3f} s (ratio {ours / same:.2f}); "
            f"medians of {pairs} triples in turn. "
            "Ours opens no history database, no TCP ports and no configuration files"
        ),
    )


def _bare(site: Path | None = None) -> float:
    """site: the packages to use in place of this environment's."""
    begun = time.perf_counter()
    manager = KernelManager()
    if site is not None:
        python = this_interpreter().executable
        manager.kernel_spec.argv = [
            str(python), "-S", "-m", "ipykernel_launcher", "-f", "{connection_file}",
        ]  # fmt: skip
        manager.kernel_spec.env = {"PYTHONPATH": str(site)}
    manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        _first_reply(client)
        return time.perf_counter() - begun
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _jailed(house: GateHouse, token: str) -> float:
    begun = time.perf_counter()
    launching = house.launch(token)
    client = client_of(launching)
    try:
        _first_reply(client)
        return time.perf_counter() - begun
    finally:
        client.stop_channels()
        launching.connection.close()


def _first_reply(client: BlockingKernelClient) -> None:
    """Ask at once: the client's own wait_for_ready sleeps in steps that would hide the ratio."""
    client.start_channels()
    asked = client.execute("1 + 1")
    while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != asked:
        pass
