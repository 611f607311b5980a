"""Write the system call filter as a classic BPF program (the form that bwrap --seccomp takes).

An allow-list: what is not named is refused with EPERM. Format: seccomp(2), linux/filter.h.
"""

import errno
import struct
from collections.abc import Iterable

from kernels.errors import Refusal
from kernels.host.seccomp.checks import (
    CHECKED,
    LOCK_COMMANDS,
    OWN_FUTEX,
    TCP,
    WHOLE,
    Check,
    Test,
)
from kernels.host.seccomp.families import ABSENT, ALLOWED, LOCKS
from kernels.host.seccomp.numbers import NUMBERS

__all__ = ["ARCHITECTURES", "allowed_calls", "check_of", "program"]

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_* of linux/audit.h."""

_LOAD, _AND, _JEQ, _JGE, _JGT, _RET = 0x20, 0x54, 0x15, 0x35, 0x25, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH = 0, 4
_X32 = 0x40000000


def allowed_calls(*, sealed: bool) -> tuple[str, ...]:
    """The calls that pass whatever their arguments; sealed: without locks on files."""
    families = [family for name, family in ALLOWED.items() if not (sealed and name == LOCKS)]
    return tuple(call for family in families for call in family.calls.split())


def check_of(call: str, *, sealed: bool, tcp: bool = False) -> Check:
    """What a checked call may be called with in this lane; tcp: see `program`."""
    check = CHECKED[call]
    if call == "futex" and (tcp or not sealed):
        return OWN_FUTEX
    if tcp and call in TCP:
        return check._replace(ways=(*check.ways, *TCP[call]))
    if sealed and call == "fcntl":
        ways = tuple(way for way in check.ways if way[0].value not in LOCK_COMMANDS)
        return check._replace(ways=ways)
    return check


def program(machine: str, *, sealed: bool = True, tcp: bool = False) -> bytes:
    """The filter for a machine (`platform.machine()`), 8 bytes an instruction.

    sealed: for a lane with rows, where no lock may be taken on a file that others see; otherwise,
    where what is heard can be shown, nobody waits at such a file. tcp: for a single-user server,
    which may open TCP sockets (IPv4) beside Unix ones.
    A call that is younger than the table fails as if the kernel did not know it.
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
    for name in (call for family in ABSENT.values() for call in family.calls.split()):
        if name in numbers:
            code += [_jump(_JEQ, numbers[name], 0, 1), _ret(_ERRNO | errno.ENOSYS)]
    for name in CHECKED:
        if name in numbers:
            body = _body(check_of(name, sealed=sealed, tcp=tcp))
            code += [_jump(_JEQ, numbers[name], 0, len(body)), *body]
    allowed = allowed_calls(sealed=sealed)
    for low, high in _ranges(numbers[name] for name in allowed if name in numbers):
        code += [_jump(_JGE, low, 0, 2), _jump(_JGT, high, 1, 0), _ret(_ALLOW)]
    code += [_jump(_JGT, max(numbers.values()), 0, 1), _ret(_ERRNO | errno.ENOSYS)]
    code.append(_ret(_ERRNO | errno.EPERM))
    return b"".join(code)


def _body(check: Check) -> list[bytes]:
    """For a call whose arguments decide; it returns on every way through."""
    code: list[bytes] = []
    held: tuple[int, int] | None = None  # argument and mask that are in the accumulator already
    for way in check.ways:
        steps = [_ret(_ALLOW)]
        for place, test in reversed(list(enumerate(way))):
            fetch = [] if place == 0 and held == (test.argument, test.mask) else _fetch(test)
            steps = [*fetch, _jump(_JEQ, test.value, 0, len(steps)), *steps]
        code += steps
        held = (way[0].argument, way[0].mask) if len(way) == 1 else None
    for test, error in check.mild:
        code += [*_fetch(test), _jump(_JEQ, test.value, 0, 1), _ret(_ERRNO | error)]
    return [*code, _ret(_ERRNO | check.error)]


def _fetch(test: Test) -> list[bytes]:
    """The low word of an argument (struct seccomp_data, little-endian), masked."""
    load = _load(16 + 8 * test.argument)
    return [load] if test.mask == WHOLE else [load, struct.pack("HBBI", _AND, 0, 0, test.mask)]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _load(offset: int) -> bytes:
    return struct.pack("HBBI", _LOAD, 0, 0, offset)


def _jump(operation: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value & 0xFFFFFFFF)


def _ret(value: int) -> bytes:
    return struct.pack("HBBI", _RET, 0, 0, value)
