"""The same filter as an OCI seccomp profile, for container engines and Kubernetes."""

import errno
from typing import Any

from kernels.host.seccomp.checks import CHECKED, Test
from kernels.host.seccomp.families import ABSENT
from kernels.host.seccomp.numbers import NUMBERS
from kernels.host.seccomp.program import allowed_calls, check_of, program

__all__ = ["profile"]

_NAMES = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}


def profile(machine: str, *, sealed: bool = True) -> dict[str, Any]:
    """`linux.seccomp` of the OCI runtime specification, as JSON values.

    Each check becomes one rule a way; a call passes when any of its rules matches. Raises
    Refusal("unknown_machine") as `program` does.
    """
    program(machine, sealed=sealed)
    known = NUMBERS[machine]
    rules: list[dict[str, Any]] = [
        {
            "names": sorted(call for call in allowed_calls(sealed=sealed) if call in known),
            "action": "SCMP_ACT_ALLOW",
        }
    ]
    for call in sorted(CHECKED.keys() & known.keys()):
        check = check_of(call, sealed=sealed)
        rules += [
            {
                "names": [call],
                "action": "SCMP_ACT_ALLOW",
                "args": [_argument(test) for test in way],
            }
            for way in check.ways
        ]
        rules += [
            {
                "names": [call],
                "action": "SCMP_ACT_ERRNO",
                "errnoRet": error,
                "args": [_argument(test)],
            }
            for test, error in check.mild
        ]
    absent = (call for family in ABSENT.values() for call in family.calls.split())
    rules.append(
        {
            "names": sorted(call for call in absent if call in known),
            "action": "SCMP_ACT_ERRNO",
            "errnoRet": errno.ENOSYS,
        }
    )
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.EPERM,
        "architectures": [_NAMES[machine]],
        "syscalls": rules,
    }


def _argument(test: Test) -> dict[str, Any]:
    """Low words only: libseccomp compares 64 bits, the kernel reads 32 of these arguments."""
    return {
        "index": test.argument,
        "value": test.mask,
        "valueTwo": test.value,
        "op": "SCMP_CMP_MASKED_EQ",
    }
