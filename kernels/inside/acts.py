"""Forbidden acts, each tried in a process of its own; the same file runs in and out of a sandbox.

Not imported: the isolation report (kernels.host.report) runs its text with a `PARAMETERS` line
before it: {"numbers": system calls, "host": what the host has laid out, "report": where to write}.
An act returns True when it could be done. Every one is harmless where it is allowed: arguments
are invalid, or what it does ends with its process.
"""

import ctypes
import errno
import fcntl
import hashlib
import json
import mmap
import os
import resource
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["run_acts"]

_libc = ctypes.CDLL(None, use_errno=True)
_REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS}
_PATIENCE = 5  # seconds an act may take
_CLONE = 56 if os.uname().machine == "x86_64" else 220
Act = Callable[[dict[str, Any]], bool]


def run_acts(parameters: dict[str, Any]) -> list[dict[str, str]]:
    """Try every act: [{"name", "layer", "result": "ALLOWED" or "BLOCKED"}]."""
    table = {**_calls(parameters["numbers"]), **_ACTS}
    wanted = parameters.get("only") or table
    return [
        {"name": name, "layer": table[name][0], "result": _try(table[name][1], parameters["host"])}
        for name in table
        if name in wanted
    ]


def _try(act: Act, host: dict[str, Any]) -> str:
    child = os.fork()
    if child == 0:
        signal.alarm(_PATIENCE)
        done = False
        try:
            done = act(host)
        except BaseException:  # noqa: BLE001 - whatever stops it, it was stopped
            done = False
        os._exit(0 if done else 1)
    _, status = os.waitpid(child, 0)
    return "ALLOWED" if status == 0 else "BLOCKED"


def _calls(numbers: dict[str, int]) -> dict[str, tuple[str, Act]]:
    """System calls with arguments that the kernel itself would refuse, had it been reached."""

    def reaches(number: int, arguments: tuple[int | bytes | None, ...]) -> Act:
        def act(_host: dict[str, Any]) -> bool:
            result = _libc.syscall(number, *arguments)
            return result >= 0 or ctypes.get_errno() not in _REFUSED

        return act

    return {
        f"call {name}": ("system calls", reaches(numbers[name], arguments))
        for name, arguments in _CALLS.items()
        if name in numbers
    }


_CALLS: dict[str, tuple[int | bytes | None, ...]] = {
    "unshare": (0x10000000,),
    "setns": (-1, 0),
    "clone3": (None, 0),
    "mount": (None, None, None, 0, None),
    "umount2": (b"/proc/self", 0),
    "pivot_root": (None, None),
    "chroot": (b"/",),
    "fsopen": (None, 0),
    "open_tree": (-1, None, 0),
    "move_mount": (-1, None, -1, None, 0),
    "mount_setattr": (-1, None, 0, None, 0),
    "ptrace": (0, 0, None, None),
    "process_vm_readv": (0, None, 0, None, 0, 0),
    "pidfd_getfd": (-1, 0, 0),
    "kcmp": (0, 0, 0, 0, 0),
    "bpf": (0, None, 0),
    "perf_event_open": (None, 0, -1, -1, 0),
    "userfaultfd": (1,),
    "keyctl": (0, -3, 0),
    "add_key": (None, None, None, 0, 0),
    "io_uring_setup": (0, None),
    "finit_module": (-1, None, 0),
    "kexec_load": (0, 0, None, -1),
    "reboot": (0, 0, 0, None),
    "swapon": (None, 0),
    "acct": (b"/nowhere/at/all",),
    "quotactl": (-1, None, 0, None),
    "syslog": (10, None, 0),
    "settimeofday": (None, None),
    "clock_settime": (99, None),
    "sethostname": (None, -1),
    "seccomp": (2, 0, None),
    "personality": (0x0040000,),
    "open_by_handle_at": (-1, None, 0),
    "name_to_handle_at": (-1, None, None, None, 0),
    "execveat": (-1, None, None, None, 0),
    "fanotify_init": (0, 0),
    "modify_ldt": (0, None, 0),
    "shmget": (0, 0, 0),
    "mq_open": (None, 0, 0, None),
    "sysinfo": (None,),
    "capset": (None, None),
}


def _new_user_namespace(_host: dict[str, Any]) -> bool:
    flags = 0x10000000 | signal.SIGCHLD
    child = int(_libc.syscall(_CLONE, flags, 0, 0, 0, 0))
    if child == 0:
        os._exit(0)
    return child > 0


def _internet_socket(_host: dict[str, Any]) -> bool:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    return True


def _loopback(host: dict[str, Any]) -> bool:
    socket.create_connection(("127.0.0.1", host["port"]), timeout=2).close()
    return True


def _family(family: int, kind: int, protocol: int = 0) -> Act:
    def act(_host: dict[str, Any]) -> bool:
        socket.socket(family, kind, protocol).close()
        return True

    return act


def _abstract_socket(host: dict[str, Any]) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\0" + host["abstract"])
    return True


def _path_socket(host: dict[str, Any]) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(host["socket"])
    return True


def _reads(key: str) -> Act:
    def act(host: dict[str, Any]) -> bool:
        return bool(Path(host[key]).read_bytes())

    return act


def _reads_path(path: str) -> Act:
    def act(_host: dict[str, Any]) -> bool:
        return bool(Path(path).read_bytes())

    return act


def _appends(key: str) -> Act:
    def act(host: dict[str, Any]) -> bool:
        with Path(host[key]).open("ab"):
            return True

    return act


def _sees_process(host: dict[str, Any]) -> bool:
    os.kill(host["pid"], 0)
    try:
        return _reads_process(host)
    except OSError:
        return True


def _reads_process(host: dict[str, Any]) -> bool:
    # A process of the sandbox itself may have the same number.
    told = Path(f"/proc/{host['pid']}/cmdline").read_bytes()
    return bool(hashlib.sha256(told).hexdigest() == host["process"])


def _writes_first_memory(_host: dict[str, Any]) -> bool:
    os.close(os.open("/proc/1/mem", os.O_RDWR))
    return True


def _makes(folder: str) -> Act:
    def act(_host: dict[str, Any]) -> bool:
        path = Path(folder, f".workbench-act-{os.getpid()}")
        path.mkdir()
        path.rmdir()
        return True

    return act


def _lists(folder: str) -> Act:
    def act(_host: dict[str, Any]) -> bool:
        return bool(list(Path(folder).iterdir()))

    return act


def _replaces_engine(host: dict[str, Any]) -> bool:
    path = Path(host["engine"])
    moved = path.with_name("moved")
    path.rename(moved)
    moved.rename(path)
    return True


def _environment(host: dict[str, Any]) -> bool:
    return host["canary"] in os.environ.values()


def _becomes_root(_host: dict[str, Any]) -> bool:
    os.setresuid(0, 0, 0)
    return True


def _drops_groups(_host: dict[str, Any]) -> bool:
    os.setgroups([0])
    return True


def _makes_device(_host: dict[str, Any]) -> bool:
    path = f"/tmp/.act-{os.getpid()}"  # noqa: S108 - where a program would try it
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))
    Path(path).unlink()
    return True


def _gives_away(_host: dict[str, Any]) -> bool:
    path = Path(f"/tmp/.act-{os.getpid()}")  # noqa: S108 - where a program would try it
    path.touch()
    try:
        os.chown(path, 12345, 12345)
    finally:
        path.unlink()
    return True


def _runs_copied_program(_host: dict[str, Any]) -> bool:
    path = Path(f"/tmp/.act-{os.getpid()}")  # noqa: S108 - where a program would try it
    shutil.copyfile(sys.executable, path)
    path.chmod(0o700)
    child = os.fork()
    if child == 0:
        os.execv(path, [str(path), "-S", "-c", "pass"])  # noqa: S606 - that is the act
    _, status = os.waitpid(child, 0)
    path.unlink()
    return status == 0


def _runs_shell(_host: dict[str, Any]) -> bool:
    return os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", "true"]) == 0  # noqa: S606


def _raises_limit(_host: dict[str, Any]) -> bool:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY:
        return True
    resource.setrlimit(resource.RLIMIT_DATA, (hard, resource.RLIM_INFINITY))
    return True


def _maps_memory(host: dict[str, Any]) -> bool:
    mmap.mmap(-1, host["memory"] + (64 << 20), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    return True


def _fills_disk(host: dict[str, Any]) -> bool:
    path = Path(f"/tmp/.act-{os.getpid()}")  # noqa: S108 - where a program would try it
    try:
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, host["scratch"] + (1 << 20))
    finally:
        path.unlink(missing_ok=True)
    return True


def _types_into_terminal(_host: dict[str, Any]) -> bool:
    _, terminal = os.openpty()
    try:
        fcntl.ioctl(terminal, 0x5412, b"x")  # TIOCSTI
    except OSError as error:
        return error.errno not in _REFUSED
    return True


def _dumpable(_host: dict[str, Any]) -> bool:
    return int(_libc.prctl(4, 1, 0, 0, 0)) == 0


_ACTS: dict[str, tuple[str, Act]] = {
    "make an internet socket": ("network", _internet_socket),
    "reach the host's loopback": ("network", _loopback),
    "make an IPv6 socket": ("network", _family(socket.AF_INET6, socket.SOCK_DGRAM)),
    "make a raw socket": ("network", _family(socket.AF_INET, socket.SOCK_RAW, 1)),
    "make a packet socket": ("network", _family(17, socket.SOCK_RAW)),
    "make a netlink socket": ("network", _family(16, socket.SOCK_RAW)),
    "make a vsock socket": ("network", _family(40, socket.SOCK_STREAM)),
    "make a kernel crypto socket": ("network", _family(38, socket.SOCK_SEQPACKET)),
    "reach an abstract socket of the host": ("network", _abstract_socket),
    "reach a socket in the host's files": ("mounts", _path_socket),
    "replace the engine's socket": ("mounts", _replaces_engine),
    "read another project's rows": ("mounts", _reads("rows")),
    "read a key file": ("mounts", _reads("key")),
    "read /etc/passwd": ("mounts", _reads_path("/etc/passwd")),
    "change the view": ("mounts", _appends("view")),
    "change the start-up code": ("mounts", _appends("code")),
    "change the packages": ("mounts", _appends("package")),
    "write to /": ("mounts", _makes("/")),
    "write to /dev": ("mounts", _makes("/dev")),
    "write to /run": ("mounts", _makes("/run")),
    "list /sys": ("mounts", _lists("/sys")),
    "list /": ("Landlock", _lists("/")),
    "read the host's load": ("mounts", _reads_path("/proc/loadavg")),
    "read the host's memory use": ("mounts", _reads_path("/proc/meminfo")),
    "read the host's counters": ("mounts", _reads_path("/proc/stat")),
    "read kernel addresses": ("mounts", _reads_path("/proc/kallsyms")),
    "run a shell": ("mounts", _runs_shell),
    "run a copied program": ("Landlock", _runs_copied_program),
    "see a process of the host": ("processes", _sees_process),
    "read a process of the host": ("processes", _reads_process),
    "write the first process's memory": ("processes", _writes_first_memory),
    "make a user namespace": ("system calls", _new_user_namespace),
    "type into a terminal": ("system calls", _types_into_terminal),
    "become dumpable": ("system calls", _dumpable),
    "become root": ("identity", _becomes_root),
    "join a group": ("identity", _drops_groups),
    "make a device": ("identity", _makes_device),
    "give a file away": ("identity", _gives_away),
    "read the daemon's environment": ("environment", _environment),
    "raise a limit": ("limits", _raises_limit),
    "map more memory than allowed": ("limits", _maps_memory),
    "fill the disk": ("limits", _fills_disk),
}


if "PARAMETERS" in globals():
    _given: dict[str, Any] = globals()["PARAMETERS"]
    _found = json.dumps(run_acts(_given))
    Path(_given["report"]).write_text(_found, encoding="ascii")
