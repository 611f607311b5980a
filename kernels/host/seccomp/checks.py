"""System calls whose arguments decide: what each may be called with, and why."""

import errno
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["CHECKED", "LOCK_COMMANDS", "OWN_FUTEX", "TCP", "WHOLE", "Check", "Test"]

WHOLE = 0xFFFFFFFF
"""The kernel itself cuts these arguments to 32 bits, so only low words are compared."""


class Test(NamedTuple):
    """The argument of this number, masked, must equal the value."""

    argument: int
    value: int
    mask: int = WHOLE


class Check(NamedTuple):
    """A call is allowed when all tests of one way hold; otherwise it fails with `error`.

    mild: where a test holds, with the error beside it, which libc takes for an ordinary answer.
    """

    reason: str
    ways: tuple[tuple[Test, ...], ...]
    error: int = errno.EPERM
    mild: tuple[tuple[Test, int], ...] = ()


def _one_of(argument: int, values: Iterable[int]) -> tuple[tuple[Test, ...], ...]:
    return tuple((Test(argument, value),) for value in values)


def _none_of_the_bits(argument: int, bits: int) -> tuple[tuple[Test, ...], ...]:
    return ((Test(argument, 0, bits),),)


_AF_UNIX = 1
# NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (NEWTIME only exists in clone3)
_NEW_NAMESPACES = 0x7E020000
_HUGE_PAGES_MMAP, _HUGE_PAGES_MEMFD = 0x40000, 0x4
_PRCTL = (1, 2, 3, 15, 16, 21, 23, 29, 30, 36, 37, 38, 39, 41, 42, 51, 56, 0x53564D41)
"""PDEATHSIG, NAME, GET_DUMPABLE, GET_SECCOMP, CAPBSET_READ, TIMERSLACK, CHILD_SUBREAPER,
NO_NEW_PRIVS, THP_DISABLE, SVE and tag queries of aarch64's libc, SET_VMA (named memory)."""
_PR_SET_DUMPABLE = 4
_TERMINAL = (0x5401, 0x5402, 0x5403, 0x5404, 0x5409, 0x540A, 0x540B, 0x540F, 0x5410, 0x5411,
             0x5413, 0x5414, 0x5429, 0x802C542A, 0x402C542B, 0x402C542C, 0x402C542D)  # fmt: skip
"""Settings, flushing, process group, session and size of a terminal: what isatty and libc ask."""
_DESCRIPTOR = (0x541B, 0x5421, 0x5450, 0x5451, 0x5452)
"""FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, FIOASYNC."""
_FCNTL = (0, 1, 2, 3, 4, 8, 9, 10, 11, 15, 16, 1030, 1031, 1032, 1033, 1034)
"""Duplicates, flags, who is signalled, the size of a pipe, seals of own memory files."""
LOCK_COMMANDS = (5, 6, 7, 36, 37, 38)
"""Of fcntl: locks on ranges of a file, of a process or an open file."""
_FADVISE = (0, 1, 2, 3, 5)
_FUTEX = (0, 1, 3, 4, 5, 9, 10)
"""Wait, wake, requeue: what libc's locks are made of. Not the operations that inherit priority."""
_FUTEX_OPERATION = 0xFFFFFFFF & ~(128 | 256)  # without the flags PRIVATE and CLOCK_REALTIME
_FUTEX_OF_ALL = 0xFFFFFFFF & ~256
_SOL_SOCKET = 1
_SOCKET_OPTIONS = (2, 6, 7, 8, 9, 10, 13, 15, 16, 18, 20, 21)
"""REUSEADDR, BROADCAST, SNDBUF, RCVBUF, KEEPALIVE, OOBINLINE, LINGER, REUSEPORT, PASSCRED,
RCVLOWAT, RCVTIMEO, SNDTIMEO: what programs ask of Unix sockets."""
_MSG_OOB = 1
_MADVISE = (*range(5), 8, 9, 10, 11, *range(13, 20), 22, 23, 24, 25, 102, 103)

_MPOL_F_ADDR = 2

_IPPROTO_TCP = 6
_TCP_OPTIONS = (1, 4, 5, 6, 18)
"""NODELAY, KEEPIDLE, KEEPINTVL, KEEPCNT, USER_TIMEOUT: what asyncio and HTTP clients ask."""
TCP: dict[str, tuple[tuple[Test, ...], ...]] = {
    "socket": ((Test(0, 2), Test(1, 1, 0xF)),),
    "setsockopt": tuple((Test(1, _IPPROTO_TCP), Test(2, each)) for each in _TCP_OPTIONS),
}
"""More ways for a single-user server, which talks to the hub: AF_INET, SOCK_STREAM, and options
of such a socket. Kernels have neither."""

OWN_FUTEX = Check(
    "as above, and only on memory of its own process: on a page of a file that other kernels read "
    "too, one would hear by waiting or waking who wakes or waits in a sealed run",
    tuple((Test(1, operation | 128, _FUTEX_OF_ALL),) for operation in _FUTEX),
    errno.EPERM,
    tuple(
        # whoever waits looks again at once; whoever wakes goes on: so does libc
        (Test(1, operation, _FUTEX_OF_ALL), errno.EINTR if operation in {0, 9} else errno.EINVAL)
        for operation in _FUTEX
    ),
)
"""Of `futex`, where what is heard can be shown: in the Workbench lane and in servers. What wakes
cannot be refused instead: the host's kernel itself does it for each thread that ends."""

CHECKED: dict[str, Check] = {
    "socket": Check(
        "Unix sockets only: no network family, no netlink, no kernel crypto, no vsock",
        _one_of(0, (_AF_UNIX,)),
        errno.EAFNOSUPPORT,
    ),
    "socketpair": Check("Unix sockets only", _one_of(0, (_AF_UNIX,)), errno.EAFNOSUPPORT),
    "clone": Check(
        "threads and processes, but no new namespace", _none_of_the_bits(0, _NEW_NAMESPACES)
    ),
    "ioctl": Check(
        "a short list: what libc asks of terminals and descriptors; no input pushed into a "
        "terminal, no operation on devices, file systems or namespaces",
        _one_of(1, (*_TERMINAL, *_DESCRIPTOR)),
    ),
    "fcntl": Check(
        "a short list; no lease, no watch on a folder and no hint on a shared file; locks in the "
        "Workbench lane only",
        _one_of(1, (*_FCNTL, *LOCK_COMMANDS)),
    ),
    "prctl": Check(
        "a list of harmless options; no PR_SET_MM, and dumpable may only be switched off",
        (*_one_of(0, _PRCTL), (Test(0, _PR_SET_DUMPABLE), Test(1, 0))),
    ),
    "personality": Check("asking only", _one_of(0, (0, 0xFFFFFFFF))),
    "mmap": Check(
        "no huge pages: their pool belongs to the host", _none_of_the_bits(3, _HUGE_PAGES_MMAP)
    ),
    "memfd_create": Check(
        "no huge pages: their pool belongs to the host", _none_of_the_bits(1, _HUGE_PAGES_MEMFD)
    ),
    "madvise": Check(
        "no pages merged with, or taken away from, other processes", _one_of(2, _MADVISE)
    ),
    "futex": Check(
        "no operation that inherits priority: nothing needs it, and its flaws were many",
        tuple((Test(1, operation, _FUTEX_OPERATION),) for operation in _FUTEX),
    ),
    "setsockopt": Check(
        "a short list; no program attached to a socket",
        tuple((Test(1, _SOL_SOCKET), Test(2, option)) for option in _SOCKET_OPTIONS),
    ),
    **{
        call: Check(
            "nothing out of band: of Unix sockets only flaws are known of it",
            _none_of_the_bits(flags, _MSG_OOB),
        )
        for call, flags in (
            ("sendto", 3),
            ("sendmsg", 2),
            ("sendmmsg", 3),
            ("recvfrom", 3),
            ("recvmsg", 2),
            ("recvmmsg", 3),
        )
    },
    "mbind": Check(
        "no page moved or judged: of a shared file all kernels find it where one has put it",
        ((Test(5, 0),),),
    ),
    "get_mempolicy": Check(
        "not where a page lies: of a shared file another kernel may have put it there",
        _none_of_the_bits(4, _MPOL_F_ADDR),
    ),
    "fadvise64": Check(
        "no page of a shared file thrown out of memory: others would notice", _one_of(3, _FADVISE)
    ),
}
