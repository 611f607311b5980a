"""The wider profile of the container in which the gate daemon makes its sandboxes."""

from typing import Any

import pytest

from kernels.errors import Refusal
from kernels.host.seccomp.daemon import DAEMON, daemon_profile
from kernels.host.seccomp.families import ABSENT, REFUSED
from kernels.host.seccomp.numbers import NUMBERS
from kernels.host.seccomp.program import allowed_calls

MACHINES = ("x86_64", "aarch64")


def verdict(found: dict[str, Any], call: str, first: int = 0) -> str:
    """As libseccomp decides for a call with this first argument: allow when any rule says so."""
    said = [
        rule["action"]
        for rule in found["syscalls"]
        if call in rule["names"]
        and all(
            (first & test["value"] == test["valueTwo"])
            if test["op"] == "SCMP_CMP_MASKED_EQ"
            else first == test["value"]
            for test in rule.get("args", [])
            if test["index"] == 0
        )
    ]
    return said[0] if said else str(found["defaultAction"])


@pytest.mark.parametrize("machine", MACHINES)
def test_bubblewrap_can_build_and_a_kernel_can_do_what_it_may(machine: str) -> None:
    found = daemon_profile(machine)
    wanted = {"unshare", "mount", "umount2", "pivot_root", "seccomp", "setresuid", "capset"}
    wanted |= set(allowed_calls(sealed=False)) | {"mmap", "ioctl", "fcntl", "prctl", "madvise"}
    for call in wanted & NUMBERS[machine].keys():
        assert verdict(found, call) == "SCMP_ACT_ALLOW", call
    assert verdict(found, "clone", 0x10000000) == "SCMP_ACT_ALLOW"  # a user namespace


@pytest.mark.parametrize("machine", MACHINES)
def test_what_neither_needs_stays_refused(machine: str) -> None:
    found = daemon_profile(machine)
    more = {call for family in DAEMON.values() for call in family.calls.split()}
    refused = {call for family in REFUSED.values() for call in family.calls.split()} - more
    assert {"ptrace", "bpf", "init_module", "kexec_load", "keyctl", "setns"} <= refused
    assert {"open_by_handle_at", "perf_event_open", "process_vm_readv", "mknodat"} <= refused
    for call in refused:
        assert verdict(found, call) == "SCMP_ACT_ERRNO", call
    for call in (call for family in ABSENT.values() for call in family.calls.split()):
        assert verdict(found, call) == "SCMP_ACT_ERRNO", call


@pytest.mark.parametrize("machine", MACHINES)
def test_the_daemon_has_no_network_family_and_the_hub_has_the_internets(machine: str) -> None:
    def families(*, network: bool) -> set[int]:
        found = daemon_profile(machine, network=network)
        return {n for n in range(64) if verdict(found, "socket", n) == "SCMP_ACT_ALLOW"}

    assert families(network=False) == {1, 16}  # unix, and netlink for bubblewrap's loopback
    assert families(network=True) == {1, 2, 10, 16}


def test_an_unknown_machine_has_no_profile() -> None:
    with pytest.raises(Refusal):
        daemon_profile("riscv64")
