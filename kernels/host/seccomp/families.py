"""Which system calls a kernel may make and which are refused, by family, and why.

Every call of `numbers` stands in exactly one family here or in `checks.CHECKED`; a test says so.
`docs/reference/system-calls.md` is made from these tables.
"""

from typing import NamedTuple

__all__ = ["ABSENT", "ALLOWED", "LOCKS", "REFUSED", "Family"]


class Family(NamedTuple):
    """Calls that are judged alike. reason: why so; calls: their names, space-separated."""

    reason: str
    calls: str


LOCKS = "file locks"
"""The one family whose verdict depends on the lane."""

ALLOWED: dict[str, Family] = {
    "input and output": Family(
        "reads and writes what is open already",
        """
        read write readv writev pread64 pwrite64 preadv pwritev lseek sendfile copy_file_range
        fsync fdatasync sync_file_range readahead dup dup2 dup3 close close_range pipe pipe2""",
    ),
    "files": Family(
        "as far as mounts and Landlock let",
        """
        open openat openat2 creat stat fstat lstat newfstatat statx access
        faccessat faccessat2 truncate ftruncate fallocate getdents getdents64 getcwd chdir fchdir
        rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat symlink symlinkat link linkat
        readlink readlinkat chmod fchmod fchmodat fchmodat2 umask utime utimes utimensat futimesat
        getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr""",
    ),
    LOCKS: Family(
        "of the Workbench lane only: two kernels can lock the same file of a shared folder, so in "
        "the sealed lanes a lock would be a wire out",
        "flock",
    ),
    "memory": Family(
        "its own, bounded by limits and control groups",
        """
        mprotect munmap mremap msync brk mlock munlock mlock2 membarrier
        set_mempolicy pkey_alloc pkey_free pkey_mprotect map_shadow_stack""",
    ),
    "signals and waiting": Family(
        "reaches the sandbox's own processes only",
        """
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
        rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack signalfd signalfd4 kill tkill tgkill
        pidfd_open pidfd_send_signal select pselect6 poll ppoll pause epoll_create epoll_create1
        epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 restart_syscall""",
    ),
    "time": Family(
        "tells the time and waits; sets nothing",
        """
        nanosleep clock_nanosleep getitimer setitimer alarm gettimeofday time clock_gettime
        clock_getres timerfd_create timerfd_settime timerfd_gettime timer_create timer_settime
        timer_gettime timer_getoverrun timer_delete times""",
    ),
    "processes and threads": Family(
        "of its own, bounded by limits and control groups",
        """
        fork vfork execve exit exit_group wait4 waitid set_robust_list get_robust_list
        set_tid_address rseq arch_prctl gettid getpid
        getppid getpgrp getpgid setpgid getsid setsid getuid geteuid getgid getegid getresuid
        getresgid getgroups capget getrlimit getrusage prlimit64 setrlimit getpriority setpriority
        sched_yield sched_setscheduler sched_getscheduler sched_getparam sched_setparam
        sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_setaffinity
        sched_getaffinity sched_getattr sched_setattr getcpu uname getrandom""",
    ),
    "local sockets": Family(
        "Unix sockets that it was given or makes in /tmp",
        """
        connect accept accept4 shutdown bind listen getsockname getpeername getsockopt""",
    ),
    "further restraint": Family(
        "a process may tie itself down further",
        "landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    ),
}

ABSENT: dict[str, Family] = {
    "hidden flags": Family(
        "its flags lie in memory that a filter cannot read; libc falls back to clone", "clone3"
    ),
    "io_uring": Family(
        "operations on a ring pass by every filter",
        "io_uring_setup io_uring_enter io_uring_register",
    ),
    "younger futexes": Family(
        "whether they reach beyond their own process partly lies in memory; libc uses the old one",
        "futex_waitv futex_wake futex_wait futex_requeue",
    ),
    "reads that do not wait": Family(
        "RWF_NOWAIT tells what other kernels have read lately; libc falls back to preadv",
        "preadv2 pwritev2",
    ),
}

REFUSED: dict[str, Family] = {
    "mounts": Family(
        "would take down the sandbox's walls",
        """
        mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount
        fspick mount_setattr statmount listmount""",
    ),
    "namespaces": Family(
        "a namespace of its own gives rights in it, and kernel code that only root was to reach",
        "unshare setns listns",
    ),
    "ptrace": Family("takes over other processes", "ptrace"),
    "memory of others": Family(
        "reads, writes or judges the memory of other processes",
        """
        process_vm_readv process_vm_writev process_madvise process_mrelease kcmp move_pages
        migrate_pages set_mempolicy_home_node""",
    ),
    "descriptors of others": Family("takes open files out of other processes", "pidfd_getfd"),
    "bpf": Family("loads programs into the host's kernel", "bpf"),
    "perf": Family("measures other processes and the host", "perf_event_open uprobe uretprobe"),
    "keyrings": Family("are shared between sandboxes of one account", "keyctl add_key request_key"),
    "userfaultfd": Family("stops the host's kernel in mid-copy, for attacks", "userfaultfd"),
    "secret memory": Family("locks memory and hides it from the host", "memfd_secret"),
    "watching files": Family(
        "sees which shared files other kernels open: a wire from a sealed run to a notebook",
        "fanotify_init fanotify_mark inotify_init inotify_init1 inotify_add_watch inotify_rm_watch",
    ),
    "the page cache": Family(
        "tells what other kernels have read lately: a wire from a sealed run to a notebook",
        "mincore cachestat",
    ),
    "splicing": Family(
        "puts pages of shared files into pipes; a class of flaws (Dirty Pipe)",
        "splice tee vmsplice",
    ),
    "old asynchronous input and output": Family(
        "little used, a long history of flaws",
        "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents",
    ),
    "old memory tricks": Family(
        "segments and remapping that nothing needs; a history of flaws",
        "modify_ldt remap_file_pages uselib lookup_dcookie nfsservctl",
    ),
    "names that pass by the mounts": Family(
        "opens or runs what no path inside leads to",
        "name_to_handle_at open_by_handle_at execveat",
    ),
    "modules": Family(
        "loads code into the host's kernel", "init_module finit_module delete_module"
    ),
    "kexec": Family("replaces the host's kernel", "kexec_load kexec_file_load"),
    "reboot and swap": Family("ends or slows the host", "reboot swapon swapoff"),
    "accounting and quotas": Family("the host's books", "acct quotactl quotactl_fd"),
    "kernel log": Family("holds addresses and what the host does", "syslog"),
    "ports of the machine": Family("talks to hardware", "iopl ioperm"),
    "clocks": Family("sets the host's time", "settimeofday clock_settime clock_adjtime adjtimex"),
    "names of the machine": Family("nothing needs it", "sethostname setdomainname"),
    "the host's disks and terminals": Family(
        "slows everybody or hangs up a terminal", "vhangup sync syncfs ioprio_set ioprio_get"
    ),
    "identity": Family(
        "a kernel is who it is",
        """
        setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset
        chown fchown lchown fchownat""",
    ),
    "devices and attributes": Family(
        "device nodes, and attributes that outlive a file's content",
        """
        mknod mknodat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat
        getxattrat listxattrat removexattrat file_getattr file_setattr""",
    ),
    "filters": Family(
        "a filter of its own could fake answers to a program that it starts", "seccomp"
    ),
    "free space and load": Family(
        "changes with what the host and other kernels do", "sysinfo statfs fstatfs ustat"
    ),
    "System V and POSIX queues": Family(
        "objects that outlive their process; never needed",
        """
        shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
        mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr""",
    ),
    "locking all memory": Family("the host must be able to swap", "mlockall munlockall mseal"),
    "security modules": Family(
        "nothing needs it", "lsm_get_self_attr lsm_set_self_attr lsm_list_modules"
    ),
    "long gone": Family(
        "or never there; whatever answers is not to be trusted",
        """
        _sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms
        get_thread_area set_thread_area getpmsg putpmsg query_module security sysfs tuxcall
        vserver""",
    ),
}
