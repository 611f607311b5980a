"""What each wall alone can be known by, whatever other walls stand behind it."""

import ctypes
import errno
import os
from pathlib import Path

from kernels.inside.acts.trying import Act, Host, Table, libc

__all__ = ["TABLE"]

_NAMESPACES = {
    "user": "user namespace",
    "mnt": "mount namespace",
    "pid": "process namespace",
    "net": "network namespace",
    "ipc": "IPC namespace",
    "uts": "host name namespace",
    "cgroup": "control group namespace",
}
_DEVICES = (
    "console fuse kmsg kvm loop-control mem net port ptp0 rtc0 userfaultfd vda vsock sda tty0"
)
_GET_SECCOMP, _CAPBSET_READ, _GET_NO_NEW_PRIVS = 21, 23, 39
_OPENED = "mem kmsg kvm fuse loop-control userfaultfd vsock net/tun ttyS0 hwrng"


def _shares(kind: str) -> Act:
    def act(host: Host) -> bool:
        return str(Path(f"/proc/self/ns/{kind}").readlink()) == str(host["namespaces"][kind])

    return Act(_NAMESPACES[kind], act)


def _capability(_host: Host) -> bool:
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)  # linux/capability.h: version 3, this process
    held = (ctypes.c_uint32 * 6)()
    libc.capget(head, held)
    return any(held) or any(libc.prctl(_CAPBSET_READ, one, 0, 0, 0) == 1 for one in range(41))


def _may_gain(_host: Host) -> bool:
    return int(libc.prctl(_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) == 0


def _unfiltered(_host: Host) -> bool:
    return int(libc.prctl(_GET_SECCOMP, 0, 0, 0, 0)) == 0


def _is_writable(place: str) -> bool:
    """Whatever the rights: a read-only mount says so before anything else is asked."""
    times = Path(place).stat()
    try:
        os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    except OSError as error:
        return error.errno != errno.EROFS
    return True


def _writable(place: str) -> Act:
    names = {"/": "read-only root", "/dev": "read-only /dev", "/proc": "read-only /proc"}
    return Act(names[place], lambda _host: _is_writable(place))


def _shown_writable(host: Host) -> bool:
    return any(_is_writable(place) for place in host["shown"])


def _sees_folder(host: Host) -> bool:
    return Path(host["folder"]).exists()


def _device(_host: Host) -> bool:
    return any(os.path.lexists(f"/dev/{name}") for name in _DEVICES.split())


def _opens(name: str) -> Act:
    def act(_host: Host) -> bool:
        os.close(os.open(f"/dev/{name}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
        return True

    return Act("harmless devices", act)


def _shares_null(host: Host) -> bool:
    found = Path("/dev/null").stat()
    return [found.st_dev, found.st_ino] == list(host["null"])


def _touches_null(host: Host) -> bool:
    if not _shares_null(host):
        return False
    os.utime("/dev/null")
    return True


def _session(host: Host) -> bool:
    """0 stands for a session whose leader is out of sight."""
    pid = str(Path("/proc/self/ns/pid").readlink())
    return os.getsid(0) in ({0, host["sid"]} if pid == host["namespaces"]["pid"] else {0})


def _descriptor(_host: Host) -> bool:
    """A file, or a paper in memory, that somebody left open."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except OSError:  # the one that lists
            continue
    return any(one[0] == "/" and not one.startswith(("/dev/null", "/proc/")) for one in found)


def _speaks(_host: Host) -> bool:
    null = Path("/dev/null").stat()
    return not all(os.path.samestat(os.fstat(standard), null) for standard in (1, 2))


def _canary(host: Host) -> bool:
    return host["canary"] in os.environ.values()


def _variable(host: Host) -> bool:
    """bubblewrap adds PWD, the start-up of a run the back end of pictures."""
    return not os.environ.keys() <= {*host["names"], "PWD", "MPLBACKEND"}


TABLE: Table = {
    **{f"share the host's {_NAMESPACES[kind]}": _shares(kind) for kind in _NAMESPACES},
    "hold a capability": Act("no capabilities", _capability),
    "gain rights by running a file": Act("no new privileges", _may_gain),
    "run without a filter": Act("system call filter", _unfiltered),
    **{f"find {place} writable": _writable(place) for place in ("/", "/dev", "/proc")},
    "find a shown folder writable": Act("read-only mounts", _shown_writable),
    "see another project's folder": Act("own mounts only", _sees_folder),
    "find a device of the host": Act("harmless devices", _device),
    **{f"open /dev/{name}": _opens(name) for name in _OPENED.split()},
    "share /dev/null with the host": Act("own device nodes", _shares_null, needs="root"),
    "touch the host's /dev/null": Act("own device nodes", _touches_null, needs="root"),
    "share the host's session": Act("own session", _session),
    "find a descriptor left open": Act("closed descriptors", _descriptor),
    "speak to the daemon's log": Act("silent descriptors", _speaks),
    "read the daemon's environment": Act("cleared environment", _canary),
    "find an unknown variable": Act("cleared environment", _variable),
}
