"""Write the system call filter as a classic BPF program (the form that bwrap --seccomp takes).

An allow-list: what is not named is refused with EPERM. Format: seccomp(2), linux/filter.h.
"""

import errno
import struct
from collections.abc import Iterable, Sequence

from kernels.errors import Refusal
from kernels.host.seccomp.families import ABSENT, ALLOWED, CHECKED
from kernels.host.seccomp.numbers import NUMBERS

__all__ = ["ARCHITECTURES", "program"]

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_* of linux/audit.h."""

_LOAD, _JEQ, _JGE, _JGT, _JSET, _RET = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH = 0, 4
_X32 = 0x40000000

_AF_UNIX = 1
_NEW_NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40020000
_TERMINAL_INPUT = (0x5412, 0x541C)
_PRCTL = (1, 2, 3, 15, 16, 21, 23, 29, 30, 36, 37, 38, 39, 41, 42, 51, 56, 0x53564D41)
"""PDEATHSIG, NAME, GET_DUMPABLE, GET_SECCOMP, CAPBSET_READ, TIMERSLACK, CHILD_SUBREAPER,
NO_NEW_PRIVS, THP_DISABLE, SVE and tag queries of aarch64's libc, SET_VMA (named memory)."""
_PR_SET_DUMPABLE = 4
_ASK_PERSONALITY = (0, 0xFFFFFFFF)


def program(machine: str) -> bytes:
    """The filter for a machine (`platform.machine()`), 8 bytes an instruction.

    Raises Refusal("unknown_machine") where there is no table: no filter, no kernel.
    """
    if machine not in ARCHITECTURES:
        raise Refusal(
            "unknown_machine",
            f"There is no system call table for {machine}.",
            "Run kernels on x86-64 or aarch64.",
        )
    numbers = NUMBERS[machine]
    code = [_load(_ARCH), _jump(_JEQ, ARCHITECTURES[machine], 1, 0), _ret(_KILL), _load(_NUMBER)]
    if machine == "x86_64":
        code += [_jump(_JGE, _X32, 0, 1), _ret(_KILL)]
    for name in ABSENT:
        if name in numbers:
            code += [_jump(_JEQ, numbers[name], 0, 1), _ret(_ERRNO | errno.ENOSYS)]
    for name in CHECKED:
        if name in numbers:
            body = _check(name)
            code += [_jump(_JEQ, numbers[name], 0, len(body)), *body]
    allowed = (name for names in ALLOWED.values() for name in names.split())
    for low, high in _ranges(numbers[name] for name in allowed if name in numbers):
        code += [_jump(_JGE, low, 0, 2), _jump(_JGT, high, 1, 0), _ret(_ALLOW)]
    code.append(_ret(_ERRNO | errno.EPERM))
    return b"".join(code)


def _check(name: str) -> list[bytes]:
    """The body for a call whose arguments decide; it returns on every way through.

    Only low words are read: the kernel itself cuts these arguments to 32 bits.
    """
    if name in {"socket", "socketpair"}:
        return [_argument(0), *_only((_AF_UNIX,), errno.EAFNOSUPPORT)]
    if name == "clone":
        flags = _jump(_JSET, _NEW_NAMESPACES, 0, 1)
        return [_argument(0), flags, _ret(_ERRNO | errno.EPERM), _ret(_ALLOW)]
    if name == "ioctl":
        return [_argument(1), *_except(_TERMINAL_INPUT)]
    if name == "personality":
        return [_argument(0), *_only(_ASK_PERSONALITY, errno.EPERM)]
    off_only = [_argument(1), *_only((0,), errno.EPERM)]
    dumpable = [_jump(_JEQ, _PR_SET_DUMPABLE, 0, len(off_only)), *off_only]
    return [_argument(0), *dumpable, *_only(_PRCTL, errno.EPERM)]


def _only(values: Sequence[int], error: int) -> list[bytes]:
    tests = [part for value in values for part in (_jump(_JEQ, value, 0, 1), _ret(_ALLOW))]
    return [*tests, _ret(_ERRNO | error)]


def _except(values: Sequence[int]) -> list[bytes]:
    refused = _ret(_ERRNO | errno.EPERM)
    tests = [part for value in values for part in (_jump(_JEQ, value, 0, 1), refused)]
    return [*tests, _ret(_ALLOW)]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _argument(index: int) -> bytes:
    """Load the low word of an argument (struct seccomp_data, little-endian)."""
    return _load(16 + 8 * index)


def _load(offset: int) -> bytes:
    return struct.pack("HBBI", _LOAD, 0, 0, offset)


def _jump(operation: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value & 0xFFFFFFFF)


def _ret(value: int) -> bytes:
    return struct.pack("HBBI", _RET, 0, 0, value)
