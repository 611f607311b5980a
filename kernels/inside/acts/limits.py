"""More than a kernel may have: each limit by itself, and by trying to pass it."""

import ctypes
import mmap
import os
import resource
import select
import signal
from pathlib import Path

from kernels.inside.acts.trying import SCRATCH, Act, Host, Table, libc

__all__ = ["TABLE"]

_LIMITS = "CORE DATA FSIZE MEMLOCK MSGQUEUE NICE NOFILE NPROC RTPRIO SIGPENDING"


def _exceeds(name: str) -> Act:
    def act(host: Host) -> bool:
        told = host["limits"][name]
        found = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
        return any(each == resource.RLIM_INFINITY or each > told for each in found)

    return Act(f"limit {name}", act)


def _raises(_host: Host) -> bool:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_DATA, (hard, resource.RLIM_INFINITY))
    return True


def _maps_memory(host: Host) -> bool:
    mmap.mmap(-1, host["memory"] + (64 << 20), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    return True


def _writes_large_file(host: Host) -> bool:
    path = Path(SCRATCH, f".act-{os.getpid()}")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with path.open("wb") as file:
            file.truncate(host["limits"]["FSIZE"] + 1)
    finally:
        path.unlink(missing_ok=True)
    return True


def _fills(place: str, size: str) -> Act:
    """Several files, each of a size that is allowed."""
    names = {
        "scratch": "size of /tmp",
        "shared": "size of /dev/shm",
        "outbox_size": "size of the outbox",
    }

    def act(host: Host) -> bool:
        folder = host["outbox"] if place == "outbox" else place
        paths = [Path(folder, f".act-{os.getpid()}-{number}") for number in range(5)]
        try:
            for path in paths:
                with path.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, host[size] // 4)
        finally:
            for path in paths:
                path.unlink(missing_ok=True)
        return True

    return Act(names[size], act)


def _locks_memory(host: Host) -> bool:
    size = host["limits"]["MEMLOCK"] + (1 << 20)
    with mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as pages:
        start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        return int(libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(size))) == 0


def _many_processes_memory(host: Host) -> bool:
    """Four processes, each below its own limit, together above the kernel's."""
    told, tell = os.pipe()
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            signal.alarm(8)
            held = b"x" * (host["alone_memory"] * 2 // 5)
            os.write(tell, held[:1])
            signal.pause()
        children.append(child)
    os.close(tell)
    done = 0
    while done < 4:  # who is killed does not tell; when all are gone the pipe ends
        if any(os.waitpid(child, os.WNOHANG)[0] for child in children):
            break
        readable, _, _ = select.select([told], [], [], 0.02)
        if readable:
            done += len(os.read(told, 4))
    for child in children:
        os.kill(child, signal.SIGKILL)
    return done == 4


def _many_memory_files(host: Host) -> bool:
    """Files in memory without a name, together above the kernel's limit."""
    for _ in range(4):
        held = os.memfd_create("act")
        os.posix_fallocate(held, 0, host["alone_memory"] * 2 // 5)
    return True


def _many_processes(host: Host) -> bool:
    children = []
    try:
        for _ in range(host["alone_processes"] + 1):
            child = os.fork()
            if child == 0:
                signal.alarm(8)
                signal.pause()
            children.append(child)
    except OSError:
        return False
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return True


TABLE: Table = {
    **{f"exceed the limit {name}": _exceeds(name) for name in _LIMITS.split()},
    "raise a limit": Act("limit DATA", _raises),
    "map more memory than allowed": Act("limit DATA", _maps_memory),
    "write a larger file than allowed": Act("limit FSIZE", _writes_large_file),
    "lock memory": Act("limit MEMLOCK", _locks_memory),
    "fill the disk": _fills(SCRATCH, "scratch"),
    "fill shared memory": _fills("/dev/shm", "shared"),  # noqa: S108 - inside the sandbox
    "fill the outbox": _fills("outbox", "outbox_size"),
    "use more memory by several processes": Act(
        "memory of all processes", _many_processes_memory, needs="groups", alone=True
    ),
    "use more memory by files without names": Act(
        "memory of all processes", _many_memory_files, needs="groups", alone=True
    ),
    "start more processes than allowed": Act(
        "number of all processes", _many_processes, needs="groups", alone=True
    ),
}
