"""What the gate daemon is told by wiring: places, limits, the range of kernel accounts."""

from dataclasses import dataclass, field
from pathlib import Path

import kernels
from kernels.errors import Fault, Refusal
from kernels.host.environment import pointer_file

__all__ = ["GateConfig", "Limits", "package_root"]


def package_root() -> Path:
    """Where the packages `kernels` and `workbench` lie."""
    return Path(kernels.__file__).resolve().parent.parent


@dataclass(frozen=True)
class Limits:
    """What one kernel may use. Sizes in bytes, times in seconds."""

    memory: int = 4 << 30
    processes: int = 512
    scratch: int = 512 << 20
    """Scratch space, a file system in memory."""
    shared: int = 128 << 20
    """Shared memory."""
    outbox: int = 64 << 20
    files: int = 1024
    """Open files of one process."""
    wall: float = 12 * 3600.0
    idle: float = 4 * 3600.0
    sealed_wall: float = 3600.0
    grid: float = 1.0
    """The finest step of time in a sealed lane: see `kernels.host.egress.told`."""
    sealed_runs_an_hour: int = 12
    """Of one person in one project, as all the budgets below."""
    sealed_runs_a_day: int = 40
    sealed_at_once: int = 2
    """On this host; others queue."""
    sealed_lines: int = 2000
    """Lines of a sealed script; the line of an error is one of the few things it tells."""
    cells_an_hour: int = 40
    """Of interactive sealed kernels. Each cell tells when it ended, so there are few."""
    cells_a_day: int = 150
    cell_lines: int = 200
    errors_an_hour: int = 12
    """Each error tells a line."""
    errors_a_day: int = 30
    starts_an_hour: int = 6
    """Each kernel's end tells something too."""
    starts_a_day: int = 16
    kernels_at_once: int = 12
    launches_a_minute: int = 60
    """Both of one person in one project."""
    start: float = 20.0
    """A sandbox that has not proved itself by then is killed."""


@dataclass(frozen=True)
class GateConfig:
    """Everything `kernels.host.gated.serve` needs to know."""

    runtime: Path
    """Sockets; short. door/gated.sock and admin.sock are made here."""
    zone: Path
    """The daemon's own folder: grants, the image of the code that kernels see."""
    views: Path
    """No twin and no view from elsewhere is ever mounted."""
    spool: Path
    """Sealed runs and kernel events for the records."""
    engine: Path
    """The engine's control socket."""
    code: Path = field(default_factory=package_root)
    environment: Path = field(default_factory=pointer_file)
    """The file that names the folder of the kernels' packages."""
    limits: Limits = field(default_factory=Limits)
    language: str = "en"
    """Of the sentences that researchers read: "en" or "nb"."""
    uids: range = range(50_000, 58_000)
    """Accounts for kernels when the platform is root: one a kernel, none in /etc/passwd."""

    @property
    def gated_socket(self) -> Path:
        """Where single-user servers ask for kernels; make its folder (0711) before binding.

        Nothing else lies in that folder: a server's jail shows the folder, not the socket, so
        that the server finds the daemon again after a restart.
        """
        return self.runtime / "door" / "gated.sock"

    @property
    def admin_socket(self) -> Path:
        """Where the hub grants and revokes."""
        return self.runtime / "admin.sock"

    def of_project(self, path: str, project: str) -> Path:
        """A path that another service named, if it lies in this project's views; else Fault.

        Raises Refusal("no_view") when the folder is not there (any more).
        """
        found = Path(path).resolve()
        if not found.is_relative_to(self.views.resolve() / project):
            raise Fault("a service named a folder that is not in the project's views")
        if not found.is_dir():
            raise Refusal(
                "no_view",
                "The data of this project are not where they were prepared.",
                "Tell the operator: `workbench project build` prepares them again.",
            )
        return found

    def of_runtime(self, path: str) -> Path:
        """A folder for sockets that the hub named, if it lies in the runtime folder; else Fault."""
        found = Path(path).resolve()
        if not found.is_relative_to(self.runtime.resolve()) or not found.is_dir():
            raise Fault("a grant named a folder that is not in the runtime folder")
        return found
