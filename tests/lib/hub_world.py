"""A real hub and proxy for tests: an instance with accounts and permits, and a plain gate."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx

from kernels.host.sandbox.keeper import hold
from tests.lib.plain_gate import PlainGate
from workbench.adapters.hub.accounts import add_account
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.settings import free_ports
from workbench.adapters.runtime import make_runtime
from workbench.adapters.sql import open_records
from workbench.domain.audit import AuditEvent, What
from workbench.domain.permit import DatasetGrant, Member, Permit
from workbench.ports import Records
from workbench.settings import Instance

PASSWORD = "four words make a password"
CONFIG = Path(__file__).with_name("hub_test_config.py")
CODE = Path(__file__).parents[2]


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def permit(project: str, *users: str, until: date | None = None, sealed: bool = False) -> Permit:
    """A permit that began yesterday."""
    today = datetime.now(UTC).date()
    return Permit(
        project=project,
        title="A project",
        purpose="To test",
        valid_from=min(today - timedelta(days=1), until or today),
        valid_until=until or today + timedelta(days=30),
        members=tuple(Member(user=user) for user in users),
        datasets=(DatasetGrant(dataset="persons", variables=("sex",)),),
        sealed_runs=sealed,
    )


def grant(records: Records, held: Permit, view: str = "v1") -> None:
    """Put a permit and its view into the records."""
    event = AuditEvent(What.PERMIT_GRANT, "os:test", f"project/{held.project}")
    records.permits.grant(held, event)
    if view:
        built = AuditEvent(What.DATA_VIEW_BUILD, "os:test", f"project/{held.project}")
        records.permits.set_view(held.project, view, built)


@dataclass
class World:
    """What a test of the hub has at hand."""

    instance: Instance
    records: Records
    gate: "PlainGate | RealGate"
    log: Path
    hub: "subprocess.Popen[bytes]"
    serving: int

    def stop_serving(self) -> None:
        """As the end of `workbench up` does."""
        if self.serving >= 0:
            os.close(self.serving)
            self.serving = -1

    def kill_hub(self) -> None:
        """As a crash does."""
        os.kill(self.hub.pid, signal.SIGKILL)
        self.hub.wait()

    def start_hub(self) -> None:
        """Another hub after the one that has ended."""
        self.hub = _start(self.instance, self.log)
        _wait(self.instance.url, self.hub, self.log)

    def client(self, user: str) -> HubClient:
        """A client that has signed in."""
        client = HubClient(self.instance.url)
        client.sign_in(user, PASSWORD)
        return client


class RealGate:
    """The gate daemon of an instance as a process of its own; there is no engine behind it."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        log = self._instance.zone("logs") / "gated.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "workbench", "gated"],
                cwd=CODE,
                stdout=output,
                stderr=output,
                env=os.environ | {"WORKBENCH_INSTANCE": str(self._instance.root)},
                start_new_session=True,
            )
        end = time.monotonic() + 30
        while not (accepts(self._instance.socket("gated")) and process.poll() is None):
            assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
            time.sleep(0.05)
        return process

    def restart(self) -> None:
        self.process.wait()
        self.process = self._start()

    def close(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.process.kill()


def accepts(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


@contextmanager
def hub_world(
    root: Path,
    *,
    real_gate: bool = False,
    prepare: Callable[[Instance], None] = lambda _: None,
    awaited: float | None = None,
) -> Iterator[World]:
    """Start the hub of a new instance in `root`; everything is gone at the end.

    real_gate: kernels in real sandboxes, made by the real daemon. prepare: what is laid into the
    instance before its hub starts. awaited: seconds that servers wait for a hub.
    """
    instance = Instance.create(root, "test", port=free_ports(1)[0])
    records = open_records(instance.database, Now())
    for user in ("kari", "ola"):
        add_account(instance, user, PASSWORD)
    grant(records, permit("diabetes", "kari", sealed=False))
    grant(records, permit("unbuilt", "kari"), view="")
    prepare(instance)
    make_runtime(instance)
    gate: PlainGate | RealGate
    if real_gate:
        gate = RealGate(instance)
    else:
        gate = PlainGate(instance.socket("gated"), instance.socket("admin"))
    if awaited is not None:
        (root / "awaited").write_text(str(awaited))
    serving = hold(str(instance.serving))  # as `workbench up` does
    log = root / "hub.log"
    world = World(instance, records, gate, log, _start(instance, log), serving)
    try:
        _wait(instance.url, world.hub, log)
        yield world
    finally:
        world.stop_serving()
        world.hub.send_signal(signal.SIGTERM)
        try:
            world.hub.wait(40)
        except subprocess.TimeoutExpired:
            world.hub.kill()
            world.hub.wait()
        gate.close()
        shutil.rmtree(instance.runtime, ignore_errors=True)
        records.close()  # type: ignore[attr-defined] # the SQL records have it


def _start(instance: Instance, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)],
            cwd=instance.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | {"WORKBENCH_INSTANCE": str(instance.root)},
            start_new_session=True,
        )


def _wait(url: str, hub: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and hub.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/hub/health", timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-4000:])
