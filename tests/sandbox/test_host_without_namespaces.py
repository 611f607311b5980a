"""A host that forbids user namespaces, really: doctor explains, and no kernel is served."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox
PROJECT = Path(__file__).resolve().parents[2]
FORBID = """
import ctypes, os, pathlib, sys
uid, gid = os.geteuid(), os.getegid()
assert ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == 0
pathlib.Path("/proc/self/uid_map").write_text(f"1000 {uid} 1")
pathlib.Path("/proc/self/setgroups").write_text("deny")
pathlib.Path("/proc/self/gid_map").write_text(f"1000 {gid} 1")
pathlib.Path("/proc/sys/user/max_user_namespaces").write_text("0")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
SERVE = """
import asyncio, pathlib, sys
from kernels.errors import Refusal
from kernels.host.config import GateConfig
from kernels.host.gated import Daemon

async def serve(root):
    async with Daemon(GateConfig(*[root / name for name in ("r", "z", "v", "s", "e")])):
        print("served")

try:
    asyncio.run(serve(pathlib.Path(sys.argv[1])))
except Refusal as refusal:
    print(refusal.code, "|", refusal.reason, "|", refusal.remedy)
"""


def where_forbidden(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", FORBID, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_daemon_refuses_to_serve_and_says_what_to_do(tmp_path: Path) -> None:
    done = where_forbidden("-c", SERVE, str(tmp_path))
    assert done.stdout.startswith("no_isolation | "), done.stderr[-2000:]
    assert "user namespaces are switched off" in done.stdout
    assert "sysctl -w user.max_user_namespaces=15000" in done.stdout
    assert not (tmp_path / "r").exists()


def test_doctor_explains_and_fails(tmp_path: Path) -> None:
    done = where_forbidden(
        "-m", "workbench", "--instance", str(tmp_path / "none"), "doctor", "--json"
    )
    found = json.loads(done.stdout)
    (isolation,) = [
        check for check in found["checks"] if check["name"] == "isolation" and check["essential"]
    ]
    assert done.returncode == 1
    assert not isolation["ok"]
    assert "switched off" in isolation["text"]
    assert "max_user_namespaces" in isolation["remedy"]


def test_the_report_is_refused_too(tmp_path: Path) -> None:
    done = where_forbidden("-m", "workbench", "isolation-report", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no_isolation" in done.stderr
