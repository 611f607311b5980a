"""An attacker who owns a single-user server: all it has, all it sees, and nothing gained.

The program below runs in a second jail of the very same kind, with the account, the sockets, the
ports and the whole environment (launch token and hub token in it) of a server that runs.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kernels.host.sandbox.landlock_abi import abi
from kernels.host.sandbox.server_jail import Job
from tests.lib.hub_world import RealGate, World, grant, hub_world, permit
from tests.lib.processes import below

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
ROOT = os.geteuid() == 0

ATTACK = r"""
import json, os, socket, struct, sys, time, urllib.error, urllib.request
sys.path.insert(0, "/opt/workbench/code")
from kernels import protocol as p
from pydantic import TypeAdapter
REPLY = TypeAdapter(p.ServerReply)
told = json.loads(os.environ["TOLD"])
door, token = os.environ["WORKBENCH_GATED_SOCKET"], os.environ["WORKBENCH_LAUNCH_TOKEN"]

def line():
    s = socket.socket(socket.AF_UNIX); s.settimeout(30); s.connect(door); return s
def heard(s):
    try:
        body = p.read_frame(s)
        answer = p.unpack(REPLY, body) if body else None
    except (OSError, ConnectionError):
        return "cut"
    return "cut" if answer is None else getattr(answer, "code", answer.k)
def launch(number, token=token, lane="workbench"):
    s = line()
    p.write_frame(s, p.Launch(token=token, kernel=f"{number:08x}", lane=lane, front_key="k" * 32))
    return s
def said(content):
    s = line()
    try:
        s.sendall(content); s.shutdown(socket.SHUT_WR)
    except OSError:
        return "cut"
    return heard(s)
def reaches(kind, place):
    s = socket.socket(kind); s.settimeout(3)
    try:
        s.connect(place); return True
    except OSError:
        return False
def hub(method, path, body=None):
    request = urllib.request.Request(
        os.environ["JUPYTERHUB_API_URL"] + path, method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]})
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code

found = {}
sockets = []
for root, _, names in os.walk("/"):
    if root.startswith("/proc"):
        continue
    sockets += [os.path.join(root, n) for n in names if os.path.exists(os.path.join(root, n))
                and (os.lstat(os.path.join(root, n)).st_mode & 0o170000) == 0o140000]
found["sockets"] = sockets
found["pids"] = [int(n) for n in os.listdir("/proc") if n.isdigit()]
found["seen"] = [x for x in told["hidden"] if os.path.exists(x)]
found["unix"] = [x for x in told["unix"] if reaches(socket.AF_UNIX, x)]
found["tcp"] = [x for x in told["tcp"] if reaches(socket.AF_INET, ("127.0.0.1", x))]
found["elsewhere"] = reaches(socket.AF_INET, ("192.0.2.1", 80))
grant = p.Grant(token_sha256="0" * 64, user="kari", project="lung", server_uid=0, twin="/",
                sealed=True, expires=4000000000)
found["admin"] = [said(p.pack(m)) for m in (
    grant, p.Revoke(project="lung"), p.Signal(what="kill"),
    p.Renew(project="heart", user="kari", sealed=True, sealed_kernel=True, expires=4000000000))]
found["lanes"] = [heard(launch(1, lane=lane)) for lane in ("sealed", "interactive")]
near = token[:-1] + ("B" if token.endswith("A") else "A")
found["tokens"] = [heard(launch(2, token=t)) for t in ("x" * 43, near, token + "A")]
found["garbage"] = [said(g) for g in (
    b"\xff" * 4096, struct.pack(">I", 1 << 31), struct.pack(">I", 5) + b"{}{}{",
    b"GET / HTTP/1.1\r\n\r\n", struct.pack(">I", 60000) + b"[" * 60000)]
idle = []
for _ in range(300):
    try:
        idle.append(line())
    except OSError:
        break
started = time.monotonic()
found["hub"] = {f"{m} {path}": hub(m, path, body) for m, path, body in (
    ("GET", "/users", None), ("GET", "/users/ola", None), ("GET", "/services", None),
    ("POST", "/users/ola/servers/heart", {}), ("POST", "/users/kari/servers/lung", {}),
    ("POST", "/users/kari/tokens", {}), ("GET", "/users/kari/tokens", None),
    ("GET", "/proxy", None), ("POST", "/shutdown", {}),
    ("DELETE", "/users/kari/servers/lung", None),
    ("POST", "/users/eve", {}), ("PATCH", "/users/kari", {"admin": True}))}
for s in idle:
    s.close()
time.sleep(1)
storm = [launch(16 + n) for n in range(16)]
answers = [heard(s) for s in storm]
found["storm"] = {a: answers.count(a) for a in set(answers)}
for s in storm[1:]:
    s.close()
print(json.dumps(found), flush=True)
kept = storm[[a == "launched" for a in answers].index(True)] if "launched" in answers else storm[0]
if kept is not storm[0]:
    kept = launch(99); heard(kept)
kept.settimeout(90)
print(json.dumps({"kept": heard(kept), "again": heard(launch(98))}), flush=True)
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("owned") / "instance"
    with hub_world(root, real_gate=True) as found:
        for project in ("heart", "lung"):
            grant(found.records, permit(project, "kari"))
            (found.instance.zone("views") / project / "v1" / "twin").mkdir(parents=True)
        yield found


@pytest.fixture(scope="module")
def attack(world: World) -> Iterator["subprocess.Popen[bytes]"]:
    """The attacker in kari's server of the project heart; lung's server runs, with a kernel."""
    with ExitStack() as stack:
        kari = stack.enter_context(world.client("kari"))
        for project in ("heart", "lung"):
            kari.start_server(project)
        neighbour = stack.enter_context(kari.kernel("lung"))
        assert neighbour.execute("1")["status"] == "ok"
        servers = {_environment(pid)["WORKBENCH_PROJECT"]: pid
                   for pid in below(world.hub.pid, "jupyterhub.singleuser")}  # fmt: skip
        job = _same_job(world, servers["heart"], servers["lung"])
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "kernels.host.sandbox.server_jail"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin"},
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        assert process.stdin is not None
        process.stdin.write(job.model_dump_json().encode())
        process.stdin.close()
        yield process
        assert neighbour.execute("1")["status"] == "ok"  # it never noticed


@pytest.fixture(scope="module")
def found(attack: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert attack.stdout is not None
    line = attack.stdout.readline()
    assert line, "the attacker's program failed"
    return dict(json.loads(line))


def _environment(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _same_job(world: World, server: int, neighbour: int) -> Job:
    """The job of a running server, with another program."""
    environment = _environment(server)
    runtime, ports = world.instance.runtime, {}
    for name, pid in (("own", server), ("neighbour", neighbour)):
        ports[name] = urlsplit(_environment(pid)["JUPYTERHUB_SERVICE_URL"]).port or 0
    hub = urlsplit(environment["JUPYTERHUB_API_URL"]).port or 0
    proxy = [int(port) for port in re.findall(r"--api-port=?\s*(\d+)", _lines(world.hub.pid))]
    told = {
        "hidden": [str(world.instance.root), str(world.instance.zone("views")), "/root", "/sys",
                   str(world.instance.zone("hub") / "notebooks"), "/etc/passwd", "/bin/sh"],
        "unix": [str(runtime / name) for name in
                 ("admin.sock", "engine.sock", "linker.sock", "vault.sock")]
                + [str(path) for path in runtime.glob("front/*/*/*")]
                + [str(path) for path in runtime.glob("k/*/*/*")],
        "tcp": [ports["neighbour"], world.instance.port, *proxy],
    }  # fmt: skip
    assert len(told["unix"]) > 9  # the neighbour's sockets are among them
    assert len(told["tcp"]) > 1
    root = Path(f"/proc/{server}/root") / str(runtime).lstrip("/")
    (front,) = (root / "front").iterdir()
    return Job(
        uid=Path(f"/proc/{server}").stat().st_uid if ROOT else None,
        notebooks=world.instance.zone("hub") / "notebooks" / "kari" / "heart",
        sockets=(runtime / "door", runtime / "front" / front.name),
        listen=ports["own"],
        connect=(hub,),
        environment=environment | {"TOLD": json.dumps(told)},
        arguments=("-c", ATTACK),
    )


def _lines(hub: int) -> str:
    return " ".join(
        (Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " "))
        for pid in [hub, *map(int, Path(f"/proc/{hub}/task/{hub}/children").read_text().split())]
    )


def test_it_sees_the_door_and_no_other_socket_file_or_process(found: dict[str, Any]) -> None:
    assert {Path(path).name for path in found["sockets"]} <= {"gated.sock"}
    assert found["unix"] == []
    assert found["seen"] == []
    assert len(found["pids"]) <= 2


@pytest.mark.skipif(abi() < 4, reason="this host's Landlock knows no ports")
def test_it_reaches_neither_the_neighbour_nor_the_proxy_nor_the_world(
    found: dict[str, Any],
) -> None:
    assert found["tcp"] == []
    assert not found["elsewhere"]


def test_at_the_door_it_can_neither_grant_nor_renew_nor_revoke(found: dict[str, Any]) -> None:
    assert found["admin"] == ["launch_first"] * 4


def test_its_token_opens_no_lane_beyond_the_permit_and_no_other_token_does(
    found: dict[str, Any],
) -> None:
    assert found["lanes"] == ["sealed_not_permitted", "sealed_kernel_not_permitted"]
    assert set(found["tokens"]) == {"not_granted"}


def test_garbage_is_refused_or_cut_and_the_daemon_lives(
    found: dict[str, Any], world: World
) -> None:
    assert set(found["garbage"]) <= {"frame_too_large", "malformed_message", "cut"}
    assert isinstance(world.gate, RealGate)
    assert world.gate.process.poll() is None


def test_a_storm_of_launches_gets_as_many_kernels_as_one_person_may_have(
    found: dict[str, Any],
) -> None:
    assert found["storm"] == {"launched": 12, "too_many_kernels": 4}


def test_the_hub_gives_its_token_nothing_of_others(found: dict[str, Any]) -> None:
    assert {asked: code for asked, code in found["hub"].items() if code < 400} == {}


def test_no_certificate_can_be_made_without_the_engines_key(found: dict[str, Any]) -> None:
    """What a server shows is its own affair; what counts is signed, and the key is elsewhere."""
    assert not any("engine" in path for path in found["sockets"] + found["unix"] + found["seen"])


def test_no_kernel_is_kept_alive_when_the_permit_closes(
    world: World, attack: "subprocess.Popen[bytes]", found: dict[str, Any]
) -> None:
    from workbench.domain.audit import AuditEvent, What
    from workbench.domain.permit import PermitState

    event = AuditEvent(What.PERMIT_SUSPEND, "os:test", "project/heart")
    world.records.permits.set_state("heart", PermitState.SUSPENDED, event)
    begun = time.monotonic()
    assert attack.stdout is not None
    last = json.loads(attack.stdout.readline())
    assert time.monotonic() - begun < 60
    assert last["kept"] == "ended"
    assert last["again"] == "not_granted"


def test_without_a_token_the_hubs_interface_answers_nobody(world: World) -> None:
    answer = httpx.get(f"{world.instance.url}/hub/api/users")
    assert answer.status_code == 403
