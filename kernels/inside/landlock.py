"""Landlock: the process takes from itself what the mounts still leave (second layer).

See landlock(7). Where the host's kernel has no Landlock the first layer stands alone; the host
side reports that (`workbench doctor`).
"""

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Paths", "abi", "restrict"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_EXECUTE, _WRITE, _READ, _READ_DIR, _TRUNCATE, _IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
_REMOVE_FILE, _MAKE_CHAR, _MAKE_REGULAR, _MAKE_BLOCK = 1 << 5, 1 << 6, 1 << 8, 1 << 11
_FIRST_ABI = (1 << 13) - 1
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_TCP, _SCOPES = 3, 3  # bind and connect; abstract sockets and signals

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Landlock's version on this host; 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE, None, 0, 1)))


class Paths(NamedTuple):
    """What stays: readable: read; executable: read and run; writable: all but run and device nodes.

    listed: names only, nothing in it can be opened; outbox: make, write, truncate and remove
    regular files, and neither read nor list them.
    """

    readable: Sequence[str]
    executable: Sequence[str]
    writable: Sequence[str]
    listed: str
    outbox: str


def restrict(paths: Paths) -> int:
    """Keep only these paths for this process and all its children, for ever.

    Also forbids TCP, and signals and abstract sockets beyond this process family.
    Returns the ABI in force; 0 where there is no Landlock. Raises OSError when it fails.
    """
    version = abi()
    if version == 0:
        return 0
    handled = _FIRST_ABI
    handled |= (1 << 13) if version >= 2 else 0  # rename and link across directories
    handled |= _TRUNCATE if version >= 3 else 0
    handled |= _IOCTL if version >= 5 else 0
    attributes = struct.pack("QQQ", handled, _TCP, _SCOPES)
    length = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(_CREATE, attributes[:length], length, 0)
    read = _READ | _READ_DIR
    for path in paths.readable:
        _allow(ruleset, path, read & handled)
    for path in paths.executable:
        _allow(ruleset, path, (read | _EXECUTE) & handled)
    for path in paths.writable:
        _allow(ruleset, path, handled & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK))
    _allow(ruleset, paths.listed, _READ_DIR)
    _allow(ruleset, paths.outbox, (_WRITE | _TRUNCATE | _MAKE_REGULAR | _REMOVE_FILE) & handled)
    _call(_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return version


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(beneath).st_mode):
        access &= _OF_A_FILE
    _call(_ADD, ruleset, 1, struct.pack("=Qi", access, beneath), 0)
    os.close(beneath)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock call {number} failed")
    return result
