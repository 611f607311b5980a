"""`kill -9` of the engine and of `workbench up` itself: what goes on, and what is left of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.lib.hub_world import CODE, PASSWORD, Now, accepts, grant, permit
from tests.lib.processes import below
from tests.lib.waiting import within
from workbench.adapters.hub.accounts import add_account
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.settings import free_ports
from workbench.adapters.sql import open_records
from workbench.settings import Instance

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("WORKBENCH_LONG"), reason="a minute: see make redteam-kernel"
    ),
]
PARTS = ("workbench vault", "workbench linker", "workbench engine", "workbench gated",
         "jupyterhub -f", "jupyterhub.singleuser", "inside/boot.py")  # fmt: skip


def lines() -> dict[int, str]:
    found = {}
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[int(each.parent.name)] = each.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/hub/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[tuple[Instance, "subprocess.Popen[bytes]"]]:
    """A whole instance under `workbench up`, with one project."""
    root = tmp_path / "instance"
    command = [sys.executable, "-m", "workbench", "--instance", str(root)]
    port = free_ports(1)[0]
    subprocess.run([*command, "init", "--kind", "test", "--port", str(port)], cwd=CODE, check=True)
    made = Instance.open(root)
    add_account(made, "kari", PASSWORD)
    records = open_records(made.database, Now())
    grant(records, permit("heart", "kari"))
    records.close()  # type: ignore[attr-defined] # the SQL records have it
    (made.zone("views") / "heart" / "v1" / "twin").mkdir(parents=True)
    with (tmp_path / "up.log").open("wb") as log:
        up = subprocess.Popen([*command, "up"], cwd=CODE, stdout=log, stderr=log)
    try:
        assert within(90, lambda: up.poll() is not None or healthy(made.url))
        assert within(60, lambda: accepts(made.socket("gated")))
        yield made, up
    finally:
        up.kill()
        up.wait()


def test_a_killed_engine_comes_back_and_a_killed_up_leaves_nothing(
    instance: tuple[Instance, "subprocess.Popen[bytes]"],
) -> None:
    made, up = instance
    (engine,) = below(up.pid, "workbench engine")
    with HubClient(made.url) as kari:
        kari.sign_in("kari", PASSWORD)
        kari.start_server("heart")
        with kari.kernel("heart") as kernel:
            kernel.execute("kept = 42")
            os.kill(engine, signal.SIGKILL)
            assert kernel.execute("kept")["outputs"][0]["data"]["text/plain"] == "42"
            assert within(20, lambda: below(up.pid, "workbench engine") not in ([], [engine]))
            assert within(20, lambda: accepts(made.socket("engine")))
            assert kernel.execute("kept")["status"] == "ok"

            pids = {pid for part in PARTS for pid in below(up.pid, part)}
            assert len(pids) >= len(PARTS)
            groups = {
                path
                for pid in below(up.pid, "inside/boot.py")
                for name in Path(f"/proc/{pid}/cgroup").read_text().split()
                if "/workbench/kernel-" in name
                for path in Path("/sys/fs/cgroup").glob(f"*/workbench/{name.rpartition('/')[2]}")
            }
            assert bool(groups) == (os.geteuid() == 0)
            up.kill()
            up.wait()
            assert within(20, lambda: not pids & lines().keys()), lines()
    assert not any(str(made.root) in line for line in lines().values())
    assert within(5, lambda: not any(list(path.glob("tasks")) and path.joinpath("tasks").read_text()
                                     for path in groups if path.exists()))  # fmt: skip
    assert not healthy(made.url)
