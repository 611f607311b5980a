"""bubblewrap's command line, and nothing else knows it: what a sandbox sees and may do."""

import platform
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kernels.host.config import Limits
from kernels.host.sandbox.interpreter import Interpreter

__all__ = ["CODE", "Jail", "arguments", "command", "environment", "sources"]

CODE = "/opt/workbench/code"
_SITE = "/opt/workbench/site"
_PYTHON = "/opt/python"
_OUR_PACKAGES = ("disclosure", "kernels", "pseudonym", "workbench")


@dataclass(frozen=True)
class Jail:
    """What is particular to one sandbox.

    mounts: path inside -> path of the host, read-only; files: path inside -> descriptor whose
    bytes become a file (mode 0400); environment: added to the fixed one.
    """

    mounts: Mapping[str, Path]
    files: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def sources(jail: Jail, python: Interpreter, code: Path) -> dict[str, Path]:
    """Every path of the host that the sandbox shows: path inside -> path outside."""
    found = {
        f"{_PYTHON}/bin/{python.name}": python.executable,
        f"{_PYTHON}/lib/{python.name}": python.stdlib,
        CODE: code,
    }
    found |= {f"{_PYTHON}/lib/{path.name}": path for path in python.shared}
    found |= {f"{_SITE}/{number}": path for number, path in enumerate(python.site)}
    return {**found, **jail.mounts}


def command(python: Interpreter, paper: int) -> list[str]:
    """The program inside: our start-up with its paper."""
    boot = f"{CODE}/kernels/inside/boot.py"
    # -S: no .pth file of the installation runs; -P: the start-up's folder is no import path
    return [f"{_PYTHON}/bin/{python.name}", "-S", "-P", boot, str(paper)]


def arguments(
    jail: Jail,
    python: Interpreter,
    code: Path,
    limits: Limits,
    seccomp: int,
    place: Callable[[Path], str] = str,
) -> list[str]:
    """bubblewrap's options. `place` says where a host path is found when bubblewrap starts.

    The order matters: file systems in memory first, then mounts, then masks, and last of all
    the walls are made read-only.
    """
    shown = sources(jail, python, code)
    found = ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    found += ["--unshare-cgroup-try", "--disable-userns", "--cap-drop", "ALL", "--clearenv"]
    found += ["--hostname", "kernel", "--die-with-parent", "--new-session"]
    found += ["--proc", "/proc", "--dev", "/dev"]
    found += _in_memory("/dev/shm", limits.shared, "1777")  # noqa: S108 - inside the sandbox
    found += _in_memory("/tmp", limits.scratch, "1777")  # noqa: S108 - inside the sandbox
    found += _in_memory("/outbox", limits.outbox, "0700")
    found += [part for path in _parents([*shown, *jail.files]) for part in _folder(path)]
    found += _system_libraries()
    for inside, outside in shown.items():
        found += ["--ro-bind", place(outside), inside]
    found += _hidden_packages(python)
    for inside, descriptor in jail.files.items():
        found += ["--perms", "0400", "--ro-bind-data", str(descriptor), inside]
    found += _masks()
    for name, value in environment(jail, python).items():
        found += ["--setenv", name, value]
    found += ["--chdir", "/tmp"]  # noqa: S108 - inside the sandbox
    for wall in ("/proc", "/dev", "/"):
        found += ["--remount-ro", wall]
    return [*found, "--seccomp", str(seccomp)]


def _in_memory(path: str, size: int, mode: str) -> list[str]:
    return ["--perms", mode, "--size", str(size), "--tmpfs", path]


def _folder(path: str) -> list[str]:
    return ["--perms", "0755", "--dir", path]


def _parents(paths: list[str]) -> list[str]:
    """Folders that bubblewrap would otherwise make for its own eyes only."""
    parents = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(parents - {"/", "/tmp"})  # noqa: S108 - inside the sandbox


def _system_libraries() -> list[str]:
    """The shared libraries, the loader and the time zones of the system; no programs."""
    triplet = f"{platform.machine()}-linux-gnu"
    options = ["--perms", "0755", "--dir", "/usr", "--perms", "0755", "--dir", "/usr/lib"]
    loaders = [f"/usr/lib/{triplet}", "/usr/lib64", "/usr/lib/ld-linux-aarch64.so.1"]
    for path in [*loaders, "/usr/share/zoneinfo", "/etc/ld.so.cache"]:
        options += ["--ro-bind-try", path, path]
    for path in ("/lib", "/lib64"):
        if Path(path).is_symlink():
            options += ["--symlink", f"usr{path}", path]
        else:
            options += ["--ro-bind-try", path, path]
    return options


def _hidden_packages(python: Interpreter) -> list[str]:
    """Where the platform is installed beside the libraries, kernels see the image only."""
    options = []
    for number, folder in enumerate(python.site):
        for package in _OUR_PACKAGES:
            if (folder / package).is_dir():
                inside = f"{_SITE}/{number}/{package}"
                options += ["--tmpfs", inside, "--remount-ro", inside]
    return options


@cache
def _masks() -> tuple[str, ...]:
    """Cover everything in /proc but the sandbox's own processes.

    The rest tells of the host, or changes with what other kernels do (a channel). Links lead to
    the process itself; what only root may read needs no cover.
    """
    options = []
    for path in sorted(Path("/proc").iterdir()):
        mode = path.lstat().st_mode if not path.name.isdecimal() else stat.S_IFLNK
        if stat.S_ISDIR(mode):
            options += ["--tmpfs", str(path), "--remount-ro", str(path)]
        elif stat.S_ISREG(mode) and mode & 0o066:
            options += ["--ro-bind", "/dev/null", str(path)]
    return tuple(options)


def environment(jail: Jail, python: Interpreter) -> dict[str, str]:
    """All that a program inside finds in its environment (bubblewrap adds PWD)."""
    site = ":".join(f"{_SITE}/{number}" for number in range(len(python.site)))
    return {
        "PATH": f"{_PYTHON}/bin",
        "LD_LIBRARY_PATH": f"{_PYTHON}/lib",
        "PYTHONPATH": f"{CODE}:{site}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "HOME": "/tmp",  # noqa: S108 - inside the sandbox
        "USER": "researcher",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "IPYTHONDIR": "/tmp/.ipython",  # noqa: S108 - inside the sandbox
        "MPLCONFIGDIR": "/tmp/.matplotlib",  # noqa: S108 - inside the sandbox
        **jail.environment,
    }
