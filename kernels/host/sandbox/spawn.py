"""Start one sandbox as its own account, wait for its proof, and see to its end."""

import asyncio
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kernels.errors import Fault, Refusal
from kernels.host.config import Limits
from kernels.host.sandbox import bubblewrap, stage
from kernels.host.sandbox.bubblewrap import Jail
from kernels.host.sandbox.interpreter import Interpreter
from kernels.host.sandbox.limits import ControlGroup, ControlGroups, resource_limits
from kernels.host.sandbox.memory import memory_file
from kernels.host.sandbox.processes import resident
from kernels.host.sandbox.status import Outbox, Ready, StatusChannel
from kernels.host.seccomp.program import program

__all__ = ["NAMESPACES", "Confined", "Ground", "told_limits"]

NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
"""Of each of these a sandbox has its own."""
_NICE = 5
"""Where no control group gives each kernel its share of the processor, the platform goes first."""
_FIRST_TO_GO = "800"

_JOINING = ("/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"')
"""An ordinary user joins its one group (version 2) before anything else runs; as root the stage."""


class Ground:
    """What every sandbox of this host shares: interpreter, code image, limits, control groups."""

    def __init__(self, code: Path, limits: Limits, python: Interpreter) -> None:
        bwrap = shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")
        if bwrap is None:
            raise Refusal(
                "no_bubblewrap",
                "bubblewrap is not installed, and no kernel runs without it.",
                "Install it: apt install bubblewrap.",
            )
        self.bwrap = bwrap
        self.code = code
        self.limits = limits
        self.python = python
        self.groups = ControlGroups.find()
        self.as_root = os.geteuid() == 0
        self._filters = {
            sealed: program(platform.machine(), sealed=sealed) for sealed in (True, False)
        }
        self._leaving: list[ControlGroup] = []

    def spawn(
        self,
        name: str,
        jail: Jail,
        task: Mapping[str, Any],
        uid: int,
        inherit: Sequence[int] = (),
    ) -> "Confined":
        """Start a sandbox that runs the start-up with `task` as its paper.

        name: of its control group; uid: its account (used when the platform is root);
        inherit: descriptors that the sandbox keeps. Raises Fault when nothing could be started.
        """
        status = StatusChannel()
        group = self._group(name)
        held: list[int] = []
        try:
            paper = _held({**task, **self._told(jail), "status": status.inner.fileno()}, held)
            seccomp = _held(self._filters[task["lane"] != "workbench"], held)
            program_line = self._command(jail, seccomp, paper, uid, group, held)
            process = subprocess.Popen(
                program_line,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin"},
                cwd="/",
                pass_fds=[*held, *jail.files.values(), *inherit, status.inner.fileno()],
                start_new_session=True,
            )
        except OSError:
            status.close()
            if group is not None:
                group.remove()
            raise Fault("a sandbox could not be started") from None
        finally:
            for descriptor in held:
                os.close(descriptor)
        status.inner.close()
        _first_to_go(process.pid)
        return Confined(process, status, group, self._leaving)

    def _told(self, jail: Jail) -> dict[str, Any]:
        """What the start-up sets and checks: limits, the host's namespaces, the environment."""
        foreign = {kind: str(Path(f"/proc/self/ns/{kind}").readlink()) for kind in NAMESPACES}
        own, names = told_limits(self.limits), self.names(jail)
        shared = self.groups is not None and "cpu" in self.groups.parents
        nice = 0 if shared else _NICE
        return {"limits": own, "names": names, "foreign": foreign, "nice": nice}

    def names(self, jail: Jail) -> list[str]:
        """The variables that a program inside finds in its environment."""
        return sorted(bubblewrap.environment(jail, self.python))

    @staticmethod
    def has_groups() -> bool:
        """Whether this host gives sandboxes control groups."""
        return ControlGroups.find() is not None

    def sweep(self) -> bool:
        """Remove the groups of sandboxes that have ended; False when some are still dying."""
        self._leaving[:] = [group for group in self._leaving if not group.remove()]
        return not self._leaving

    def _group(self, name: str) -> ControlGroup | None:
        if self.groups is None:
            return None
        self.sweep()
        try:
            return self.groups.make(name, self.limits.memory, self.limits.processes)
        except OSError:
            raise Fault("a control group could not be made") from None

    def _command(
        self,
        jail: Jail,
        seccomp: int,
        paper: int,
        uid: int,
        group: ControlGroup | None,
        held: list[int],
    ) -> list[str]:
        shown = bubblewrap.sources(jail, self.python, self.code)
        places = {path: f"{stage.STAGE}/{n}" for n, path in enumerate(set(shown.values()))}
        place = places.__getitem__ if self.as_root else str
        options = bubblewrap.arguments(
            jail, self.python, self.code, self.limits, seccomp, place=place
        )
        listed = _held("\0".join(options).encode(), held)
        # options by descriptor: /proc/1/cmdline inside must not tell the host's paths
        line = [self.bwrap, "--args", str(listed), "--", *bubblewrap.command(self.python, paper)]
        if not self.as_root:
            return line if group is None else [*_JOINING, *group.entries, *line]
        binds = {str(path): Path(at).name for path, at in places.items()}
        paper_of_stage = stage.order(uid, binds, line, group.entries if group else ())
        ordered = _held(paper_of_stage, held)
        return [sys.executable, "-I", "-S", str(Path(stage.__file__)), str(ordered)]


def told_limits(limits: Limits) -> dict[str, int]:
    """The limits that each process in a sandbox sets on itself."""
    return resource_limits(limits.memory, limits.processes, limits.scratch, limits.files)


def _first_to_go(pid: int) -> None:
    """When the host runs out of memory, it takes kernels before anything else."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def _held(content: bytes | Mapping[str, Any], held: list[int]) -> int:
    """A descriptor from which `content` can be read; noted in `held`."""
    held.append(
        memory_file(content if isinstance(content, bytes) else json.dumps(content).encode())
    )
    return held[-1]


class Confined:
    """A running sandbox."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        status: StatusChannel,
        group: ControlGroup | None,
        leaving: list[ControlGroup],
    ) -> None:
        self._process = process
        self._leaving = leaving
        self._group = group
        self.status = status

    async def prove(self, patience: float) -> None:
        """Wait until the sandbox has checked itself; kills it and raises when it does not hold.

        patience: seconds. Raises Refusal("no_isolation") naming the check, if one was named.
        """
        word = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while isinstance(word := await self.status.receive(), Outbox):
                    pass
        if isinstance(word, Ready):
            return
        self.kill()
        await self.ended()
        check = getattr(word, "check", "start")
        raise Refusal(
            "no_isolation",
            f"The sandbox did not hold (check: {check}), so no kernel was started.",
            "Ask the operator to run `workbench doctor` on the host.",
            check,
        )

    async def ended(self) -> int:
        """Wait for the end; the exit status, negative for a signal."""
        loop = asyncio.get_running_loop()
        if self._process.poll() is None:
            watched = os.pidfd_open(self._process.pid)
            gone = loop.create_future()
            loop.add_reader(watched, gone.set_result, None)
            try:
                await gone
            finally:
                loop.remove_reader(watched)
                os.close(watched)
        return self._process.wait()

    def kill(self) -> None:
        """Kill the sandbox and everything in it at once."""
        if self._process.poll() is None:
            self._process.kill()
        if self._group is not None:
            self._group.kill()

    @property
    def number(self) -> int:
        """The process of the host whose descendants the sandbox is."""
        return self._process.pid

    def memory(self) -> int:
        """Bytes that it uses now, with its file systems in memory where the host counts them."""
        counted = self._group.memory() if self._group is not None else None
        return resident(self._process.pid) if counted is None else counted

    def peak(self) -> int:
        """The most bytes that it has used at once; 0 where the host does not count them."""
        return (self._group.peak() or 0) if self._group is not None else 0

    def out_of_memory(self) -> bool:
        """Whether it ended because it used more memory than it may."""
        return self._group is not None and self._group.out_of_memory()

    def close(self) -> None:
        """Give back what it held; call when it has ended."""
        self.status.close()
        if self._group is not None:
            self._group.kill()
            if not self._group.remove():
                self._leaving.append(self._group)
