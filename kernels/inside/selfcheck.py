"""The sandbox proves itself from within, before a kernel is handed over (stdlib only, fast)."""

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

__all__ = ["failed_checks"]

_HOST_ONLY = ("/root", "/home", "/sys/kernel", "/var", "/boot", "/etc/passwd")


def failed_checks() -> list[str]:
    """Names of the checks that failed; empty when the sandbox holds."""
    return [name for name, holds in _CHECKS.items() if not _quietly(holds)]


def _quietly(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except OSError:
        return False


def _no_network_socket() -> bool:
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
        try:
            socket.socket(family, socket.SOCK_DGRAM).close()
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT:
                return False
        else:
            return False
    return True


def _not_root() -> bool:
    return 0 not in {*os.getresuid(), *os.getresgid(), *os.getgroups()}


def _own_processes_only() -> bool:
    return len([entry for entry in Path("/proc").iterdir() if entry.name.isdecimal()]) <= 3


def _status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _confined() -> bool:
    status = _status()
    return status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"


def _no_capabilities() -> bool:
    status = _status()
    return all(int(status[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"))


def _read_only() -> bool:
    for folder in ("/", "/dev", "/opt/workbench", "/run"):
        try:
            Path(folder, ".workbench-check").mkdir()
        except OSError as error:
            if error.errno not in {errno.EROFS, errno.EACCES, errno.ENOENT}:
                return False
        else:
            return False
    return True


def _host_hidden() -> bool:
    return not any(Path(path).exists() for path in _HOST_ONLY)


_CHECKS: dict[str, Callable[[], bool]] = {
    "no_network": _no_network_socket,
    "not_root": _not_root,
    "own_processes_only": _own_processes_only,
    "confined": _confined,
    "no_capabilities": _no_capabilities,
    "read_only": _read_only,
    "host_hidden": _host_hidden,
}
