"""Servers and kernels in earnest: real hub, gate daemon and sandboxes, and what is left of them.

Two projects of one person; a suspension; `kill -9` of server, gate daemon and hub. The tests run
in this order, since each later one takes more away.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.lib.hub_world import RealGate, World, grant, hub_world, permit
from tests.lib.processes import below
from tests.lib.waiting import within
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.kernel_line import WebKernel
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
ROOT = os.geteuid() == 0
SERVER, KERNEL = "jupyterhub.singleuser", "inside/boot.py"
PROJECTS = ("heart", "lung")
AWAITED = 6.0  # seconds that servers wait for a hub here; 50 in earnest


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("life") / "instance"
    with hub_world(root, real_gate=True, awaited=AWAITED) as found:
        for project in PROJECTS:
            grant(found.records, permit(project, "kari"))
            twin = found.instance.zone("views") / project / "v1" / "twin"
            twin.mkdir(parents=True)
            (twin / "person.txt").write_text(project)
        yield found


@pytest.fixture(scope="module")
def kari(world: World) -> Iterator[HubClient]:
    with world.client("kari") as client:
        yield client


@pytest.fixture
def kernels(kari: HubClient) -> Iterator[dict[str, WebKernel]]:
    """A server for each of the two projects, with a kernel each."""
    with ExitStack() as stack:
        found = {}
        for project in PROJECTS:
            kari.start_server(project)
            found[project] = stack.enter_context(kari.kernel(project))
        yield found


def gate_of(world: World) -> int:
    assert isinstance(world.gate, RealGate)
    return world.gate.process.pid


def fronts(world: World) -> list[Path]:
    """The folders of live kernels' sockets."""
    runtime = world.instance.runtime
    return [*(runtime / "k").glob("*"), *(runtime / "front").glob("*/*")]


def group_of(pid: int) -> list[Path]:
    """The control groups made for the kernel with this number; none where there are no such."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    names = {line.rpartition("/")[2] for line in lines if "/workbench/" in line}
    return [path for name in names for path in Path("/sys/fs/cgroup").glob(f"**/workbench/{name}")]


def text(kernel: WebKernel, code: str) -> str:
    outputs = kernel.execute(code)["outputs"]
    return "".join(one.get("text", "") for one in outputs)


def test_two_projects_of_one_person_share_no_server_folder_uid_or_socket(
    world: World, kernels: dict[str, WebKernel]
) -> None:
    servers = below(world.hub.pid, SERVER)
    assert len(servers) == 2
    seen = []
    for pid in servers:
        root = Path(f"/proc/{pid}/root")
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        (project,) = (one.split(b"=")[1].decode() for one in environment
                      if one.startswith(b"WORKBENCH_PROJECT="))  # fmt: skip
        runtime = root / str(world.instance.runtime).lstrip("/")
        fronts_seen = sorted(path.name for path in (runtime / "front").iterdir())
        seen.append({
            "project": project,
            "uid": Path(f"/proc/{pid}").stat().st_uid,
            "pids": str(Path(f"/proc/{pid}/ns/pid").readlink()),
            "notebooks": (root / "home/workbench/notebooks").stat().st_ino,
            "fronts": tuple(fronts_seen),
            "sockets": tuple(sorted(path.name for path in runtime.iterdir())),
        })  # fmt: skip
    first, second = seen
    assert {first["project"], second["project"]} == set(PROJECTS)
    for what in ("pids", "notebooks", "fronts"):
        assert first[what] != second[what], what
    assert (first["uid"] != second["uid"]) == ROOT
    for one in seen:
        assert len(one["fronts"]) == 1  # its own
        assert set(one["sockets"]) == {"door", "front"}
    inside = {
        project: text(kernel, "import os; print(os.getuid(), open('/twin/person.txt').read())")
        for project, kernel in kernels.items()
    }
    assert [inside[project].split()[1] for project in PROJECTS] == list(PROJECTS)
    assert (inside["heart"].split()[0] != inside["lung"].split()[0]) == ROOT


def test_a_killed_server_leaves_no_kernel_and_the_other_project_works_on(
    world: World, kernels: dict[str, WebKernel]
) -> None:
    (victim, *_), gate = below(world.hub.pid, SERVER), gate_of(world)
    made = {pid: group_of(pid) for pid in below(gate, KERNEL)}
    assert len(made) == 2
    assert all(made.values()) == ROOT
    os.kill(victim, signal.SIGKILL)

    assert within(8, lambda: len(below(gate, KERNEL)) == 1)
    (left,) = below(gate, KERNEL)
    (ended,) = set(made) - {left}
    assert within(8, lambda: not any(path.exists() for path in made[ended]))
    assert within(5, lambda: len(fronts(world)) == 2)  # of one kernel
    alive = []
    for kernel in kernels.values():
        with suppress(Refusal):
            alive.append(kernel.execute("1")["status"])
    assert alive == ["ok"]


def test_a_suspended_project_stops_its_kernels_and_says_so_in_the_notebook(
    world: World, kernels: dict[str, WebKernel]
) -> None:
    kernels["heart"].execute("1")
    event = AuditEvent(What.PERMIT_SUSPEND, "os:test", "project/heart")
    world.records.permits.set_state("heart", PermitState.SUSPENDED, event)
    begun = time.monotonic()

    assert within(60, lambda: len(below(gate_of(world), KERNEL)) == 1)
    assert time.monotonic() - begun < 30  # the hub asks once a second here, each ten in earnest
    assert kernels["lung"].execute("1")["status"] == "ok"
    # the server goes a little later than its kernels: its notebooks are told why
    assert within(20, lambda: len(below(world.hub.pid, SERVER)) == 1)
    resumed = AuditEvent(What.PERMIT_RESUME, "os:test", "project/heart")
    world.records.permits.set_state("heart", PermitState.ACTIVE, resumed)


def test_a_killed_gate_daemon_leaves_nothing_and_servers_find_the_next_one(
    world: World, kari: HubClient, kernels: dict[str, WebKernel]
) -> None:
    gate = gate_of(world)
    jails = below(gate, KERNEL)
    assert len(jails) == 2
    os.kill(gate, signal.SIGKILL)

    assert within(5, lambda: not any(Path(f"/proc/{pid}").exists() for pid in jails))
    for kernel in kernels.values():
        with pytest.raises(Refusal) as ended:
            kernel.execute("1")
        assert ended.value.code == "kernel_ended"
    assert isinstance(world.gate, RealGate)
    world.gate.restart()
    # whatever a server has asked for meanwhile is new: of the old nothing is left
    for project in PROJECTS:
        for kernel in kari.api("GET", project, "/api/kernels"):
            kari.ask_server("DELETE", project, f"/api/kernels/{kernel['id']}")
    assert within(5, lambda: fronts(world) == [])
    with kari.kernel("lung") as again:
        assert again.execute("1")["status"] == "ok"


def test_a_killed_hub_that_does_not_come_back_leaves_no_server_and_no_kernel(
    world: World, kernels: dict[str, WebKernel]
) -> None:
    servers, jails = below(world.hub.pid, SERVER), below(gate_of(world), KERNEL)
    assert len(servers) == 2
    assert len(jails) == 2
    world.kill_hub()

    assert within(AWAITED + 8, lambda: not any(Path(f"/proc/{pid}").exists() for pid in servers))
    assert within(8, lambda: not any(Path(f"/proc/{pid}").exists() for pid in jails))
    assert within(5, lambda: fronts(world) == [])
