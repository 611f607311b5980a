"""The OCI seccomp profiles of the containers in which gate daemon and hub make their sandboxes.

Wider than a kernel's filter, which every sandbox inside of it takes on in addition: bubblewrap
cannot build walls without the calls that would take them down.
"""

from typing import Any

from kernels.host.seccomp.families import Family
from kernels.host.seccomp.numbers import NUMBERS
from kernels.host.seccomp.profile import profile

__all__ = ["DAEMON", "NETWORK", "SOCKETS", "daemon_profile"]

DAEMON: dict[str, Family] = {
    "walls": Family(
        "bubblewrap makes namespaces, lays out the file system in them and turns it over",
        "unshare clone mount umount2 pivot_root sethostname",
    ),
    "filters": Family("bubblewrap puts the kernel's own filter on", "seccomp prctl"),
    "identity": Family(
        "the daemon gives each kernel an account of its own, and bubblewrap lays its rights down",
        """
        setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset
        chown fchown lchown fchownat""",
    ),
    "the daemon's own": Family(
        "Python, SQLite and ZeroMQ outside of any sandbox: locks, free space, descriptors, memory",
        "flock fcntl ioctl madvise mmap memfd_create fadvise64 statfs fstatfs sysinfo",
    ),
}
"""What the daemon and bubblewrap call beyond what kernels may, whatever the arguments."""

SOCKETS = {"unix": 1, "netlink": 16}
"""AF_ numbers: bubblewrap brings up the loopback of an empty network by netlink."""

NETWORK = {"internet": 2, "internet 6": 10}
"""The hub's alone: it serves browsers."""


def daemon_profile(machine: str, *, network: bool = False) -> dict[str, Any]:
    """`linux.seccomp` of the OCI runtime specification for the gate daemon's container.

    network: for the hub's, which jails servers in the same way and serves browsers. Raises
    Refusal("unknown_machine") where there is no table.
    """
    found = profile(machine)
    more = {call for family in DAEMON.values() for call in family.calls.split()}
    wider = more | {"socket"}
    rules = [rule for rule in found["syscalls"] if not wider.issuperset(rule["names"])]
    here = sorted(more & NUMBERS[machine].keys())
    rules.append({"names": here, "action": "SCMP_ACT_ALLOW"})
    rules += [
        {
            "names": ["socket"],
            "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": number, "op": "SCMP_CMP_EQ"}],
        }
        for number in (SOCKETS | NETWORK if network else SOCKETS).values()
    ]
    return {**found, "syscalls": rules}
