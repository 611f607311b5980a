"""Limits of memory, processes and processor by control groups (v1 and v2), where there are any."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kernels.host.sandbox.delegation import own_subtree

__all__ = ["ControlGroup", "ControlGroups", "resource_limits"]

_NAME = "workbench"
_SHARE = {True: ("cpu.weight", 100), False: ("cpu.shares", 1024)}
"""Version 2 or not: where a group's share of the processor is written, and the usual one."""
_YOUNG = 30.0
"""Seconds for which another daemon may not yet have put a process into its new group."""


def resource_limits(memory: int, processes: int, scratch: int, files: int) -> dict[str, int]:
    """The limits each process sets on itself (RLIMIT_ name -> value), with or without groups.

    CORE is 1, not 0: zero does not stop a core pattern that is a pipe.
    """
    return {
        "CORE": 1,
        "DATA": memory,
        "FSIZE": scratch,
        "MEMLOCK": 64 << 10,
        "MSGQUEUE": 0,
        "NICE": 0,
        "NOFILE": files,
        "NPROC": processes,
        "RTPRIO": 0,
        "SIGPENDING": 4096,
    }


@dataclass(frozen=True)
class ControlGroup:
    """The group of one kernel. folders: one (v2) or one a controller (v1)."""

    folders: tuple[Path, ...]
    v2: bool

    @property
    def entries(self) -> list[str]:
        """Files to which a process writes its number to join."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def memory(self) -> int | None:
        """Bytes that the group uses now; None when the host does not say."""
        name = "memory.current" if self.v2 else "memory.usage_in_bytes"
        return self._told(name)

    def peak(self) -> int | None:
        """The most bytes that the group has used at once; None when the host does not say."""
        name = "memory.peak" if self.v2 else "memory.max_usage_in_bytes"
        return self._told(name)

    def _told(self, name: str) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            return int((self.folders[0] / name).read_text())
        return None

    def out_of_memory(self) -> bool:
        """Whether the host has killed a process of the group for its use of memory."""
        name = "memory.events" if self.v2 else "memory.oom_control"
        with contextlib.suppress(OSError, ValueError):
            lines = (self.folders[0] / name).read_text().splitlines()
            counts = {key: int(value) for key, value in (line.split() for line in lines)}
            return counts.get("oom_kill", 0) > 0
        return False

    def kill(self) -> None:
        """Kill whatever is left in the group."""
        for folder in self.folders:
            with contextlib.suppress(OSError, ValueError):
                if self.v2 and (folder / "cgroup.kill").exists():
                    (folder / "cgroup.kill").write_text("1")
                    continue
                for line in (folder / "cgroup.procs").read_text().split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(line), 9)

    def remove(self) -> bool:
        """Remove the group; False while something in it is still dying: try again later."""
        gone = True
        for folder in self.folders:
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
        return gone


@dataclass(frozen=True)
class ControlGroups:
    """Where groups are made. parents: controller -> folder; v2 has one folder for all.

    "cpu" is among them where the host divides its processors: then all kernels have equal shares,
    however many processes one starts.
    """

    parents: Mapping[str, Path]
    v2: bool

    @classmethod
    def find(
        cls, mounts: Path = Path("/proc/self/mounts"), own: Path = Path("/proc/self/cgroup")
    ) -> "ControlGroups | None":
        """The host's hierarchy, if this process may make groups with limits in it; else None.

        Root may; an ordinary user may in what the service manager has delegated (version 2).
        """
        places: dict[str, Path] = {}
        for line in mounts.read_text(encoding="utf-8").splitlines():
            _, folder, kind, options, *_ = line.split()
            if kind == "cgroup":
                for controller in {"memory", "pids", "cpu"} & set(options.split(",")):
                    places[controller] = Path(folder)
            elif kind == "cgroup2" and "memory" in _controllers(Path(folder)):
                places["unified"] = Path(folder)
        try:
            if "unified" in places:
                root = own_subtree(places["unified"], own)
                return None if root is None else cls._unified(root)
            if {"memory", "pids"} <= places.keys() and os.geteuid() == 0:
                return cls._version1(places)
        except OSError:
            return None
        return None

    @classmethod
    def _unified(cls, root: Path) -> "ControlGroups":
        parent = root / _NAME
        names = _divide(root, _controllers(root))
        parent.mkdir(exist_ok=True)
        return cls(dict.fromkeys(_divide(parent, set(names)), parent), v2=True)

    @classmethod
    def _version1(cls, places: Mapping[str, Path]) -> "ControlGroups":
        parents = {name: places[name] / _NAME for name in ("memory", "pids", "cpu") & places.keys()}
        for parent in parents.values():
            parent.mkdir(exist_ok=True)
        if "cpu" in parents:  # beside the host's own processes, each of which counts as one
            file, usual = _SHARE[False]
            (parents["cpu"] / file).write_text(str(usual * (os.cpu_count() or 1)))
        return cls(parents, v2=False)

    def sweep(self, now: float) -> None:
        """Remove empty groups that a killed daemon left; those in use, or young, stay. now: s."""
        for parent in set(self.parents.values()):
            for folder in parent.glob("*-*"):
                with contextlib.suppress(OSError):
                    if folder.stat().st_mtime < now - _YOUNG:
                        folder.rmdir()

    def make(self, name: str, memory: int, processes: int) -> ControlGroup:
        """A new group with its limits and its share; OSError when the host refuses."""
        places = {key: parent / name for key, parent in self.parents.items()}
        for folder in dict.fromkeys(places.values()):
            folder.mkdir()
        (places["pids"] / "pids.max").write_text(str(processes))
        whole, swap = ("max", "swap.max") if self.v2 else ("limit_in_bytes", "memsw.limit_in_bytes")
        (places["memory"] / f"memory.{whole}").write_text(str(memory))
        with contextlib.suppress(OSError):  # a host without swap accounting
            (places["memory"] / f"memory.{swap}").write_text("0" if self.v2 else str(memory))
        if self.v2:
            with contextlib.suppress(OSError):  # from Linux 4.19: a kernel ends as a whole
                (places["memory"] / "memory.oom.group").write_text("1")
        if "cpu" in places:
            file, usual = _SHARE[self.v2]
            (places["cpu"] / file).write_text(str(usual))
        # memory first: it is asked most
        folders = dict.fromkeys(places[key] for key in ("memory", "pids", "cpu") if key in places)
        return ControlGroup(tuple(folders), self.v2)


def _divide(folder: Path, given: set[str]) -> tuple[str, ...]:
    """Let the groups below be limited; by the processor too where that can be had."""
    if "cpu" in given:
        with contextlib.suppress(OSError):
            (folder / "cgroup.subtree_control").write_text("+memory +pids +cpu")
            return "memory", "pids", "cpu"
    (folder / "cgroup.subtree_control").write_text("+memory +pids")
    return "memory", "pids"


def _controllers(root: Path) -> set[str]:
    with contextlib.suppress(OSError):
        return set((root / "cgroup.controllers").read_text().split())
    return set()
