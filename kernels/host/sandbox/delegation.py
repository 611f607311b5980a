"""Which part of the unified control groups (version 2) is ours to divide among kernels."""

import contextlib
import os
from pathlib import Path

__all__ = ["own_subtree"]

_OURSELVES = "workbench-platform"
"""The leaf that the platform's own processes move to: a group with processes divides nothing."""
_MARKS = ("user.delegate", "trusted.delegate")
"""How systemd marks what it has given away with Delegate=yes."""
_ATTEMPTS = 20


def own_subtree(mount: Path, own: Path = Path("/proc/self/cgroup")) -> Path | None:
    """The folder in which we may make groups with limits, made ready for it; None if there is none.

    mount: where the unified hierarchy is mounted; own: the file that tells our own place in it.
    It is, in this order: the subtree that the service manager has delegated to us; all that a
    container sees, if it is a part of the host's; the host's root, when we are root. Raises
    OSError when the place is ours by right but the host refuses.
    """
    here = _here(mount, own)
    if here is not None and here.name == _OURSELVES:
        here = here.parent
    elif here is None or not (_is_delegated(here) or (here == mount and not _is_hosts_root(mount))):
        return mount if os.geteuid() == 0 else None
    if here == mount and _is_hosts_root(mount):
        return mount if os.geteuid() == 0 else None
    _move_out(here)
    return here


def _here(mount: Path, own: Path) -> Path | None:
    with contextlib.suppress(OSError):
        for line in own.read_text(encoding="utf-8").splitlines():
            if line.startswith("0::/") and ".." not in line:
                return mount / line.removeprefix("0::/")
    return None


def _is_hosts_root(folder: Path) -> bool:
    return not (folder / "cgroup.type").exists()


def _is_delegated(folder: Path) -> bool:
    for mark in _MARKS:
        with contextlib.suppress(OSError):
            if os.getxattr(folder, mark) == b"1":
                return True
    return False


def _move_out(folder: Path) -> None:
    """Into a leaf with every process of the folder; those that are born meanwhile too."""
    leaf = folder / _OURSELVES
    leaf.mkdir(exist_ok=True)
    for _ in range(_ATTEMPTS):
        numbers = (folder / "cgroup.procs").read_text(encoding="ascii").split()
        if not numbers:
            return
        for number in numbers:
            with contextlib.suppress(ProcessLookupError):
                (leaf / "cgroup.procs").write_text(number, encoding="ascii")
