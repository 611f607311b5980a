"""Files that are not there, cannot be written, or cannot be read back."""

import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from kernels.inside.acts.trying import SCRATCH, Act, Host, Table

__all__ = ["TABLE"]

_OWN, _READ_ONLY, _LANDLOCK, _PROC = (
    "own mounts only",
    "read-only mounts",
    "Landlock",
    "covered /proc",
)
_COUNTERS = (
    "loadavg meminfo stat uptime vmstat interrupts softirqs diskstats cpuinfo version partitions "
    "swaps locks kallsyms key-users cmdline buddyinfo zoneinfo pressure/cpu sysvipc/shm "
    "sys/kernel/random/boot_id sys/fs/file-nr sys/kernel/pty/nr sys/kernel/ns_last_pid"
)
"""Of /proc: what tells of the host, or changes with what other kernels do."""
_NAME = f".workbench-act-{os.getpid()}"


def _reads(key: str) -> Act:
    return Act(_OWN, lambda host: bool(Path(host[key]).read_bytes()))


def _reads_path(path: str, layer: str) -> Act:
    return Act(layer, lambda _host: bool(Path(path).read_bytes()))


def _appends(key: str) -> Act:
    def act(host: Host) -> bool:
        with Path(host[key]).open("ab"):
            return True

    return Act(_READ_ONLY, act)


def _makes(folder: str, layer: str) -> Act:
    def act(_host: Host) -> bool:
        path = Path(folder, _NAME)
        path.mkdir()
        path.rmdir()
        return True

    return Act(layer, act)


def _lists(folder: str, layer: str) -> Act:
    return Act(layer, lambda _host: bool(list(Path(folder).iterdir())))


def _replaces_engine(host: Host) -> bool:
    path = Path(host["engine"])
    moved = path.with_name("moved")
    path.rename(moved)
    moved.rename(path)
    return True


def _in_outbox(make: Callable[[Path], object], needs: str = "landlock:1") -> Act:
    """Make something in the outbox and take it away again."""

    def act(host: Host) -> bool:
        path = Path(host["outbox"], _NAME)
        made = make(path)
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
        return made is not False

    return Act(_LANDLOCK, act, needs=needs)


def _reads_back(path: Path) -> bool:
    path.write_bytes(b"x")
    return path.read_bytes() == b"x"


def _binds(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _lists_outbox(host: Host) -> bool:
    Path(host["outbox"], _NAME).touch()
    try:
        return bool(list(Path(host["outbox"]).iterdir()))
    finally:
        Path(host["outbox"], _NAME).unlink()


def _runs_copied_program(_host: Host) -> bool:
    path = Path(SCRATCH, _NAME)
    shutil.copyfile(sys.executable, path)
    path.chmod(0o700)
    child = os.fork()
    if child == 0:
        try:
            os.execv(path, [str(path), "-S", "-c", "pass"])  # noqa: S606 - that is the act
        finally:
            os._exit(77)
    _, status = os.waitpid(child, 0)
    path.unlink()
    return os.waitstatus_to_exitcode(status) != 77


def _runs_shell(_host: Host) -> bool:
    return os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", "true"]) == 0  # noqa: S606


def _terminal(_host: Host) -> bool:
    os.close(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
    return True


TABLE: Table = {
    "replace the engine's socket": Act(_READ_ONLY, _replaces_engine),
    "read another project's rows": _reads("rows"),
    "read a key file": _reads("key"),
    "read /etc/passwd": _reads_path("/etc/passwd", _OWN),
    "read the machine's id": _reads_path("/etc/machine-id", _OWN),
    "list /sys": _lists("/sys", _OWN),
    "run a shell": Act(_OWN, _runs_shell),
    "change the view": _appends("view"),
    "change the start-up code": _appends("code"),
    "change the packages": _appends("package"),
    "write to /": _makes("/", "read-only root"),
    "write to /run": _makes("/run", "read-only root"),
    "write to /dev": _makes("/dev", "read-only /dev"),
    **{f"read /proc/{name}": _reads_path(f"/proc/{name}", _PROC) for name in _COUNTERS.split()},
    "list /": _lists("/", _LANDLOCK)._replace(needs="landlock:1"),
    "see who else uses a shared page": _reads_path("/proc/self/smaps", _LANDLOCK)._replace(
        needs="landlock:1"
    ),
    "count the users of a shared page": _reads_path("/proc/self/numa_maps", _LANDLOCK)._replace(
        needs="landlock:1"
    ),
    "read the host's count of sockets": _reads_path("/proc/net/sockstat", _LANDLOCK)._replace(
        needs="landlock:1"
    ),
    "run a copied program": Act(_LANDLOCK, _runs_copied_program, needs="landlock:1"),
    "make a terminal": Act(_LANDLOCK, _terminal, needs="landlock:1"),
    "read the outbox back": _in_outbox(_reads_back),
    "list the outbox": Act(_LANDLOCK, _lists_outbox, needs="landlock:1"),
    "make a folder in the outbox": _in_outbox(Path.mkdir),
    "make a link in the outbox": _in_outbox(lambda path: path.symlink_to("/proc/self/environ")),
    "make a socket in the outbox": _in_outbox(_binds),
}
