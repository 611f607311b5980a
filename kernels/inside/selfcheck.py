"""The sandbox proves itself from within, before a kernel is handed over (stdlib only, fast).

All but Landlock is looked at before Landlock closes /proc.
"""

import ctypes
import errno
import os
import resource
import socket
import stat
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from kernels.inside import landlock

__all__ = ["failed_checks", "tied_down"]

_HOST_ONLY = ("/root", "/home", "/sys/kernel", "/var", "/boot", "/etc/passwd")
_DEVICES = "console fuse kmsg kvm loop-control mem net port ptp0 rtc0 userfaultfd vda vsock sda"
_OWN = {"/tmp", "/dev/shm", "/outbox", "/dev/pts"}  # noqa: S108 - inside the sandbox
_PR_GET_DUMPABLE = 3

Task = Mapping[str, Any]


def failed_checks(task: Task, descriptors: Collection[int]) -> list[str]:
    """Names of the checks that failed; empty when the sandbox holds.

    task: the start-up paper, which says how the host sees itself; descriptors: those that may be
    open beside 0 to 2.
    """
    told = {**task, "open": {0, 1, 2, *descriptors}}
    return [name for name, holds in _CHECKS.items() if not _quietly(holds, told)]


def tied_down() -> bool:
    """Whether Landlock holds; true where the host has none: then the mounts stand alone."""
    if landlock.abi() == 0:
        return True
    for attempt in (
        lambda: os.listdir("/"),  # noqa: PTH208 - names only
        lambda: os.listdir("/outbox"),  # noqa: PTH208 - names only
        lambda: os.close(os.open("/proc/self/status", os.O_RDONLY)),
    ):
        try:
            attempt()
        except PermissionError:
            continue
        return False
    return True


def _quietly(check: Callable[[Task], bool], task: Task) -> bool:
    try:
        return check(task)
    except OSError:
        return False


def _names(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]


def _no_network_socket(_task: Task) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
        try:
            socket.socket(family, socket.SOCK_DGRAM).close()
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT:
                return False
        else:
            return False
    return True


def _not_root(_task: Task) -> bool:
    return 0 not in {*os.getresuid(), *os.getresgid(), *os.getgroups()}


def _own_processes_only(_task: Task) -> bool:
    return len([name for name in _names("/proc") if name.isdecimal()]) <= 3


def _own_namespaces(task: Task) -> bool:
    foreign: Mapping[str, str] = task["foreign"]
    return all(
        Path(f"/proc/self/ns/{kind}").readlink() != Path(name) for kind, name in foreign.items()
    )


def _own_session(_task: Task) -> bool:
    return os.getsid(0) != 0


def _status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _confined(_task: Task) -> bool:
    status = _status()
    return status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"


def _not_dumpable(_task: Task) -> bool:
    return int(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)) == 0


def _no_capabilities(_task: Task) -> bool:
    status = _status()
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    return all(int(status[name], 16) == 0 for name in names)


def _mounts(_task: Task) -> bool:
    """Only the sandbox's own file systems can be written, and nothing gains rights by a file."""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        place, options = line.split()[4:6]
        told = set(options.split(","))
        node = stat.S_ISCHR(Path(place).lstat().st_mode)
        if "nosuid" not in told or ("ro" not in told and place not in _OWN and not node):
            return False
        if "nodev" not in told and not node and place != "/dev/pts":
            return False
    return True


def _only_processes_in_proc(_task: Task) -> bool:
    """Everything else in /proc is covered: empty, a device, or for root's eyes only."""
    for name in _names("/proc"):
        path = f"/proc/{name}"
        mode = Path(path).lstat().st_mode
        if name.isdecimal() or stat.S_ISLNK(mode) or stat.S_ISCHR(mode):
            continue
        if _names(path) if stat.S_ISDIR(mode) else mode & 0o066:
            return False
    return True


def _harmless_devices(_task: Task) -> bool:
    return not any(os.path.lexists(f"/dev/{name}") for name in _DEVICES.split())


def _limits(task: Task) -> bool:
    for name, value in task["limits"].items():
        for found in resource.getrlimit(getattr(resource, f"RLIMIT_{name}")):
            if found == resource.RLIM_INFINITY or found > value:
                return False
    return True


def _environment(task: Task) -> bool:
    return os.environ.keys() <= {*task["names"], "PWD"}


def _descriptors(task: Task) -> bool:
    found = set(range(3))
    for name in _names("/proc/self/fd"):
        if os.path.lexists(f"/proc/self/fd/{name}"):  # not the one that lists
            found.add(int(name))
    silent = all(os.path.samestat(os.fstat(n), Path("/dev/null").stat()) for n in range(3))
    allowed: set[int] = task["open"]
    return silent and found <= allowed


def _host_hidden(_task: Task) -> bool:
    return not any(Path(path).exists() for path in _HOST_ONLY)


_CHECKS: dict[str, Callable[[Task], bool]] = {
    "no_network": _no_network_socket,
    "not_root": _not_root,
    "own_processes_only": _own_processes_only,
    "own_namespaces": _own_namespaces,
    "own_session": _own_session,
    "confined": _confined,
    "not_dumpable": _not_dumpable,
    "no_capabilities": _no_capabilities,
    "mounts": _mounts,
    "only_processes_in_proc": _only_processes_in_proc,
    "harmless_devices": _harmless_devices,
    "limits": _limits,
    "environment": _environment,
    "descriptors": _descriptors,
    "host_hidden": _host_hidden,
}
