"""The sandbox's layers: what each stops, the act of the report that shows it, what stays open.

`docs/explanation/isolation.md` is made from this table. For each layer a test in
`tests/sandbox/test_layers.py` takes that one away and sees its act turn red.
"""

from typing import NamedTuple

from kernels.host.seccomp.checks import CHECKED
from kernels.host.seccomp.families import ABSENT, REFUSED

__all__ = ["CHECKS", "FAMILIES", "IN_TIME", "LAYERS", "WALLS", "Layer"]


class Layer(NamedTuple):
    """stops: what it is for; act: shows the layer alone; check: of the self-check before hand-over.

    test: where no act can show it, the test that takes it away.
    beneath: layers that stop the same act, and have to be taken away first to see this one.
    needs: the host must have it ("root", "landlock:1", "groups", "cpu"); open: what it leaves.
    """

    name: str
    stops: str
    act: str
    check: str = ""
    beneath: tuple[str, ...] = ()
    needs: str = ""
    open: str = ""
    test: str = ""


_CALLS = "system call filter"

WALLS = (
    Layer(
        "user namespace",
        "rights inside are rights over nothing outside",
        "share the host's user namespace",
        "own_namespaces",
    ),
    Layer(
        "mount namespace",
        "a file system of its own",
        "share the host's mount namespace",
        "own_namespaces",
        open="without Landlock it can be read where on the host the shown folders lie",
    ),
    Layer(
        "process namespace",
        "processes outside have no number inside",
        "share the host's process namespace",
        "own_namespaces",
    ),
    Layer(
        "network namespace",
        "no interface but its own loopback, no abstract socket of the host",
        "share the host's network namespace",
        "own_namespaces",
    ),
    Layer(
        "IPC namespace",
        "no queue or shared memory of others",
        "share the host's IPC namespace",
        "own_namespaces",
    ),
    Layer(
        "host name namespace",
        "the host's name is not shown",
        "share the host's host name namespace",
        "own_namespaces",
        open="the version of the host's kernel is",
    ),
    Layer(
        "control group namespace",
        "where in the host's groups it runs is not shown",
        "share the host's control group namespace",
        "own_namespaces",
    ),
    Layer(
        "no nested namespaces",
        "kernel code that only a namespace's root can reach",
        "make a user namespace",
        beneath=(_CALLS,),
    ),
    Layer(
        "account of its own",
        "files and sockets of the platform, of root and of other kernels belong to others",
        "be root to the engine",
        needs="root",
        open="an ordinary user has one account only, that of the platform: there the other layers "
        "stand alone",
    ),
    Layer("no capabilities", "every privileged operation", "hold a capability", "no_capabilities"),
    Layer(
        "no new privileges",
        "set-user-id programs",
        "gain rights by running a file",
        "confined",
    ),
    Layer(
        _CALLS,
        "every call that is not on the list, and calls of other architectures",
        "run without a filter",
        "confined",
        open="a flaw in an allowed call: the host's kernel is shared",
    ),
    Layer(
        "locks of the sealed lanes",
        "a lock on a shared file, seen by another kernel",
        "lock a file that other kernels see",
        open="two kernels share processor, memory and disk: how busy these are can be timed",
    ),
    Layer(
        "Landlock",
        "reading the outbox, signalling or reading the first process, programs in /tmp, files in "
        "/proc: they tell how many use a shared page, and the host's count of sockets",
        "list /",
        "tied_down",
        needs="landlock:1",
        open="the version on the host decides: signals from version 6; without it the mounts "
        "stand alone and the outbox can be read back. A program in memory can be run: it may do "
        "no more than Python",
    ),
    Layer("read-only root", "writing beside the mounts", "find / writable", "mounts"),
    Layer("read-only /dev", "new devices and links in /dev", "find /dev writable", "mounts"),
    Layer(
        "read-only /proc",
        "writing maps, scores and the memory of others by files",
        "find /proc writable",
        "mounts",
    ),
    Layer(
        "read-only mounts",
        "changing the view, the twin, the packages or the start-up for the next kernel",
        "find a shown folder writable",
        "mounts",
    ),
    Layer(
        "own mounts only",
        "other projects, keys, the host's files",
        "see another project's folder",
    ),
    Layer(
        "private /proc",
        "processes of the host and of other kernels",
        "list the processes of the host",
        "own_processes_only",
    ),
    Layer(
        "covered /proc",
        "counters that change with what others do, addresses, the machine's identity",
        "read /proc/loadavg",
        "only_processes_in_proc",
        beneath=("Landlock",),
    ),
    Layer(
        "harmless devices",
        "disks, memory, virtual machines",
        "find a device of the host",
        "harmless_devices",
        beneath=("own device nodes",),
    ),
    Layer(
        "own device nodes",
        "times of the host's /dev/null, which every kernel could set and read",
        "share /dev/null with the host",
        needs="root",
    ),
    Layer("size of /tmp", "filling the host's memory with files", "fill the disk"),
    Layer("size of /dev/shm", "filling the host's memory with files", "fill shared memory"),
    Layer("size of the outbox", "filling the host's memory with files", "fill the outbox"),
    *(
        Layer(f"limit {name}", stops, f"exceed the limit {name}", "limits", open=left)
        for name, stops, left in (
            ("CORE", "an image of the memory, written or piped to a program of the host", ""),
            ("DATA", "one process that takes all memory", "shared memory is not counted"),
            ("FSIZE", "one file that fills everything", ""),
            ("MEMLOCK", "memory that the host cannot swap", ""),
            ("MSGQUEUE", "POSIX queues", ""),
            ("NICE", "more of the processor than others", ""),
            ("NOFILE", "all open files of the host", ""),
            ("NPROC", "all processes of the host", "counted by account"),
            ("RTPRIO", "a processor for itself", ""),
            ("SIGPENDING", "the host's memory for signals and timers", ""),
        )
    ),
    Layer(
        "memory of all processes",
        "many processes or nameless files that together take all memory",
        "use more memory by several processes",
        needs="groups",
        open="without control groups only each process is bounded; the host's memory killer then "
        "takes kernels first",
    ),
    Layer(
        "number of all processes",
        "a bomb of processes",
        "start more processes than allowed",
        beneath=("limit NPROC",),
        needs="groups",
        open="without control groups processes are counted by account",
    ),
    Layer(
        "cleared environment",
        "tokens and passphrases of the platform",
        "read the daemon's environment",
        "environment",
    ),
    Layer(
        "own session",
        "the terminal that the platform was started from",
        "share the host's session",
        "own_session",
    ),
    Layer(
        "closed descriptors",
        "files and sockets that the platform has open",
        "find a descriptor left open",
        "descriptors",
    ),
    Layer(
        "silent descriptors",
        "printing into the platform's log",
        "speak to the daemon's log",
        "descriptors",
    ),
    Layer(
        "not dumpable",
        "looking into a process of the same account",
        "read a sibling's memory",
        "not_dumpable",
        beneath=("Landlock",),
        open="what a kernel starts itself is open to it",
    ),
)

_SHOWN_BY = {
    "mounts": "call mount",
    "namespaces": "call unshare",
    "hidden flags": "call clone3",
    "io_uring": "call io_uring_setup",
    "younger futexes": "call futex_waitv",
    "reads that do not wait": "see what is in the page cache",
    "ptrace": "trace a sibling",
    "memory of others": "read a sibling's memory by a call",
    "descriptors of others": "call pidfd_getfd",
    "bpf": "call bpf",
    "perf": "call perf_event_open",
    "keyrings": "call keyctl",
    "userfaultfd": "call userfaultfd",
    "secret memory": "call memfd_secret",
    "watching files": "call inotify_init1",
    "the page cache": "call mincore",
    "splicing": "call splice",
    "old asynchronous input and output": "call io_setup",
    "old memory tricks": "call remap_file_pages",
    "names that pass by the mounts": "call execveat",
    "modules": "call finit_module",
    "kexec": "call kexec_load",
    "reboot and swap": "call reboot",
    "accounting and quotas": "call quotactl_fd",
    "kernel log": "call syslog",
    "ports of the machine": "call iopl",
    "clocks": "call clock_settime",
    "names of the machine": "call sethostname",
    "the host's disks and terminals": "call syncfs",
    "identity": "call setfsuid",
    "devices and attributes": "call setxattr",
    "filters": "call seccomp",
    "free space and load": "call sysinfo",
    "System V and POSIX queues": "call shmget",
    "locking all memory": "call mseal",
    "security modules": "call lsm_list_modules",
}

_BENEATH = {"ptrace": ("not dumpable",), "memory of others": ("not dumpable",)}

FAMILIES = tuple(
    Layer(f"calls: {name}", family.reason, _SHOWN_BY[name], beneath=_BENEATH.get(name, ()))
    for name, family in {**ABSENT, **REFUSED}.items()
    if name in _SHOWN_BY
)
"""One for each family of refused or absent calls, but those that no kernel has any more."""

_CHECKED_BY = {
    "socket": "make an internet socket",
    "socketpair": "make a pair of network sockets",
    "clone": "make a mount namespace",
    "ioctl": "type into a terminal",
    "fcntl": "take a lease",
    "prctl": "become dumpable",
    "personality": "lay out memory as it was once",
    "mmap": "take the host's huge pages",
    "memfd_create": "take the host's huge pages by a file",
    "madvise": "merge pages with other processes",
    "fadvise64": "throw pages out of the page cache",
    "futex": "inherit a priority",
    "mbind": "move a page to another memory",
    "get_mempolicy": "ask in which memory a page lies",
    "setsockopt": "attach a program to a socket",
    **{
        call: f"call {call} out of band"
        for call in ("sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg")
    },
}

CHECKS = tuple(
    Layer(f"checked: {call}", check.reason, _CHECKED_BY[call]) for call, check in CHECKED.items()
)
"""One for each call whose arguments decide."""

LAYERS = WALLS + CHECKS + FAMILIES
"""Every layer that an act of the isolation report shows."""

IN_TIME = (
    Layer(
        "share of the processor",
        "one kernel that slows all others",
        act="",
        needs="cpu",
        open="without control groups for the processor kernels run after the platform (nice 5)",
        test="tests/redteam/kernel/test_shares.py::test_many_busy_processes_take_no_more_than_one",
    ),
    Layer(
        "wall clock",
        "a kernel or run that never ends",
        act="",
        test="tests/sandbox/test_limits_in_time.py::test_a_kernel_ends_at_its_limit_and_says_so",
    ),
    Layer(
        "idle limit",
        "kernels that nobody uses",
        act="",
        test="tests/sandbox/test_limits_in_time.py::test_without_its_limit_a_kernel_runs_on",
    ),
    Layer(
        "first to go",
        "the host's memory killer taking the platform",
        act="",
        test="tests/redteam/kernel/test_shares.py::test_the_hosts_memory_killer_takes_kernels_first",
    ),
)
"""Layers that only show in time or from outside."""
