"""Keeps a server or the proxy over a restart of the hub, and ends it when no hub comes back.

Started as `python -I -S keeper.py SERVING HUB PATIENCE (job|alone) command…` in a session of its
own. HUB and SERVING are files: the hub, and whoever watches over it ("" for nobody), hold a lock on
theirs as long as they live. The operating system lets go of it however its holder ends, so that
there is no number of a process to mistake. Stdlib only: one of these runs beside each server.

With `job` the first line of standard input is handed to the command; the hub keeps that line open
and says one byte when it has noted the server. A hub that ends before that has forgotten it, and
so it ends at once.
"""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["hold", "is_held", "main"]

TICK = 0.5  # seconds between two looks
GRACE = 5.0  # seconds from SIGTERM to SIGKILL
WAKES = (signal.SIGTERM, signal.SIGCHLD)
_FLOCK = "hhqqi4x"  # struct flock, see fcntl(2)


def hold(path: str) -> int:
    """Hold the file as long as the returned descriptor is open; several may at once."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    shared = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, shared)
    return descriptor


def is_held(path: str) -> bool:
    """Whether a living process holds the file. Asks only: nobody is kept from holding it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        wanted = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, wanted)
    finally:
        os.close(descriptor)
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def main(arguments: Sequence[str]) -> int:
    """Run the command until it ends, until SIGTERM, or until nobody watches over it any more.

    SERVING, where there is one, must be held all the time; HUB may be free for PATIENCE seconds, in
    which the next hub finds the command again. Returns its exit code, 0 for a signal.
    """
    serving, hub, patience, kind, *command = arguments
    with open(0, "rb", buffering=0, closefd=False) as line:  # not a byte more than the job
        job = line.readline() if kind == "job" else b""
    # blocked before the start and asked for below: none is missed, and none ends the keeper alone
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKES)
    child = subprocess.Popen(command, stdin=subprocess.PIPE, preexec_fn=_unblock)  # noqa: PLW1509 - there are no threads
    if child.stdin is not None:
        child.stdin.write(job)
        child.stdin.close()
    noted, seen = kind != "job", time.monotonic()
    while child.poll() is None:
        woken = signal.sigtimedwait(WAKES, TICK)
        if woken is not None and woken.si_signo == signal.SIGTERM:
            break
        if not noted and select.select([0], [], [], 0)[0]:
            noted = bool(os.read(0, 1))
            if not noted:
                break
        if serving and not is_held(serving):
            break
        if is_held(hub):
            seen = time.monotonic()
        elif time.monotonic() > seen + float(patience):
            break
    return _end(child)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKES)


def _end(child: "subprocess.Popen[bytes]") -> int:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    return max(child.wait(), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
