"""The jail of a single-user server, seen from inside by a program that wants out."""

import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kernels.host.sandbox.landlock_abi import abi
from kernels.host.sandbox.server_jail import Job

pytestmark = pytest.mark.sandbox

ROOT = os.geteuid() == 0
UID = 41_999 if ROOT else None
OWN_PORT = 48_123
PLAIN = b'"notebooks":"/","sockets":[],"listen":9,"connect":[],"environment":{},"arguments":[]}'

LOOK = """
import ctypes, importlib.util, json, os, socket
def can(deed, *a):
    try:
        deed(*a)
        return True
    except OSError:
        return False
def write(path):
    with open(path, "w") as f:
        f.write("x")
def known(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
def connect(path):
    s = socket.socket(socket.AF_UNIX); s.connect(path)
told = json.loads(os.environ["TOLD"])
status = dict(l.split(":", 1) for l in open("/proc/self/status") if ":" in l)
print(json.dumps({
    "uid": os.getuid(), "groups": os.getgroups(),
    "caps": [status[k].strip() for k in ("CapEff", "CapPrm", "CapBnd")],
    "nnp": status["NoNewPrivs"].strip(),
    "pids": sorted(int(p) for p in os.listdir("/proc") if p.isdigit()),
    "environ": sorted(os.environ),
    "cmdline": open("/proc/1/cmdline").read(),
    "seen": {p: os.path.exists(p) for p in told["hidden"]},
    "written": {p: can(write, p) for p in told["closed"]},
    "notebook": can(write, "/home/workbench/notebooks/a.ipynb"),
    "socket": can(connect, told["socket"]), "neighbour": can(connect, told["neighbour"]),
    "userns": ctypes.CDLL(None).unshare(0x10000000) == 0,
    "root": sorted(os.listdir("/")),
    "etc": sorted(os.listdir("/etc")) if os.path.isdir("/etc") else [],
    "kernels": sorted(os.listdir("/opt/workbench/code/kernels")),
    "imports": {n: known(n) for n in told["imports"]},
    "other_port": can(lambda: socket.create_connection(("127.0.0.1", told["other"]), 2)),
    "own_port": can(lambda: socket.create_server(("127.0.0.1", told["own"])).close()),
    "any_port": can(lambda: socket.create_server(("127.0.0.1", 0)).close()),
    "kinds": [can(socket.socket, *kind) for kind in (
        (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_INET, socket.SOCK_RAW),
        (socket.AF_INET6, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_DGRAM),
        (socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW),
        (socket.AF_VSOCK, socket.SOCK_STREAM), (38, socket.SOCK_SEQPACKET))],
    "nodelay": can(lambda: socket.socket(socket.AF_INET).setsockopt(6, 1, 1)),
    "abstract": can(connect, chr(0) + told["abstract"]),
    "ptrace": ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) == 0,
    "loopback": can(lambda: socket.create_connection(("127.0.0.1", told["port"]), 2)),
}))
"""


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """What a program in the jail found; the instance's secrets lie all around it."""
    root = tmp_path_factory.mktemp("s")
    secret = root / "zone" / "secret"
    secret.parent.mkdir()
    secret.write_text("key")
    notebooks = root / "notebooks"
    notebooks.mkdir(mode=0o700)
    if UID is not None:
        os.chown(notebooks, UID, UID)
    short = Path("/tmp") / f"wb-{secrets.token_hex(4)}"
    sockets = []
    for name in ("door", "other"):
        (short / name).mkdir(parents=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(short / name / "s"))
        listening.listen()
        (short / name / "s").chmod(0o666)
        sockets.append(listening)
    tcp, other = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0" + short.name)
    abstract.listen()
    told = {
        "hidden": [str(secret), str(secret.parent), "/root", "/home/root", "/var", "/sys", "/work",
                   "/bin/sh", "/usr/bin", "/etc/passwd", "/etc/shadow", "/run/user", sys.prefix],
        "closed": ["/x", "/dev/x", "/etc/x", "/usr/x", "/opt/python/x", "/opt/workbench/code/x",
                   "/opt/workbench/code/kernels/server/x", "/opt/workbench/site/0/x", "/proc/x"],
        "imports": ["kernels.server", "kernels.host", "kernels.inside", "pseudonym", "disclosure",
                    "workbench.engine", "workbench.adapters"],
        "socket": str(short / "door" / "s"), "neighbour": str(short / "other" / "s"),
        "port": tcp.getsockname()[1], "other": other.getsockname()[1], "own": OWN_PORT,
        "abstract": short.name,
    }  # fmt: skip
    job = Job(
        uid=UID,
        notebooks=notebooks,
        sockets=(short / "door",),
        listen=OWN_PORT,
        connect=(tcp.getsockname()[1],),
        environment={"TOLD": json.dumps(told), "WORKBENCH_LAUNCH_TOKEN": "the-launch-token"},
        arguments=("-c", LOOK),
    )
    done = subprocess.run(  # noqa: PLW1510 - the exit status is what is looked at
        [sys.executable, "-I", "-m", "kernels.host.sandbox.server_jail"],
        input=job.model_dump_json().encode(),
        capture_output=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "WORKBENCH_VAULT_PASSPHRASE": "not for servers"},
    )
    for one in (*sockets, tcp, other, abstract):
        one.close()
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    found["notebooks"] = notebooks
    return found


def test_it_runs_under_a_uid_of_its_own_without_any_privilege(inside):
    assert inside["uid"] == (UID if ROOT else os.geteuid())
    assert set(inside["groups"]) <= {inside["uid"], 65534}
    assert {int(cap, 16) for cap in inside["caps"]} == {0}
    assert inside["nnp"] == "1"
    assert not inside["userns"]


def test_it_sees_no_process_but_its_own(inside):
    assert len(inside["pids"]) <= 2


def test_it_sees_no_file_of_the_instance_or_of_the_host(inside):
    assert [path for path, seen in inside["seen"].items() if seen] == []
    assert set(inside["root"]) <= {
        "dev", "etc", "home", "lib", "lib64", "opt", "proc", "tmp", "usr",
    }  # fmt: skip
    assert set(inside["etc"]) <= {"ld.so.cache"}


def test_it_writes_nowhere_but_in_its_notebooks(inside):
    assert [path for path, done in inside["written"].items() if done] == []
    assert inside["notebook"]
    assert (inside["notebooks"] / "a.ipynb").read_text() == "x"
    if ROOT:
        assert (inside["notebooks"] / "a.ipynb").stat().st_uid == UID


def test_it_has_four_pieces_of_our_code(inside):
    assert inside["kernels"] == ["__init__.py", "errors.py", "protocol.py", "server"]
    assert [name for name, there in inside["imports"].items() if there] == ["kernels.server"]


def test_it_reaches_the_gate_and_no_socket_of_a_neighbour(inside):
    assert inside["socket"]
    assert not inside["neighbour"]


def test_it_reaches_the_hub_over_loopback(inside):
    assert inside["loopback"]


def test_it_opens_tcp_sockets_only_and_makes_no_dangerous_call(inside):
    assert inside["kinds"] == [False] * 8
    assert inside["nodelay"]
    assert not inside["ptrace"]


@pytest.mark.skipif(abi() < 4, reason="this host's Landlock knows no ports")
def test_it_reaches_no_other_port_of_the_host_and_listens_on_its_own_only(inside):
    assert not inside["other_port"]
    assert inside["own_port"]
    assert not inside["any_port"]


@pytest.mark.skipif(abi() < 6, reason="this host's Landlock knows no scopes")
def test_it_reaches_no_abstract_socket_of_the_host(inside):
    assert not inside["abstract"]


def test_its_token_is_in_no_command_line_and_the_hosts_environment_does_not_pass(inside):
    assert "the-launch-token" not in inside["cmdline"]
    assert "WORKBENCH_VAULT_PASSPHRASE" not in inside["environ"]
    assert set(inside["environ"]) - {"TOLD", "WORKBENCH_LAUNCH_TOKEN", "PWD", "LC_CTYPE"} == {
        "HOME", "JUPYTER_NO_CONFIG", "LANG", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX", "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONNOUSERSITE", "PYTHONPATH", "WORKBENCH_NOTEBOOKS",
    }  # fmt: skip


@pytest.mark.parametrize(
    "job",
    [b"", b"{}", b"[]", b'{"uid":0,' + PLAIN, b'{"uid":null,"more":1,' + PLAIN],
)  # fmt: skip
def test_a_malformed_job_starts_nothing(job):
    done = subprocess.run(  # noqa: PLW1510 - the exit status is what is looked at
        [sys.executable, "-I", "-m", "kernels.host.sandbox.server_jail"],
        input=job, capture_output=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith(b"refused: ")
    assert done.stdout == b""


def test_root_without_a_uid_for_the_server_starts_nothing(tmp_path):
    uid = None if ROOT else 41_999
    job = Job(
        uid=uid,
        notebooks=tmp_path,
        sockets=(),
        listen=9,
        connect=(),
        environment={},
        arguments=("-c", "print(1)"),
    )
    done = subprocess.run(  # noqa: PLW1510 - the exit status is what is looked at
        [sys.executable, "-I", "-m", "kernels.host.sandbox.server_jail"],
        input=job.model_dump_json().encode(), capture_output=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stdout == b""
