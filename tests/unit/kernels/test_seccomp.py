"""The filter, run by a small interpreter of our own against every system call there is."""

import errno
import re
import struct
from pathlib import Path

import pytest

from kernels.errors import Refusal
from kernels.host.seccomp.families import ABSENT, ALLOWED, CHECKED, REFUSED
from kernels.host.seccomp.numbers import NUMBERS
from kernels.host.seccomp.program import ARCHITECTURES, program

MACHINES = sorted(ARCHITECTURES)
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS, NOFAMILY = (0x50000 | e for e in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Interpret the program as the kernel does (struct seccomp_data, little-endian)."""
    arch = ARCHITECTURES[machine] if architecture is None else architecture
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, arch, 0, *[a & (1 << 64) - 1 for a in padded])
    code = list(struct.iter_unpack("HBBI", program(machine)))
    at = accumulator = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x06:
                return value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x25:
                at += if_true if accumulator > value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case _:
                raise AssertionError(operation)


def names(families: dict[str, str]) -> list[str]:
    return [name for group in families.values() for name in group.split()]


def test_every_call_has_one_family_and_every_family_a_reason() -> None:
    sorted_out = [*names(ALLOWED), *names(REFUSED), *CHECKED, *ABSENT]
    assert len(sorted_out) == len(set(sorted_out))
    assert set(sorted_out) == set(NUMBERS["x86_64"]) | set(NUMBERS["aarch64"])
    assert all(len(reason) > 3 for each in (ALLOWED, REFUSED, CHECKED, ABSENT) for reason in each)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_allows_what_is_listed_and_nothing_else(machine: str) -> None:
    by_number = {number: name for name, number in NUMBERS[machine].items()}
    allowed = set(names(ALLOWED))
    for number in range(600):
        name = by_number.get(number)
        if name in CHECKED:
            continue
        expected = ALLOW if name in allowed else ENOSYS if name in ABSENT else EPERM
        assert verdict(machine, number) == expected, (number, name)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_of_another_architecture_ends_the_process(machine: str) -> None:
    assert verdict(machine, 0, architecture=0x40000003) == KILL  # 32-bit x86


def test_an_x32_call_ends_the_process() -> None:
    assert verdict("x86_64", 0x40000000 | NUMBERS["x86_64"]["read"]) == KILL


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", ["socket", "socketpair"])
def test_only_unix_sockets_can_be_made(machine: str, call: str) -> None:
    number = NUMBERS[machine][call]
    found = {family: verdict(machine, number, family, 1) for family in range(64)}
    assert {family for family, said in found.items() if said == ALLOW} == {1}
    assert set(found.values()) == {ALLOW, NOFAMILY}


@pytest.mark.parametrize("machine", MACHINES)
def test_clone_makes_threads_but_no_namespace(machine: str) -> None:
    number = NUMBERS[machine]["clone"]
    assert verdict(machine, number, 0x003D0F00) == ALLOW  # what pthread_create passes
    assert verdict(machine, number, 17) == ALLOW  # fork
    for bit in (17, 25, 26, 27, 28, 29, 30):
        assert verdict(machine, number, 17 | 1 << bit) == EPERM, bit


@pytest.mark.parametrize("machine", MACHINES)
def test_terminals_prctl_and_personality_are_narrow(machine: str) -> None:
    numbers = NUMBERS[machine]
    assert verdict(machine, numbers["ioctl"], 0, 0x5401) == ALLOW
    assert verdict(machine, numbers["ioctl"], 0, 0x5412) == EPERM
    assert verdict(machine, numbers["prctl"], 15) == ALLOW
    assert verdict(machine, numbers["prctl"], 4, 0) == ALLOW
    assert verdict(machine, numbers["prctl"], 4, 1) == EPERM
    assert verdict(machine, numbers["prctl"], 35) == EPERM  # PR_SET_MM
    assert verdict(machine, numbers["personality"], 0xFFFFFFFF) == ALLOW
    assert verdict(machine, numbers["personality"], 0x40000) == EPERM


HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")


@pytest.mark.skipif(not HEADER.exists(), reason="no kernel headers on this system")
def test_the_numbers_are_those_of_the_systems_headers() -> None:
    found = dict(re.findall(r"#define __NR_(\w+) (\d+)", HEADER.read_text()))
    ours = NUMBERS["x86_64"]
    assert len(found) > 300
    assert {name: ours[name] for name in ours if name in found} == {
        name: int(number) for name, number in found.items() if name in ours
    }


def test_a_machine_without_a_table_gets_no_filter() -> None:
    with pytest.raises(Refusal) as refused:
        program("riscv64")
    assert refused.value.code == "unknown_machine"
