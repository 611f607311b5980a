"""Wires between two kernels of one host: what they share, and could read from each other."""

import ctypes
import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Callable

from kernels.inside.acts.trying import SCRATCH, Act, Host, Table, libc

__all__ = ["TABLE"]

_F_SETLEASE, _F_NOTIFY, _F_SET_RW_HINT = 1024, 1026, 1036
_HUGE, _MERGEABLE, _PAGE_OUT = 0x40000, 12, 21


def _on_shared_file(use: Callable[[int], object], layer: str) -> Act:
    """With a file that all kernels see, opened for reading."""

    def act(host: Host) -> bool:
        descriptor = os.open(host["package"], os.O_RDONLY)
        return use(descriptor) is not False

    return Act(layer, act)


def _locks_range(descriptor: int) -> None:
    lock = struct.pack("hhqqi", fcntl.F_RDLCK, os.SEEK_SET, 0, 1, 0)
    fcntl.fcntl(descriptor, fcntl.F_SETLK, lock)


def _own_file(use: Callable[[int], object]) -> Act:
    def act(_host: Host) -> bool:
        descriptor = os.open(SCRATCH, os.O_TMPFILE | os.O_RDWR, 0o600)
        use(descriptor)
        return True

    return Act("checked: fcntl", act)


def _huge_pages(_host: Host) -> bool:
    """A host without any has none left: that was answered by its pool."""
    try:
        mmap.mmap(-1, 2 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _HUGE).close()
    except OSError as error:
        return error.errno == errno.ENOMEM
    return True


def _huge_file(_host: Host) -> bool:
    os.close(os.memfd_create("act", os.MFD_HUGETLB))
    return True


def _advises(advice: int) -> Act:
    def act(_host: Host) -> bool:
        with mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as page:
            start = ctypes.addressof(ctypes.c_char.from_buffer(page))
            done = int(libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(4096), advice))
            return done == 0 or ctypes.get_errno() != errno.EPERM

    return Act("checked: madvise", act)


def _sees_cached(descriptor: int) -> bool:
    os.pread(descriptor, 16, 0)
    os.preadv(descriptor, [bytearray(16)], 0, os.RWF_NOWAIT)
    return True


TABLE: Table = {
    "lock a file that other kernels see": _on_shared_file(
        lambda descriptor: fcntl.flock(descriptor, fcntl.LOCK_SH), "locks of the sealed lanes"
    ),
    "lock a part of a file that other kernels see": _on_shared_file(
        _locks_range, "locks of the sealed lanes"
    ),
    "watch a folder": _own_file(
        lambda _: fcntl.fcntl(os.open(SCRATCH, os.O_RDONLY), _F_NOTIFY, 0x80000001)
    ),
    "take a lease": _own_file(lambda file: fcntl.fcntl(file, _F_SETLEASE, fcntl.F_WRLCK)),
    "leave a hint on a file": _own_file(
        lambda file: fcntl.fcntl(file, _F_SET_RW_HINT, struct.pack("Q", 2))
    ),
    "see what is in the page cache": _on_shared_file(_sees_cached, "calls: reads that do not wait"),
    "throw pages out of the page cache": _on_shared_file(
        lambda descriptor: os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED),
        "checked: fadvise64",
    ),
    "take the host's huge pages": Act("checked: mmap", _huge_pages),
    "take the host's huge pages by a file": Act("checked: memfd_create", _huge_file),
    "merge pages with other processes": _advises(_MERGEABLE),
    "push pages out of memory": _advises(_PAGE_OUT),
}
