"""The filter, run by a small interpreter of our own against every system call there is."""

import errno
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from kernels.errors import Refusal
from kernels.host.seccomp.checks import CHECKED, LOCK_COMMANDS
from kernels.host.seccomp.families import ABSENT, ALLOWED, LOCKS, REFUSED, Family
from kernels.host.seccomp.numbers import NUMBERS
from kernels.host.seccomp.profile import profile
from kernels.host.seccomp.program import ARCHITECTURES, program

MACHINES = sorted(ARCHITECTURES)
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS, NOFAMILY = (0x50000 | e for e in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))


PROGRAMS = {
    (machine, sealed): list(struct.iter_unpack("HBBI", program(machine, sealed=sealed)))
    for machine in MACHINES
    for sealed in (True, False)
}


SERVERS = {
    machine: list(struct.iter_unpack("HBBI", program(machine, sealed=False, tcp=True)))
    for machine in MACHINES
}


def verdict(
    machine: str,
    number: int,
    *arguments: int,
    architecture: int | None = None,
    sealed: bool = True,
    tcp: bool = False,
) -> int:
    """Interpret the program as the kernel does (struct seccomp_data, little-endian)."""
    arch = ARCHITECTURES[machine] if architecture is None else architecture
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, arch, 0, *[a & (1 << 64) - 1 for a in padded])
    code = SERVERS[machine] if tcp else PROGRAMS[machine, sealed]
    at = accumulator = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x54:
                accumulator &= value
            case 0x06:
                return value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x25:
                at += if_true if accumulator > value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case _:
                raise AssertionError(operation)


def names(families: dict[str, Family]) -> list[str]:
    return [name for family in families.values() for name in family.calls.split()]


def test_every_call_is_judged_once_and_every_judgement_has_a_reason() -> None:
    sorted_out = [*names(ALLOWED), *names(REFUSED), *names(ABSENT), *CHECKED]
    assert sorted(sorted_out) == sorted(set(NUMBERS["x86_64"]) | set(NUMBERS["aarch64"]))
    judged = [*ALLOWED.values(), *REFUSED.values(), *ABSENT.values(), *CHECKED.values()]
    assert all(len(each.reason) > 8 for each in judged)


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_allows_what_is_listed_and_nothing_else(machine: str, sealed: bool) -> None:
    by_number = {number: name for name, number in NUMBERS[machine].items()}
    allowed = set(names(ALLOWED)) - ({"flock"} if sealed else set())
    youngest = max(by_number)
    for number in range(700):
        name = by_number.get(number)
        if name in CHECKED:
            continue
        unknown = name in names(ABSENT) or number > youngest
        expected = ALLOW if name in allowed else ENOSYS if unknown else EPERM
        assert verdict(machine, number, sealed=sealed) == expected, (number, name)


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


@pytest.mark.parametrize("machine", MACHINES)
def test_two_kernels_cannot_lock_a_file_where_there_are_rows(machine: str) -> None:
    numbers = NUMBERS[machine]
    assert LOCKS in ALLOWED
    assert verdict(machine, numbers["flock"], sealed=False) == ALLOW
    assert verdict(machine, numbers["flock"], sealed=True) == EPERM
    for command in LOCK_COMMANDS:
        assert verdict(machine, numbers["fcntl"], 3, command, sealed=False) == ALLOW
        assert verdict(machine, numbers["fcntl"], 3, command, sealed=True) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("sealed", [True, False])
def test_no_kernel_learns_from_a_shared_file_what_others_do_with_it(
    machine: str, sealed: bool
) -> None:
    numbers = NUMBERS[machine]
    for call in ("inotify_init1", "inotify_add_watch", "mincore", "cachestat", "statfs", "fstatfs"):
        assert verdict(machine, numbers[call], sealed=sealed) == EPERM
    assert verdict(machine, numbers["preadv2"], 3, 0, 1, 0, 0, 8, sealed=sealed) == ENOSYS
    assert verdict(machine, numbers["fadvise64"], 3, 0, 0, 4, sealed=sealed) == EPERM
    assert verdict(machine, numbers["fadvise64"], 3, 0, 0, 3, sealed=sealed) == ALLOW
    for command in (1024, 1026, 1036, 1038):  # SETLEASE, NOTIFY, SET_RW_HINT, SET_FILE_RW_HINT
        assert verdict(machine, numbers["fcntl"], 3, command, sealed=sealed) == EPERM
    for advice in (12, 20, 21, 100, 101):  # MERGEABLE, COLD, PAGEOUT, HWPOISON, SOFT_OFFLINE
        assert verdict(machine, numbers["madvise"], 0, 0, advice, sealed=sealed) == EPERM
    assert verdict(machine, numbers["madvise"], 0, 0, 4, sealed=sealed) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_no_kernel_moves_or_finds_a_page_of_a_shared_file_in_one_of_several_memories(
    machine: str,
) -> None:
    numbers = NUMBERS[machine]
    for flags, said in ((0, ALLOW), (1, EPERM), (2, EPERM), (4, EPERM), (3, EPERM)):
        assert verdict(machine, numbers["mbind"], 0, 4096, 1, 0, 0, flags) == said
    for flags, said in ((0, ALLOW), (4, ALLOW), (2, EPERM), (3, EPERM)):
        assert verdict(machine, numbers["get_mempolicy"], 0, 0, 0, 0, flags) == said


@pytest.mark.parametrize("machine", MACHINES)
def test_sockets_and_locks_do_what_libc_asks_and_no_more(machine: str) -> None:
    numbers = NUMBERS[machine]
    for call, place in (("sendto", 3), ("sendmsg", 2), ("recvfrom", 3), ("recvmsg", 2)):
        for flags, said in ((0, ALLOW), (0x40, ALLOW), (0x4000, ALLOW), (1, EPERM), (0x41, EPERM)):
            arguments = [0] * 6
            arguments[place] = flags
            assert verdict(machine, numbers[call], *arguments) == said, (call, flags)
    assert verdict(machine, numbers["setsockopt"], 3, 1, 7) == ALLOW
    for level, option in ((1, 26), (1, 50), (1, 33), (6, 1), (0, 64)):
        assert verdict(machine, numbers["setsockopt"], 3, level, option) == EPERM
    for operation in (0, 1, 128, 129, 137, 265, 393):  # wait, wake, private, bit set, real time
        assert verdict(machine, numbers["futex"], 0, operation) == ALLOW, operation
    for operation in (6, 7, 8, 11, 12, 13, 134, 1 << 31):
        assert verdict(machine, numbers["futex"], 0, operation) == EPERM, operation


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("tcp", [False, True])
def test_what_is_heard_by_a_futex_is_of_the_own_process_where_it_can_be_shown(
    machine: str, tcp: bool
) -> None:
    number = NUMBERS[machine]["futex"]
    look_again, go_on = 0x50000 | errno.EINTR, 0x50000 | errno.EINVAL
    for operation in (0, 1, 3, 4, 5, 9, 10):
        for clock in (0, 256):
            assert (
                verdict(machine, number, 0, operation | 128 | clock, sealed=False, tcp=tcp) == ALLOW
            )
            said = verdict(machine, number, 0, operation | clock, sealed=False, tcp=tcp)
            assert said == (look_again if operation in {0, 9} else go_on), operation
    for operation in (6, 7, 8, 11, 12, 13, 134, 1 << 31):
        assert verdict(machine, number, 0, operation, sealed=False, tcp=tcp) == EPERM, operation
    for call in ("futex_waitv", "futex_wake", "futex_wait", "futex_requeue"):
        assert verdict(machine, NUMBERS[machine][call], sealed=False, tcp=tcp) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_the_hosts_huge_pages_are_out_of_reach(machine: str) -> None:
    numbers = NUMBERS[machine]
    assert verdict(machine, numbers["mmap"], 0, 4096, 3, 0x22) == ALLOW
    assert verdict(machine, numbers["mmap"], 0, 4096, 3, 0x40022) == EPERM
    assert verdict(machine, numbers["memfd_create"], 0, 1) == ALLOW
    assert verdict(machine, numbers["memfd_create"], 0, 5) == EPERM


SAMPLES = [*range(64), *range(128, 144), *range(1024, 1045), 0x5401, 0x5412,
           0x541B, 0x541C, 0x5421, 0x802C542A,
           0x40049409, 0x40022, 0x3D0F00, 0x10000011, 0x40000000, 0xFFFFFFFF, 1 << 40]  # fmt: skip


def judged_by_profile(rules: list[dict[str, Any]], call: str, arguments: list[int]) -> bool:
    """As libseccomp does: allowed when any rule's tests all hold."""
    for rule in rules:
        if call in rule["names"]:
            held = [
                arguments[test["index"]] & test["value"] == test["valueTwo"]
                for test in rule.get("args", [])
            ]
            if all(held):
                return bool(rule["action"] == "SCMP_ACT_ALLOW")
    return False


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("machine", MACHINES)
def test_the_profile_for_containers_decides_as_the_filter_does(machine: str, sealed: bool) -> None:
    found = profile(machine, sealed=sealed)
    assert found["defaultAction"] == "SCMP_ACT_ERRNO"
    for call, number in NUMBERS[machine].items():
        for argument in range(6) if call in CHECKED else range(1):
            for value in SAMPLES if call in CHECKED else SAMPLES[:1]:
                arguments = [0] * 6
                arguments[argument] = value
                ours = verdict(machine, number, *arguments, sealed=sealed) == ALLOW
                assert judged_by_profile(found["syscalls"], call, arguments) == ours, (call, value)


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


@pytest.mark.parametrize("machine", MACHINES)
def test_a_server_may_set_up_its_tcp_sockets_and_a_kernel_may_not(machine: str) -> None:
    option = NUMBERS[machine]["setsockopt"]
    for name in (1, 4, 5, 6):  # TCP_NODELAY and keeping alive: what asyncio and its clients ask
        assert verdict(machine, option, 3, 6, name, tcp=True) == ALLOW
        assert verdict(machine, option, 3, 6, name, sealed=False) == EPERM
    for level, name in ((1, 26), (6, 31), (0, 35)):  # a program, another protocol, raw options
        assert verdict(machine, option, 3, level, name, tcp=True) == EPERM
