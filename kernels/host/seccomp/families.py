"""Which system calls a kernel may make, which are checked or refused, and why: by family."""

__all__ = ["ABSENT", "ALLOWED", "CHECKED", "REFUSED"]

ALLOWED: dict[str, str] = {
    "read and write what is open": """
        read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile
        copy_file_range splice tee vmsplice fsync fdatasync sync_file_range fadvise64 readahead
        dup dup2 dup3 close close_range fcntl flock pipe pipe2""",
    "files, as far as mounts and Landlock let": """
        open openat openat2 creat stat fstat lstat newfstatat statx statfs fstatfs access
        faccessat faccessat2 truncate ftruncate fallocate getdents getdents64 getcwd chdir fchdir
        rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat symlink symlinkat link linkat
        readlink readlinkat chmod fchmod fchmodat fchmodat2 umask utime utimes utimensat futimesat
        getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr inotify_init inotify_init1
        inotify_add_watch inotify_rm_watch memfd_create""",
    "memory": """
        mmap mprotect munmap mremap msync mincore madvise brk mlock munlock mlock2 membarrier
        set_mempolicy get_mempolicy mbind pkey_alloc pkey_free pkey_mprotect map_shadow_stack""",
    "signals and waiting": """
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
        rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack signalfd signalfd4 kill tkill tgkill
        pidfd_open pidfd_send_signal select pselect6 poll ppoll pause epoll_create epoll_create1
        epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 restart_syscall""",
    "time": """
        nanosleep clock_nanosleep getitimer setitimer alarm gettimeofday time clock_gettime
        clock_getres timerfd_create timerfd_settime timerfd_gettime timer_create timer_settime
        timer_gettime timer_getoverrun timer_delete times""",
    "processes and threads of its own": """
        fork vfork execve exit exit_group wait4 waitid futex futex_waitv futex_wake futex_wait
        futex_requeue set_robust_list get_robust_list set_tid_address rseq arch_prctl gettid getpid
        getppid getpgrp getpgid setpgid getsid setsid getuid geteuid getgid getegid getresuid
        getresgid getgroups capget getrlimit getrusage prlimit64 setrlimit getpriority setpriority
        sched_yield sched_setscheduler sched_getscheduler sched_getparam sched_setparam
        sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_setaffinity
        sched_getaffinity sched_getattr sched_setattr getcpu uname getrandom""",
    "Unix sockets that it was given or that it makes in /tmp": """
        connect accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown bind
        listen getsockname getpeername setsockopt getsockopt""",
    "tie itself down further": """
        landlock_create_ruleset landlock_add_rule landlock_restrict_self""",
}

CHECKED: dict[str, str] = {
    "socket": "Unix sockets only: no network family, no netlink, no kernel crypto, no vsock",
    "socketpair": "Unix sockets only",
    "clone": "threads and processes, but no new namespace",
    "ioctl": "no input pushed into a terminal (TIOCSTI, TIOCLINUX)",
    "prctl": "a list of harmless options; no PR_SET_MM, and dumpable may only be switched off",
    "personality": "asking only",
}

ABSENT: dict[str, str] = {
    "clone3": "its flags lie in memory that a filter cannot read; libc falls back to clone",
    "io_uring_setup": "operations on a ring pass by every filter",
    "io_uring_enter": "operations on a ring pass by every filter",
    "io_uring_register": "operations on a ring pass by every filter",
}

REFUSED: dict[str, str] = {
    "mounts and namespaces: the sandbox's walls": """
        mount umount2 pivot_root chroot unshare setns open_tree open_tree_attr move_mount fsopen
        fsconfig fsmount fspick mount_setattr statmount listmount""",
    "other processes' memory and descriptors": """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease
        pidfd_getfd kcmp move_pages migrate_pages set_mempolicy_home_node""",
    "kernel interfaces with a long history of flaws": """
        bpf perf_event_open userfaultfd keyctl add_key request_key modify_ldt
        fanotify_init fanotify_mark io_setup io_destroy io_submit io_cancel io_getevents
        io_pgetevents remap_file_pages memfd_secret uselib lookup_dcookie nfsservctl""",
    "names that pass by the mounts": "name_to_handle_at open_by_handle_at execveat",
    "the machine": """
        init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
        acct quotactl quotactl_fd syslog iopl ioperm settimeofday clock_settime clock_adjtime
        adjtimex sethostname setdomainname vhangup sync syncfs ioprio_set ioprio_get""",
    "identity": """
        setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset
        chown fchown lchown fchownat mknod mknodat setxattr lsetxattr fsetxattr removexattr
        lremovexattr fremovexattr setxattrat getxattrat listxattrat removexattrat""",
    "a filter of its own (could fake answers to a program it starts)": "seccomp",
    "load and free memory of the host, seen by every kernel: a channel between sandboxes": """
        sysinfo cachestat""",
    "message queues and shared memory of System V and POSIX: never needed": """
        shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
        mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr""",
    "locking all memory": "mlockall munlockall mseal",
    "security modules": "lsm_get_self_attr lsm_set_self_attr lsm_list_modules",
    "long gone or never there": """
        _sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms
        get_thread_area set_thread_area getpmsg putpmsg query_module security sysfs tuxcall ustat
        vserver""",
}
