"""First program in a sandbox: tie down, prove it, then become a kernel or a sealed run.

argv: the number of a file descriptor that holds the start-up paper (JSON, written by the host):
{"lane", "status", "listen": [fd × 5], "key", "limits": {name: value}, "foreign": {namespace: its
name outside}, "nice", "code"}.
"""

import ctypes
import json
import os
import resource
import socket
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from kernels.inside import dask_client, landlock, outbox_files, selfcheck

__all__ = ["main"]

_OWN_MAP = "/proc/self/maps"
"""Which addresses this process has mapped. libc looks here for the bounds of the first thread's
stack; without them polars takes a new stack for every step of a plan (6 % of its time).
"""
_READABLE = ("/data", "/twin", "/run", "/etc", "/usr/share/zoneinfo", _OWN_MAP)
_EXECUTABLE = ("/opt", "/usr", "/lib64", "/lib")
_WRITABLE = (
    "/tmp",  # noqa: S108 - the sandbox's own tmpfs
    "/dev/shm",  # noqa: S108 - the sandbox's own tmpfs
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
)
_OUTBOX = "/outbox"
_PATHS = landlock.Paths(_READABLE, _EXECUTABLE, _WRITABLE, listed="/proc", outbox=_OUTBOX)
"""/proc can be listed and, but for one file, not read: a process's own pages there tell who else
uses them.
"""
_PR_SET_DUMPABLE = 4


def main() -> None:
    """Run the start-up paper; exits 70 when the sandbox does not hold."""
    with os.fdopen(int(sys.argv[1]), encoding="utf-8") as paper:
        task: dict[str, Any] = json.load(paper)
    status = socket.socket(fileno=task["status"])
    own = {status.fileno(), *task.get("listen", ())}
    _close_all_but(own)
    # opened before the restriction: from then on the outbox can be written and not be read
    outbox = os.open(_OUTBOX, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    if task["lane"] != "workbench":
        # before the limits: descriptors that other kernels of an ordinary user have sent and
        # nobody has received count against ours
        socket.send_fds(status, [b'{"k":"outbox"}'], [outbox])
    os.close(outbox)
    os.nice(task["nice"])
    _limit(task["limits"])
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # no peer of the same uid looks in
    failed = selfcheck.failed_checks(task, own)
    landlock.restrict(_PATHS)
    if not selfcheck.tied_down():
        failed.append("tied_down")
    if failed:
        status.send(json.dumps({"k": "failed", "check": failed[0]}).encode())
        sys.exit(70)
    status.send(b'{"k":"ready"}')
    outbox_files.install()
    dask_client.install()
    if task["lane"] == "sealed":
        from kernels.inside import sealed

        sealed.run(status, task["code"])
    else:
        status.close()
        from kernels.inside import kernel

        kernel.run(task["listen"], task["key"].encode(), seen=task["lane"] == "workbench")


def _close_all_but(own: Iterable[int]) -> None:
    """Keep these descriptors; 0 to 2 become the sandbox's own /dev/null."""
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    last = 2
    for descriptor in sorted(own):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(limits: Mapping[str, int]) -> None:
    """Set each limit for good; a host that allows less keeps its own."""
    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(which)[1]
        lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (lower, lower))


if __name__ == "__main__":
    main()
