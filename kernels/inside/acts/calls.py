"""System calls with arguments that the kernel itself would refuse, had it been reached."""

from kernels.inside.acts.trying import Act, Table, reached

__all__ = ["table"]

_Argument = int | bytes | None

_CALLS: dict[str, dict[str, tuple[_Argument, ...]]] = {
    "mounts": {
        "mount": (None, None, None, 0, None),
        "umount2": (b"/proc/self", 0),
        "pivot_root": (None, None),
        "chroot": (None,),
        "fsopen": (None, 0),
        "fsconfig": (-1, 99, None, None, 0),
        "fsmount": (-1, 0, 0),
        "fspick": (-1, None, 0),
        "open_tree": (-1, None, 0),
        "move_mount": (-1, None, -1, None, 0),
        "mount_setattr": (-1, None, 0, None, 0),
        "statmount": (None, None, 0, 0),
        "listmount": (None, None, 0, 0),
    },
    "namespaces": {"unshare": (0x1,), "setns": (-1, 0)},
    "hidden flags": {"clone3": (None, 0)},
    "io_uring": {
        "io_uring_setup": (0, None),
        "io_uring_enter": (-1, 0, 0, 0, None, 0),
        "io_uring_register": (-1, 0, None, 0),
    },
    "younger futexes": {"futex_waitv": (None, 0, 0, None, 0)},
    "reads that do not wait": {"preadv2": (-1, None, 0, 0, 0, 8)},
    "ptrace": {"ptrace": (16, 0, None, None)},
    "memory of others": {
        "process_vm_readv": (0, None, 0, None, 0, 0),
        "process_vm_writev": (0, None, 0, None, 0, 0),
        "process_madvise": (-1, None, 0, 0, 0),
        "process_mrelease": (-1, 0),
        "kcmp": (0, 0, 0, 0, 0),
        "move_pages": (0, 0, None, None, None, 99),
        "migrate_pages": (0, 0, None, None),
    },
    "descriptors of others": {"pidfd_getfd": (-1, 0, 0)},
    "bpf": {"bpf": (0, None, 1 << 20)},
    "perf": {"perf_event_open": (None, 0, -1, -1, 0)},
    "keyrings": {
        "keyctl": (0, -3, 0),
        "add_key": (None, None, None, 0, 0),
        "request_key": (None, None, None, 0),
    },
    "userfaultfd": {"userfaultfd": (1,)},
    "secret memory": {"memfd_secret": (0xFFFF,)},
    "watching files": {
        "fanotify_init": (0xFFFFFFF, 0),
        "fanotify_mark": (-1, 0, 0, -1, None),
        "inotify_init1": (0xFFFF,),
        "inotify_add_watch": (-1, None, 0),
    },
    "the page cache": {"mincore": (1, 0, None), "cachestat": (-1, None, None, 0)},
    "splicing": {
        "splice": (-1, None, -1, None, 1, 0),
        "tee": (-1, -1, 1, 0),
        "vmsplice": (-1, None, 1, 0xFF),
    },
    "old asynchronous input and output": {"io_setup": (0, None), "io_submit": (None, 1, None)},
    "old memory tricks": {
        "modify_ldt": (0, None, 0),
        "remap_file_pages": (1, 0, 0, 0, 0),
    },
    "names that pass by the mounts": {
        "open_by_handle_at": (-1, None, 0),
        "name_to_handle_at": (-1, None, None, None, 0),
        "execveat": (-1, None, None, None, 0),
    },
    "modules": {"finit_module": (-1, None, 0), "delete_module": (None, 0)},
    "kexec": {"kexec_load": (0, 0, None, -1), "kexec_file_load": (-1, -1, 0, None, -1)},
    "reboot and swap": {"reboot": (0, 0, 0, None), "swapon": (None, 0), "swapoff": (None,)},
    "accounting and quotas": {
        "acct": (b"/nowhere/at/all",),
        "quotactl": (-1, None, 0, None),
        "quotactl_fd": (-1, -1, 0, None),
    },
    "kernel log": {"syslog": (10, None, 0)},
    "ports of the machine": {"iopl": (4,), "ioperm": (70000, 1, 1)},
    "clocks": {
        "settimeofday": (1, None),
        "clock_settime": (99, None),
        "clock_adjtime": (99, 1),
        "adjtimex": (1,),
    },
    "names of the machine": {"sethostname": (None, -1), "setdomainname": (None, -1)},
    "the host's disks and terminals": {
        "syncfs": (-1,),
        "ioprio_set": (9, 0, 0),
        "ioprio_get": (9, 0),
    },
    "identity": {
        "setuid": (-1,),
        "setgid": (-1,),
        "setfsuid": (-1,),
        "capset": (None, None),
        "fchown": (-1, 0, 0),
    },
    "devices and attributes": {
        "mknodat": (-1, None, 0, 0),
        "setxattr": (None, None, None, 0, 0),
        "file_getattr": (-1, None, None, 0, 0),
    },
    "filters": {"seccomp": (2, 0, None)},
    "free space and load": {"sysinfo": (None,), "statfs": (None, None), "ustat": (0, None)},
    "System V and POSIX queues": {
        "shmget": (0, 0, 0),
        "semget": (0, -1, 0),
        "msgget": (1, 0),
        "mq_open": (None, 0, 0, None),
    },
    "locking all memory": {"mlockall": (0,), "mseal": (1, 0, 0)},
    "security modules": {"lsm_list_modules": (None, None, 0)},
}
"""Family (of kernels.host.seccomp.families) -> call -> arguments."""

_CHECKED: dict[str, tuple[str, tuple[_Argument, ...]]] = {
    "inherit a priority": ("futex", (1, 6, 0, None, None, 0)),
    "move a page to another memory": ("mbind", (None, 0, 0, None, 0, 2)),
    "ask in which memory a page lies": ("get_mempolicy", (None, None, 0, None, 2)),
    "attach a program to a socket": ("setsockopt", (-1, 1, 26, None, 0)),
    "call sendto out of band": ("sendto", (-1, None, 0, 1, None, 0)),
    "call sendmsg out of band": ("sendmsg", (-1, None, 1)),
    "call sendmmsg out of band": ("sendmmsg", (-1, None, 1, 1)),
    "call recvfrom out of band": ("recvfrom", (-1, None, 0, 1, None, None)),
    "call recvmsg out of band": ("recvmsg", (-1, None, 1)),
    "call recvmmsg out of band": ("recvmmsg", (-1, None, 1, 1, None)),
}
"""Calls that are allowed, with arguments that are not."""


def table(numbers: dict[str, int]) -> Table:
    """One act a call; numbers: this machine's."""

    def act(number: int, arguments: tuple[_Argument, ...]) -> Act:
        return Act("", lambda _host: reached(number, *arguments))

    checked = {
        name: act(numbers[call], arguments)._replace(layer=f"checked: {call}")
        for name, (call, arguments) in _CHECKED.items()
    }
    return checked | {
        f"call {call}": act(numbers[call], arguments)._replace(layer=f"calls: {family}")
        for family, calls in _CALLS.items()
        for call, arguments in calls.items()
        if call in numbers
    }
