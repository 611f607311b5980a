"""Take the files out of a sealed kernel's outbox: by descriptor, following nothing, within limits.

Whoever fills the outbox may still run. A name is opened once, and what is read once are the bytes
that are measured, hashed and kept; so nothing that is changed in between makes a difference.
"""

import os
import re
import stat
from collections.abc import Callable

from kernels.errors import Refusal
from kernels.host.egress.spool import Collected

__all__ = ["BYTES", "FILES", "collect", "collect_and_close", "refused"]

FILES = 50
BYTES = 50 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,99}")


def collect(outbox: int, keep: Callable[[bytes], str]) -> tuple[Collected, ...]:
    """Read every file of the outbox, in the order of names, and `keep` its bytes.

    outbox: a descriptor of the folder, taken before the researcher's code began.
    keep: stores bytes, returns their SHA-256; called only when everything has been read.
    Raises Refusal("outbox_refused") for anything but regular files with plain names in the
    folder itself (no link, pipe, device, subfolder), more than FILES or more than BYTES.
    """
    names = sorted(os.listdir(outbox))
    if len(names) > FILES:
        raise refused(f"more than {FILES} files")
    contents: dict[str, bytes] = {}
    left = BYTES
    for name in names:
        if not _NAME.fullmatch(name):
            raise refused("a name with other characters than A-Z a-z 0-9 . _ - and spaces")
        contents[name] = _read(outbox, name, left)
        left -= len(contents[name])
    return tuple(Collected(name, keep(data), len(data)) for name, data in contents.items())


def collect_and_close(outbox: int, keep: Callable[[bytes], str]) -> tuple[Collected, ...]:
    """`collect`, for a thread that goes on when whoever waits for it is cancelled.

    outbox: a descriptor of the thread's own. Closed by anybody else meanwhile, its number could
    name another file of this process.
    """
    try:
        return collect(outbox, keep)
    finally:
        os.close(outbox)


def _read(outbox: int, name: str, left: int) -> bytes:
    # no waiting for a pipe's other end, no terminal, no link
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, dir_fd=outbox)
    except OSError:
        raise refused("something that is not a regular file") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(descriptor)
        raise refused("something that is not a regular file of its own")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(left + 1)
    if len(data) > left:
        raise refused(f"more than {BYTES >> 20} MiB")
    return data


def refused(what: str) -> Refusal:
    """Why an outbox was not taken; the remedy is the same in every case, and tells nothing."""
    return Refusal(
        "outbox_refused",
        f"The outbox held {what}; nothing was taken from it.",
        f"Write 1 to {FILES} regular files, {BYTES >> 20} MiB together, no folders, to /outbox.",
    )
