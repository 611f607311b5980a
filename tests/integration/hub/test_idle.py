"""Servers that nobody uses are stopped; one whose kernel works is not, however silent it is."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.lib.hub_world import grant, permit
from workbench.adapters.hub.kernel_line import WebKernel
from workbench.domain.errors import Refusal

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

IDLE = 10  # seconds; in earnest five hours


def culler(world) -> dict[str, str]:
    """The environment of the hub's own culler, and with it its token."""
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes().decode().split("\0")
            lines = (process / "environ").read_bytes().decode().split("\0")
        except (OSError, UnicodeDecodeError):
            continue
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        if "jupyterhub_idle_culler" in command and "JUPYTERHUB_API_URL" in found:
            token = {"Authorization": f"token {found['JUPYTERHUB_API_TOKEN']}"}
            asked = httpx.get(f"{world.instance.url}/hub/api/user", headers=token)
            if asked.status_code == 200:
                return found
    raise AssertionError("no culler of this hub runs")


def test_the_idle_are_stopped_and_those_that_work_are_not(world):
    for user, project in (("ola", "idle-one"), ("ola", "busy-one")):
        grant(world.records, permit(project, user))
    environ = culler(world)
    with world.client("ola") as ola:
        for project in ("idle-one", "busy-one"):
            ola.start_server(project)
        with ola.kernel("busy-one") as kernel:
            code = f"import time; time.sleep({IDLE * 6})"
            work = threading.Thread(target=quietly, args=(kernel, code), daemon=True)
            work.start()
            time.sleep(IDLE + 2)
            watch = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}",
                 "--cull-every=1"],
                env=environ | {"PATH": os.environ["PATH"]},
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                end = time.monotonic() + IDLE * 3
                while ola._ready("idle-one"):
                    assert time.monotonic() < end
                    time.sleep(0.3)
                time.sleep(2)
                assert ola._ready("busy-one")
            finally:
                watch.terminate()
                watch.wait()
        ola.stop_server("busy-one")


def quietly(kernel: WebKernel, code: str) -> None:
    with suppress(Refusal):  # it is ended in the middle
        kernel.execute(code)


def test_the_culler_may_stop_servers_and_nothing_else(world, kari):
    token = {"Authorization": f"token {culler(world)['JUPYTERHUB_API_TOKEN']}"}
    api = httpx.Client(base_url=f"{world.instance.url}/hub/api", headers=token)

    listed = {one["name"]: set(one) for one in api.get("/users").json()}
    assert "kari" in listed
    assert not {"groups", "roles", "auth_state"} & listed["kari"]
    for method, path in (
        ("POST", "/users/kari/servers/diabetes"),
        ("POST", "/users/kari/tokens"),
        ("GET", "/users/kari/tokens"),
        ("DELETE", "/users/kari"),
        ("POST", "/users"),
        ("GET", "/groups"),
        ("POST", "/shutdown"),
    ):
        assert api.request(method, path, json={}).status_code in (403, 404), (method, path)
    entered = httpx.get(f"{world.instance.url}/user/kari/diabetes/api/status", headers=token)
    assert entered.status_code in (302, 403)
