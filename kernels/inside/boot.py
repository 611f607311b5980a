"""First program in a sandbox: tie down, prove it, then become a kernel or a sealed run.

argv: the number of a file descriptor that holds the start-up paper (JSON, written by the host):
{"lane", "status", "listen": [fd × 5], "key", "limits": {name: value}, "code"}.
"""

import ctypes
import json
import os
import resource
import socket
import sys
from collections.abc import Mapping
from typing import Any

from kernels.inside import landlock, selfcheck

__all__ = ["main"]

_READABLE = ("/data", "/twin", "/run", "/proc", "/etc", "/usr/share/zoneinfo")
_EXECUTABLE = ("/opt", "/usr", "/lib64", "/lib")
_WRITABLE = (
    "/tmp",  # noqa: S108 - the sandbox's own tmpfs
    "/outbox",
    "/dev/shm",  # noqa: S108 - the sandbox's own tmpfs
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/pts",
)
_PR_SET_DUMPABLE = 4


def main() -> None:
    """Run the start-up paper; exits 70 when the sandbox does not hold."""
    with os.fdopen(int(sys.argv[1]), encoding="utf-8") as paper:
        task: dict[str, Any] = json.load(paper)
    status = socket.socket(fileno=task["status"])
    _limit(task["limits"])
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # no peer of the same uid looks in
    landlock.restrict(_READABLE, _EXECUTABLE, _WRITABLE)
    failed = selfcheck.failed_checks()
    if failed:
        status.send(json.dumps({"k": "failed", "check": failed[0]}).encode())
        sys.exit(70)
    if task["lane"] == "sealed":
        from kernels.inside import sealed

        sealed.run(status, task["code"])
    else:
        status.send(b'{"k":"ready"}')
        status.close()
        from kernels.inside import kernel

        kernel.run(task["listen"], task["key"].encode())


def _limit(limits: Mapping[str, int]) -> None:
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


if __name__ == "__main__":
    main()
