"""Memory and process limits by control groups (v1 and v2), where the platform may make them."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kernels.host.delegation import own_subtree

__all__ = ["ControlGroup", "ControlGroups", "resource_limits"]

_NAME = "workbench"


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
    """Where groups are made. parents: controller -> folder; v2 has one folder for both."""

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
                for controller in {"memory", "pids"} & set(options.split(",")):
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
        (root / "cgroup.subtree_control").write_text("+memory +pids")
        parent.mkdir(exist_ok=True)
        (parent / "cgroup.subtree_control").write_text("+memory +pids")
        return cls({"memory": parent, "pids": parent}, v2=True)

    @classmethod
    def _version1(cls, places: Mapping[str, Path]) -> "ControlGroups":
        parents = {name: places[name] / _NAME for name in ("memory", "pids")}
        for parent in parents.values():
            parent.mkdir(exist_ok=True)
        return cls(parents, v2=False)

    def make(self, name: str, memory: int, processes: int) -> ControlGroup:
        """A new group with both limits; OSError when the host refuses."""
        if self.v2:
            folder = self.parents["memory"] / name
            folder.mkdir()
            (folder / "memory.max").write_text(str(memory))
            with contextlib.suppress(OSError):  # a host without swap accounting
                (folder / "memory.swap.max").write_text("0")
            (folder / "pids.max").write_text(str(processes))
            return ControlGroup((folder,), v2=True)
        folders = tuple(self.parents[key] / name for key in ("memory", "pids"))
        for folder in folders:
            folder.mkdir()
        (folders[0] / "memory.limit_in_bytes").write_text(str(memory))
        with contextlib.suppress(OSError):  # a host without swap accounting
            (folders[0] / "memory.memsw.limit_in_bytes").write_text(str(memory))
        (folders[1] / "pids.max").write_text(str(processes))
        return ControlGroup(folders, v2=False)


def _controllers(root: Path) -> set[str]:
    with contextlib.suppress(OSError):
        return set((root / "cgroup.controllers").read_text().split())
    return set()
