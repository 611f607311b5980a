"""Other processes: those of the host, the sandbox's first, and siblings."""

import ctypes
import errno
import fcntl
import hashlib
import mmap
import os
import platform
import signal
import socket
from pathlib import Path

from kernels.inside.acts.trying import REFUSED, SCRATCH, Act, Host, Table, libc, reached

__all__ = ["TABLE"]

_CLONE = 56 if platform.machine() == "x86_64" else 220
_PTRACE = 101 if platform.machine() == "x86_64" else 117
_READV, _WRITEV = (310, 311) if platform.machine() == "x86_64" else (270, 271)
_SEIZE, _ATTACH = 0x4206, 16
_PR_SET_DUMPABLE, _PR_SET_MM = 4, 35


def _reads_process(host: Host) -> bool:
    # a process of the sandbox itself may have the same number
    told = Path(f"/proc/{host['pid']}/cmdline").read_bytes()
    return hashlib.sha256(told).hexdigest() == str(host["process"])


def _lists_processes(host: Host) -> bool:
    """More than a sandbox has, and the report's own among them."""
    found = {entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal()}
    return {str(host["pid"]), str(host["parent"])} <= found and len(found) > 5


def _sees_process(host: Host) -> bool:
    os.kill(host["pid"], 0)
    return _reads_process(host)


def _through_root(host: Host) -> bool:
    return _reads_process(host) and bool(list(Path(f"/proc/{host['pid']}/root/").iterdir()))


def _environment_of(host: Host) -> bool:
    return _reads_process(host) and bool(Path(f"/proc/{host['pid']}/environ").read_bytes())


def _first(name: str) -> Act:
    """The sandbox's first process is bubblewrap's: of the same account, outside of Landlock."""

    def act(_host: Host) -> bool:
        path = Path("/proc/1", name)
        if name == "fd":
            return any(entry.readlink() for entry in path.iterdir())
        if name == "root":
            return bool(list(path.iterdir()))
        return bool(path.read_bytes())

    return Act("Landlock", act, needs="landlock:1")


def _writes_first_memory(_host: Host) -> bool:
    os.close(os.open("/proc/1/mem", os.O_RDWR))
    return True


def _signals_first(_host: Host) -> bool:
    os.kill(1, 0)
    return True


def _sibling() -> int:
    child = os.fork()
    if child == 0:
        signal.alarm(5)
        signal.pause()
    return child


def _traces(request: int) -> Act:
    def act(_host: Host) -> bool:
        child = _sibling()
        try:
            return int(libc.syscall(_PTRACE, request, child, None, None)) == 0
        finally:
            os.kill(child, signal.SIGKILL)

    return Act("calls: ptrace", act)


class _Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _copies(number: int) -> Act:
    """Memory of a sibling, at an address that both have since the fork."""

    def act(_host: Host) -> bool:
        shared = ctypes.create_string_buffer(b"canary", 6)
        piece = _Piece(ctypes.addressof(shared), 6)
        child = _sibling()
        try:
            done = libc.syscall(number, child, ctypes.byref(piece), 1, ctypes.byref(piece), 1, 0)
            return int(done) == 6
        finally:
            os.kill(child, signal.SIGKILL)

    return Act("calls: memory of others", act)


def _sibling_memory(_host: Host) -> bool:
    child = _sibling()
    try:
        os.close(os.open(f"/proc/{child}/mem", os.O_RDONLY))
    finally:
        os.kill(child, signal.SIGKILL)
    return True


def _dumpable(_host: Host) -> bool:
    return int(libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)) == 0


def _moves_memory(_host: Host) -> bool:
    libc.prctl(_PR_SET_MM, 99, 0, 0, 0)
    return ctypes.get_errno() not in REFUSED


def _new_namespace(flag: int) -> Act:
    def act(_host: Host) -> bool:
        child = int(libc.syscall(_CLONE, flag | signal.SIGCHLD, 0, 0, 0, 0))
        if child == 0:
            os._exit(0)
        return child > 0

    return Act("checked: clone", act)


def _senseless_namespace(_host: Host) -> bool:
    """A thread that shares its file system and has a new one: the kernel itself says no."""
    libc.syscall(_CLONE, 0x00020000 | 0x00000200 | signal.SIGCHLD, 0, 0, 0, 0)
    return ctypes.get_errno() == errno.EINVAL


def _types_into_terminal(_host: Host) -> bool:
    """Asked of a socket: the request is refused before anybody looks what it is asked of."""
    with socket.socket(socket.AF_UNIX) as anything:
        try:
            fcntl.ioctl(anything, 0x5412, b"x")  # TIOCSTI
        except OSError as error:
            return error.errno not in REFUSED
    return True


def _old_personality(_host: Host) -> bool:
    return int(libc.personality(0x0040000)) >= 0


def _machine_code(code: bytes) -> int:
    with mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7) as page:
        page.write(code)
        start = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return int(ctypes.CFUNCTYPE(ctypes.c_int)(start)())


def _enters_as_32_bit(_host: Host) -> bool:
    # mov eax, 20 (getpid); int 0x80; ret
    return _machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3") > 0


def _enters_as_x32(_host: Host) -> bool:
    return reached(0x40000000 | 39)


def _becomes_root(_host: Host) -> bool:
    os.setresuid(0, 0, 0)
    return True


def _joins_group(_host: Host) -> bool:
    os.setgroups([0])
    return True


def _makes_device(_host: Host) -> bool:
    path = Path(SCRATCH, f".act-{os.getpid()}")
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))
    path.unlink()
    return True


def _gives_away(_host: Host) -> bool:
    path = Path(SCRATCH, f".act-{os.getpid()}")
    path.touch()
    try:
        os.chown(path, 12345, 12345)
    finally:
        path.unlink()
    return True


def _maps_root(_host: Host) -> bool:
    """Write a user map of its own."""
    with open("/proc/self/setgroups", "w", encoding="ascii"):  # noqa: PTH123 - only opened
        return True


def _hurries(_host: Host) -> bool:
    os.nice(-5)
    return True


def _real_time(_host: Host) -> bool:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return True


def _spared(_host: Host) -> bool:
    """Be the last that the host's memory killer takes."""
    Path("/proc/self/oom_score_adj").write_text("-500", encoding="ascii")
    return True


TABLE: Table = {
    "list the processes of the host": Act("private /proc", _lists_processes),
    "see a process of the host": Act("private /proc", _sees_process),
    "read a process of the host": Act("private /proc", _reads_process),
    "read the host's files through a process": Act("private /proc", _through_root),
    "read the environment of a process of the host": Act("private /proc", _environment_of),
    **{f"read /proc/1/{name}": _first(name) for name in ("environ", "maps", "root", "fd")},
    "write the first process's memory": Act("read-only /proc", _writes_first_memory),
    "signal the first process": Act("Landlock", _signals_first, needs="landlock:6"),
    "trace a sibling": _traces(_SEIZE),
    "attach to a sibling": _traces(_ATTACH),
    "read a sibling's memory by a call": _copies(_READV),
    "write a sibling's memory by a call": _copies(_WRITEV),
    "read a sibling's memory": Act("not dumpable", _sibling_memory),
    "become dumpable": Act("checked: prctl", _dumpable),
    "move its own memory's borders": Act("checked: prctl", _moves_memory),
    "make a user namespace": _new_namespace(0x10000000)._replace(layer="no nested namespaces"),
    "make a mount namespace": Act("checked: clone", _senseless_namespace),
    "make a network namespace": _new_namespace(0x40000000),
    "make a process namespace": _new_namespace(0x20000000),
    "type into a terminal": Act("checked: ioctl", _types_into_terminal),
    "lay out memory as it was once": Act("checked: personality", _old_personality),
    "enter the kernel as a 32-bit program": Act(
        "system call filter", _enters_as_32_bit, needs="x86_64"
    ),
    "enter the kernel as an x32 program": Act("system call filter", _enters_as_x32, "x86_64"),
    "become root": Act("calls: identity", _becomes_root),
    "join a group": Act("calls: identity", _joins_group),
    "give a file away": Act("calls: identity", _gives_away),
    "make a device": Act("calls: devices and attributes", _makes_device),
    "write a user map": Act("read-only /proc", _maps_root),
    "hurry before others": Act("no capabilities", _hurries),
    "take the processor for itself": Act("no capabilities", _real_time),
    "outlive the memory killer": Act("read-only /proc", _spared),
}
