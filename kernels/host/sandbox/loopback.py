"""The little network that a single-user server gets: the hub's port, its own, and no other.

By Landlock, taken on before the jail is entered and inherited by all that runs in it; see
landlock(7). Rules know ports, not hosts. Where the host has no Landlock of version 4 the network
stays the host's (`docs/explanation/limitations.md`).
"""

import ctypes
import os
import struct
from collections.abc import Iterable

from kernels.host.sandbox import landlock_abi

__all__ = ["keep_to_ports"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_PR_SET_NO_NEW_PRIVS = 38
_BIND, _CONNECT = 1, 2
_PORT_RULE = 2
_ABSTRACT_SOCKETS = 1
_TCP_SINCE, _SCOPES_SINCE = 4, 6

_libc = ctypes.CDLL(None, use_errno=True)


def keep_to_ports(listen: int, connect: Iterable[int]) -> int:
    """This process and its children bind and connect to these TCP ports only, for ever.

    Also shuts abstract Unix sockets of the host, which a network namespace would hide. Returns the
    Landlock version in force; 0 where TCP cannot be ruled. Raises OSError when it fails.
    """
    version = landlock_abi.abi()
    if version < _TCP_SINCE:
        return 0
    attributes = struct.pack("QQQ", 0, _BIND | _CONNECT, _ABSTRACT_SOCKETS)
    length = 24 if version >= _SCOPES_SINCE else 16
    rules = _call(_CREATE, attributes[:length], length, 0)
    for access, port in ((_BIND, listen), *((_CONNECT, port) for port in connect)):
        _call(_ADD, rules, _PORT_RULE, struct.pack("=QQ", access, port), 0)
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no new privileges: failed")
    _call(_RESTRICT, rules, 0)
    os.close(rules)
    return version


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock call {number} failed")
    return result
