"""What this host cannot isolate, each with its remedy; the daemon does not start without it."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kernels.errors import Refusal
from kernels.host.sandbox import landlock_abi
from kernels.host.sandbox.limits import ControlGroups
from kernels.host.sandbox.stage import STAGE
from kernels.host.seccomp.program import ARCHITECTURES

__all__ = ["Missing", "can_isolate", "require_isolation"]

_OLDEST = (0, 8, 0)
"""bubblewrap's first release that can forbid nested user namespaces."""


@dataclass(frozen=True)
class Missing:
    """Something that this host lacks. needed: without it no kernel starts."""

    what: str
    remedy: str
    needed: bool = True


def can_isolate() -> list[Missing]:
    """Everything that is missing on this host; empty when all layers are there."""
    found = _machine() + _stage() + _bubblewrap()
    if not found:
        found += _namespaces()
    return found + _second_layers()


def require_isolation() -> None:
    """Refusal("no_isolation") naming everything needed that is missing."""
    missing = [each for each in can_isolate() if each.needed]
    if missing:
        raise Refusal(
            "no_isolation",
            "This host cannot isolate kernels: " + "; ".join(each.what for each in missing) + ".",
            " ".join(each.remedy for each in missing),
        )


def _machine() -> list[Missing]:
    if platform.system() == "Linux" and platform.machine() in ARCHITECTURES:
        return []
    return [Missing("there is no system call filter for this machine", "Use x86-64 or aarch64.")]


def _stage() -> list[Missing]:
    if os.geteuid() != 0 or Path(STAGE).is_dir():
        return []
    return [Missing(f"there is no folder {STAGE} to lay out sandboxes in", f"Run: mkdir {STAGE}.")]


def _bubblewrap() -> list[Missing]:
    path = shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")
    if path is None:
        return [Missing("bubblewrap is not installed", "Run: apt install bubblewrap.")]
    said = _run([path, "--version"]).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    if version < _OLDEST:
        return [Missing("bubblewrap is older than 0.8.0", "Install a newer bubblewrap.")]
    return []


def _namespaces() -> list[Missing]:
    """Try it, as an account without privileges when we are root."""
    command = [
        "bwrap",
        "--unshare-user",
        "--unshare-all",
        "--disable-userns",
        "--ro-bind",
        "/",
        "/",
    ]
    command += ["--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=50000", "--regid=50000", "--clear-groups", *command]
    if _run(command).returncode == 0:
        return []
    return [_why_no_namespaces()]


def _why_no_namespaces() -> Missing:
    if _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return Missing(
            "AppArmor forbids user namespaces to bubblewrap",
            "Install the profile bwrap-userns-restrict (apt install apparmor-profiles, then "
            "link it into /etc/apparmor.d and reload), or set "
            "kernel.apparmor_restrict_unprivileged_userns=0.",
        )
    if _read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return Missing(
            "unprivileged user namespaces are switched off",
            "Run: sysctl -w kernel.unprivileged_userns_clone=1.",
        )
    if _read("/proc/sys/user/max_user_namespaces") == "0":
        return Missing(
            "user namespaces are switched off",
            "Run: sysctl -w user.max_user_namespaces=15000.",
        )
    return Missing(
        "bubblewrap cannot make a sandbox here",
        "In a container, allow user namespaces and an unmasked /proc; inside a chroot use a real "
        "root. Try: bwrap --unshare-all --ro-bind / / --proc /proc true.",
    )


def _second_layers() -> list[Missing]:
    found = []
    if landlock_abi.abi() == 0:
        found.append(
            Missing(
                "Landlock is not active (the mounts stand alone)",
                "Boot a kernel of 5.13 or later with lsm=landlock,…",
                needed=False,
            )
        )
    groups = ControlGroups.find()
    if groups is None:
        found.append(
            Missing(
                "no control groups for kernels: memory and processes are limited by process and "
                "account only, and kernels run after the platform (nice)",
                "Run the platform as root on a host with control groups for memory and pids, "
                "or as a systemd service with Delegate=yes.",
                needed=False,
            )
        )
    elif "cpu" not in groups.parents:
        found.append(
            Missing(
                "no control group for the processor: kernels run after the platform (nice), but "
                "do not share it evenly",
                "Give the platform's service the controller cpu (Delegate=yes).",
                needed=False,
            )
        )
    return found


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(command, 127, "", "")
