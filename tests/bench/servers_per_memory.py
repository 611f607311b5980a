"""How many idle servers with one kernel each a host of 8 GiB holds: real ones, through the hub."""

import os
import re
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.bench.result import Result
from tests.lib.hub_world import RealGate, World, grant, hub_world, permit
from tests.lib.processes import below

TARGET = 25
MEMORY = 8 << 30
RESERVED = 1 << 30
"""Bytes for the hub, the proxy, the portal, the engine, the linker, the vault and the daemon."""
SERVERS = 5
SETTLE = 8.0


def servers_per_memory() -> Result:
    """Start servers with a kernel each that has run a cell; count their proportional memory.

    What one more server costs: memory of its own and its part of what is shared (PSS), as
    measured with `SERVERS` of them running.
    """
    with tempfile.TemporaryDirectory(prefix="wb-bench-") as folder:
        world = Path(folder) / "instance"
        with hub_world(world, real_gate=True) as house, ExitStack() as stack:
            _start(house, stack)
            time.sleep(SETTLE)
            servers = [_memory(pid) for pid in below(house.hub.pid, "jupyterhub.singleuser")]
            assert isinstance(house.gate, RealGate)
            kernels = [_memory(pid) for pid in below(house.gate.process.pid, "inside/boot.py")]
    if len(servers) < SERVERS or len(kernels) < SERVERS:
        raise SystemExit(f"{len(servers)} servers and {len(kernels)} kernels were found")
    server, kernel = sum(servers) / SERVERS, sum(kernels) / SERVERS
    held = int((MEMORY - RESERVED) / (server + kernel))
    return Result(
        name="servers_per_memory",
        value=held,
        unit="servers",
        against=f"{TARGET} in 8 GiB",
        ratio=held / TARGET,
        target=f">= {TARGET}",
        ok=held >= TARGET,
        notes=(
            f"{SERVERS} live idle servers, each with a kernel that has run a cell: "
            f"{server / 2**20:.0f} MiB a server and {kernel / 2**20:.0f} MiB a kernel (PSS); "
            f"1 GiB is set aside for the platform's own processes; the rest is divided"
        ),
    )


def _start(house: World, stack: ExitStack) -> None:
    projects = [f"study-{number}" for number in range(SERVERS)]
    for project in projects:
        grant(house.records, permit(project, "kari"))
        twin = house.instance.zone("views") / project / "v1" / "twin"
        twin.mkdir(parents=True, exist_ok=True)
    kari = stack.enter_context(house.client("kari"))
    for project in projects:
        kari.start_server(project)
        kernel = stack.enter_context(kari.kernel(project))
        kernel.execute("1 + 1")


def _memory(pid: int) -> int:
    """Proportional memory of a process, bytes; resident where the host tells no other."""
    with suppress(OSError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) << 10  # type: ignore[index] # always there
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
