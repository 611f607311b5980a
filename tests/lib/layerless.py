"""Take one layer of the sandbox away: by its arguments, its filter, its limits, or a copy of code.

Every function here changes what the host side does, from the outside; the product has no switch.
"""

import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernels.host.proof.canaries import Laid
from kernels.host.sandbox import bubblewrap, spawn, stage
from kernels.host.sandbox.limits import ControlGroups
from kernels.host.seccomp import program
from kernels.host.seccomp.families import ABSENT, REFUSED

Patch = pytest.MonkeyPatch
Removal = Callable[[Patch, Laid], Laid]
NOT_BY_BUBBLEWRAP = {"user namespace", "mount namespace", "no new privileges"}
"""bubblewrap cannot be talked out of these: their acts are seen to succeed without it."""


def edited(laid: Laid, name: str, changes: dict[str, str]) -> Laid:
    """A copy of the kernels' code in which one file is changed; each change must find its place."""
    image = laid.root / f"image-{len(list(laid.root.iterdir()))}"
    shutil.copytree(laid.image, image)
    path = image / "kernels" / "inside" / name
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    for compiled in image.rglob("*.pyc"):
        compiled.unlink()
    return replace(laid, image=image)


def without_self_check(laid: Laid) -> Laid:
    """So that a sandbox that does not hold comes up, and the act itself can be seen."""
    return edited(laid, "boot.py", {"    if failed:\n": "    if False:\n"})


def _line(change: Callable[[list[str]], list[str]]) -> Removal:
    def remove(patch: Patch, laid: Laid) -> Laid:
        whole = bubblewrap.arguments
        patch.setattr(bubblewrap, "arguments", lambda *a, **k: change(whole(*a, **k)))
        return laid

    return remove


def _without(*words: str) -> Removal:
    """Take a run of words out of bubblewrap's arguments, or several runs one by one."""

    def change(line: list[str]) -> list[str]:
        for at in range(len(line)):
            if line[at : at + len(words)] == list(words):
                return line[:at] + line[at + len(words) :]
        raise AssertionError(words)

    return _line(change)


def _instead(old: list[str], new: list[str]) -> Removal:
    def change(line: list[str]) -> list[str]:
        for at in range(len(line)):
            if line[at : at + len(old)] == old:
                return line[:at] + new + line[at + len(old) :]
        raise AssertionError(old)

    return _line(change)


def _both(*removals: Removal) -> Removal:
    def remove(patch: Patch, laid: Laid) -> Laid:
        for each in removals:
            laid = each(patch, laid)
        return laid

    return remove


def _no_filter(line: list[str]) -> list[str]:
    assert line[-2] == "--seccomp"
    return line[:-2]


def _writable(line: list[str]) -> list[str]:
    at = line.index("/data") - 2
    assert line[at] == "--ro-bind"
    return [*line[:at], "--bind", *line[at + 1 :]]


def _stage(changes: dict[str, str]) -> Removal:
    def remove(patch: Patch, laid: Laid) -> Laid:
        text = Path(stage.__file__).read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        copy = laid.root / f"stage-{len(list(laid.root.iterdir()))}.py"
        copy.write_text(text, encoding="utf-8")
        patch.setattr(stage, "__file__", str(copy))
        return laid

    return remove


def _image(name: str, changes: dict[str, str]) -> Removal:
    return lambda _patch, laid: edited(laid, name, changes)


def _source_too(patch: Patch, laid: Laid) -> Laid:
    whole = bubblewrap.sources
    folder = laid.host["folder"]
    patch.setattr(bubblewrap, "sources", lambda *a: {**whole(*a), folder: Path(folder)})
    return laid


def _unmasked(patch: Patch, laid: Laid) -> Laid:
    patch.setattr(bubblewrap, "_masks", lambda: ())
    return laid


def _unbounded(place: str) -> Removal:
    def remove(patch: Patch, laid: Laid) -> Laid:
        whole = bubblewrap._in_memory
        patch.setattr(
            bubblewrap,
            "_in_memory",
            lambda path, size, mode: (
                ["--perms", mode, "--tmpfs", path] if path == place else whole(path, size, mode)
            ),
        )
        return laid

    return remove


def _without_limit(name: str) -> Removal:
    each = "    for name, value in limits.items():\n"
    return _image("boot.py", {each: f"{each}        if name == {name!r}:\n            continue\n"})


def _group_with(**changed: int) -> Removal:
    def remove(patch: Patch, laid: Laid) -> Laid:
        whole = ControlGroups.make

        def make(self: ControlGroups, name: str, memory: int, processes: int) -> Any:
            given = {"memory": memory, "processes": processes} | changed
            return whole(self, name, **given)

        patch.setattr(ControlGroups, "make", make)
        return laid

    return remove


def started_with(**options: Any) -> Removal:
    """What a careless start would have handed to the sandbox."""

    def remove(patch: Patch, laid: Laid) -> Laid:
        whole = subprocess.Popen

        def popen(line: list[str], **given: Any) -> Any:
            for name, more in options.items():
                if name == "pass_fds":
                    given[name] = [*given[name], *more]
                elif name == "env":
                    given[name] = {**given[name], **more}
                else:
                    given[name] = more
            return whole(line, **given)

        patch.setattr(spawn.subprocess, "Popen", popen)
        return laid

    return remove


def without_calls(*calls: str) -> Removal:
    """A filter that lets these calls pass whatever their arguments."""

    def remove(patch: Patch, laid: Laid) -> Laid:
        let_pass(patch, *calls)
        return laid

    return remove


def let_pass(patch: Patch, *calls: str) -> None:
    """From now on filters are written that let these calls pass."""
    allowed = program.allowed_calls
    kept = {
        name: family._replace(calls=" ".join(set(family.calls.split()) - set(calls)))
        for name, family in ABSENT.items()
    }
    checked = {name: check for name, check in program.CHECKED.items() if name not in calls}
    patch.setattr(program, "ABSENT", kept)
    patch.setattr(program, "CHECKED", checked)
    patch.setattr(program, "allowed_calls", lambda **k: (*allowed(**k), *calls))


def _locks(patch: Patch, laid: Laid) -> Laid:
    whole = spawn.program
    patch.setattr(spawn, "program", lambda machine, **_: whole(machine, sealed=False))
    return laid


_OPEN_DESCRIPTORS = _image("boot.py", {"    _close_all_but(own)\n": ""})

REMOVALS: dict[str, Removal] = {
    "process namespace": _both(
        _without("--unshare-pid"), _instead(["--proc", "/proc"], ["--ro-bind", "/proc", "/proc"])
    ),
    "network namespace": _without("--unshare-net"),
    "IPC namespace": _without("--unshare-ipc"),
    "host name namespace": _both(_without("--unshare-uts"), _without("--hostname", "kernel")),
    "control group namespace": _without("--unshare-cgroup-try"),
    "no nested namespaces": _without("--disable-userns"),
    "account of its own": _stage(
        {
            "os.setresgid(uid, uid, uid)": "pass",
            "os.setresuid(uid, uid, uid)": "pass",
        }
    ),
    "no capabilities": _instead(["--cap-drop", "ALL"], ["--cap-add", "ALL"]),
    "system call filter": _line(_no_filter),
    "locks of the sealed lanes": _locks,
    "Landlock": _image(
        "landlock.py", {"    version = abi()\n    if version == 0:\n": "    if True:\n"}
    ),
    "read-only root": _without("--remount-ro", "/"),
    "read-only /dev": _without("--remount-ro", "/dev"),
    "read-only /proc": _without("--remount-ro", "/proc"),
    "read-only mounts": _line(_writable),
    "own mounts only": _source_too,
    "private /proc": _instead(["--proc", "/proc"], ["--ro-bind", "/proc", "/proc"]),
    "covered /proc": _unmasked,
    "harmless devices": _both(
        _instead(["--dev", "/dev"], ["--dev-bind", "/dev", "/dev"]),
        _without("--remount-ro", "/dev"),  # it would close all devices
    ),
    "own device nodes": _stage({"    _devices()\n": ""}),
    "size of /tmp": _unbounded("/tmp"),
    "size of /dev/shm": _unbounded("/dev/shm"),
    "size of the outbox": _unbounded("/outbox"),
    "memory of all processes": _group_with(memory=1 << 40),
    "number of all processes": _group_with(processes=100_000),
    "cleared environment": _without("--clearenv"),
    "own session": _without("--new-session"),
    "closed descriptors": _OPEN_DESCRIPTORS,
    "silent descriptors": _OPEN_DESCRIPTORS,
    "not dumpable": _image("boot.py", {"(_PR_SET_DUMPABLE, 0,": "(_PR_SET_DUMPABLE, 1,"}),
    **{
        f"limit {name}": _without_limit(name)
        for name in (
            "CORE", "DATA", "FSIZE", "MEMLOCK", "MSGQUEUE", "NICE", "NOFILE", "NPROC", "RTPRIO",
            "SIGPENDING",
        )
    },
    **{
        f"calls: {name}": without_calls(*family.calls.split())
        for name, family in {**ABSENT, **REFUSED}.items()
        if name != "long gone"
    },
    **{f"checked: {call}": without_calls(call) for call in program.CHECKED},
}  # fmt: skip


@contextmanager
def a_careless_host(laid: Laid) -> Iterator[Removal]:
    """What the layers stop must be there to be stopped: a secret, an open file, rights to hurry.

    Everything that the tests of layers start is started like this.
    """
    before = {which: resource.getrlimit(which) for which in _RIGHTS}
    for which in _RIGHTS:
        hard = before[which][1]
        if hard < 10:
            try:
                resource.setrlimit(which, (10, 10))
            except ValueError:  # an ordinary user has none to give
                continue
    with (laid.root / "host-log").open("wb") as log:
        yield started_with(
            env={"CANARY": laid.host["canary"]}, pass_fds=[laid.open_file], stdout=log, stderr=log
        )
    for which, limits in before.items():
        resource.setrlimit(which, limits)


_RIGHTS = (resource.RLIMIT_NICE, resource.RLIMIT_RTPRIO)
