"""Run as root before bubblewrap: lay out what the sandbox needs, become the kernel's own account.

Started as `python -I -S stage.py FD`; FD holds the order as `order` writes it.

The kernel's account need not be allowed to walk to any of the sources: they are bound to
/mnt/<name> in a mount namespace of its own, so that project and environment may lie under /root.
Stdlib only; nothing is imported but what stands here.
"""

import ctypes
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # the program itself imports as little as it can
    from collections.abc import Mapping, Sequence

__all__ = ["STAGE", "main", "order"]

STAGE = "/mnt"
_CLONE_NEWNS = 0x00020000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_NODES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
_libc = ctypes.CDLL(None, use_errno=True)


def order(
    uid: int,
    binds: "Mapping[str, str]",
    command: "Sequence[str]",
    groups: "Sequence[str]" = (),
) -> bytes:
    """The paper for this program: fields that end in NUL (json would be a slow import).

    uid: to become; binds: path -> name under STAGE; command: absolute program and arguments;
    groups: files of control groups to which the process writes its number.
    """
    pairs = [part for pair in binds.items() for part in pair]
    fields = [str(uid), str(len(groups)), str(len(binds)), *groups, *pairs, *command]
    return "\0".join(fields).encode()


def main() -> None:
    """Carry out the order and become bubblewrap; OSError ends the program before anything runs."""
    with os.fdopen(int(sys.argv[1]), encoding="utf-8") as paper:
        first, second, third, *fields = paper.read().split("\0")
    uid, groups, binds = int(first), int(second), int(third)
    for procs in fields[:groups]:
        _write(procs, str(os.getpid()))
    _check(_libc.unshare(_CLONE_NEWNS), "unshare")
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    # opened before /mnt is covered, because a source may itself lie under /mnt
    pairs, command = fields[groups : groups + 2 * binds], fields[groups + 2 * binds :]
    opened = [
        (os.open(path, os.O_PATH | os.O_CLOEXEC), name)
        for path, name in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    _devices()
    _mount("tmpfs", STAGE, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=1m,mode=755")
    for source, name in opened:
        _bind(source, f"{STAGE}/{name}")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.chdir("/")
    os.execv(command[0], command)  # noqa: S606 - that is this program's end


def _devices() -> None:
    """Nodes of its own: the times of the host's /dev/null are seen by every sandbox."""
    _mount("tmpfs", "/dev", "tmpfs", _MS_NOSUID | _MS_NOEXEC, "size=64k,mode=755")
    for name, (major, minor) in _NODES.items():
        os.mknod(f"/dev/{name}", 0o600 | stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(f"/dev/{name}", 0o666)  # noqa: S103, PTH101 - a device for everybody; pathlib would be slow


def _bind(source: int, target: str) -> None:
    if stat.S_ISDIR(os.fstat(source).st_mode):
        os.mkdir(target, 0o755)  # noqa: PTH102 - pathlib would be a slow import here
    else:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))
    _mount(f"/proc/self/fd/{source}", target, None, _MS_BIND | _MS_REC)
    os.close(source)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    def text(value: str | None) -> bytes | None:
        return value.encode() if value else None

    result = _libc.mount(text(source), text(target), text(kind), flags, text(data))
    _check(result, f"mount on {target}")


def _check(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"{what} failed")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    os.write(descriptor, text.encode())
    os.close(descriptor)


if __name__ == "__main__":
    main()
