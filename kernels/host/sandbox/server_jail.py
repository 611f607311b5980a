"""Puts one single-user server into its jail: `-m kernels.host.sandbox.server_jail < job.json`.

The server talks to the hub over loopback, so it keeps the host's network, but only TCP, to the
hub's port and on its own; everything else is its own: process ids, file system, uid. It sees
Python, four pieces of our code, its notebooks and the sockets of its project's kernels. No data, no
other project, no key. The job comes on standard input, so that tokens stand neither in a command
line nor in an environment that others may read.
"""

import os
import platform
import resource
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import kernels
from kernels.errors import Refusal
from kernels.host.sandbox import stage
from kernels.host.sandbox.interpreter import Interpreter, this_interpreter
from kernels.host.sandbox.loopback import keep_to_ports
from kernels.host.seccomp.program import program

__all__ = ["Job", "arguments", "main"]

HOME = "/home/workbench"
NOTEBOOKS = f"{HOME}/notebooks"
CODE = "/opt/workbench/code"
SITE = "/opt/workbench/site"
PYTHON = "/opt/python"
PIECES = ("__init__.py", "errors.py", "protocol.py", "server")  # of the package kernels
OURS = ("disclosure", "kernels", "pseudonym", "workbench")
SYSTEM = (
    f"/usr/lib/{platform.machine()}-linux-gnu", "/usr/lib64", "/usr/lib/ld-linux-aarch64.so.1",
    "/usr/share/zoneinfo", "/etc/ld.so.cache",
)  # fmt: skip
LINKS = ("/lib", "/lib64")
LIMITS = {
    resource.RLIMIT_CORE: 1,  # 0 would not stop a core pattern that is a pipe
    resource.RLIMIT_FSIZE: 256 << 20,
    resource.RLIMIT_NOFILE: 4096,
    resource.RLIMIT_NPROC: 512,
    resource.RLIMIT_DATA: 4 << 30,
}


Port = Annotated[int, Field(ge=1, lt=1 << 16)]


class Job(BaseModel):
    """What the hub asks for.

    uid: the server's own (None: the caller's). sockets: shown read-only in their own place; their
    folders or the sockets themselves. listen, connect: the TCP ports that it may use. arguments: of
    the interpreter inside.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    uid: Annotated[int, Field(ge=1000)] | None
    notebooks: Path
    sockets: tuple[Path, ...]
    listen: Port
    connect: tuple[Port, ...]
    environment: dict[str, str]
    arguments: tuple[str, ...]


def _binds(job: Job, python: Interpreter) -> list[tuple[Path, str, bool]]:
    """What the server sees: (on the host, inside, writable)."""
    code = Path(kernels.__file__).resolve().parent
    seen = [(Path(place), place, False) for place in SYSTEM if Path(place).exists()]
    seen += [
        (python.executable, f"{PYTHON}/bin/{python.name}", False),
        (python.stdlib, f"{PYTHON}/lib/{python.name}", False),
        # JupyterLab's pages lie beside the packages
        (Path(sys.prefix, "share", "jupyter"), f"{PYTHON}/share/jupyter", False),
    ]
    seen += [(path, f"{PYTHON}/lib/{path.name}", False) for path in python.shared]
    seen += [(path, f"{SITE}/{number}", False) for number, path in enumerate(python.site)]
    seen += [(code / piece, f"{CODE}/kernels/{piece}", False) for piece in PIECES]
    seen += [(path, str(path), False) for path in job.sockets]
    return [*seen, (job.notebooks, NOTEBOOKS, True)]


def arguments(
    job: Job, python: Interpreter, sources: Mapping[Path, str], seccomp: int
) -> list[str]:
    """bubblewrap's arguments.

    sources: where each bind's host path can be read from; seccomp: the filter's descriptor.
    """
    args = ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts"]
    args += ["--unshare-cgroup-try", "--disable-userns", "--die-with-parent", "--new-session"]
    args += ["--cap-drop", "ALL", "--hostname", "workbench", "--clearenv"]
    args += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/tmp", HOME):  # noqa: S108 - the jail's own
        args += ["--size", str(64 << 20), "--tmpfs", path]
    for source, inside, writable in _binds(job, python):
        args += ["--bind" if writable else "--ro-bind", sources[source], inside]
    for number, folder in enumerate(python.site):
        for package in OURS:  # where the platform is installed beside the libraries
            if (folder / package).is_dir():
                hidden = f"{SITE}/{number}/{package}"
                args += ["--tmpfs", hidden, "--remount-ro", hidden]
    for link in map(Path, LINKS):
        if link.is_symlink():
            args += ["--symlink", f"usr{link}", str(link)]
        else:
            args += ["--ro-bind-try", str(link), str(link)]
    for name, value in (job.environment | _environment(python)).items():
        args += ["--setenv", name, value]
    args += ["--chdir", HOME, "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*args, "--seccomp", str(seccomp)]


def _environment(python: Interpreter) -> dict[str, str]:
    site = ":".join(f"{SITE}/{number}" for number in range(len(python.site)))
    return {
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": f"{PYTHON}/lib",
        "MALLOC_ARENA_MAX": "2",  # many threads that seldom run: each would keep memory of its own
        "PATH": f"{PYTHON}/bin",
        "PYTHONPATH": f"{CODE}:{site}",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_NO_CONFIG": "1",
        "WORKBENCH_NOTEBOOKS": NOTEBOOKS,
    }


def main() -> int:
    """Read the job, enter the jail; returns only when that fails (2, with the reason)."""
    try:
        job = Job.model_validate_json(sys.stdin.buffer.read(1 << 20))
        _enter(job)
    except ValidationError:
        print("refused: the job is not of the agreed form", file=sys.stderr)  # noqa: T201 - the spawner reads it
    except (Refusal, OSError) as error:
        print(f"refused: {error}", file=sys.stderr)  # noqa: T201 - the spawner reads it
    return 2


def _enter(job: Job) -> None:
    bwrap = shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")
    if bwrap is None:
        raise Refusal(
            "no_isolation", "bubblewrap is missing.", "Install it: apt install bubblewrap."
        )
    as_root = os.geteuid() == 0
    if as_root != (job.uid is not None):
        raise Refusal("no_isolation", "Root needs a uid for the server.", "Give it one.")
    python = this_interpreter()
    sources = dict.fromkeys(source for source, _, _ in _binds(job, python))
    places = {
        source: f"{stage.STAGE}/{number}" if as_root else str(source)
        for number, source in enumerate(sources)
    }
    _limit(own_uid=as_root)
    seccomp = _paper(program(platform.machine(), sealed=False, tcp=True))
    options = "\0".join(arguments(job, python, places, seccomp))
    # -S: no .pth file of the installation runs
    inside = [f"{PYTHON}/bin/{python.name}", "-S", *job.arguments]
    # options by descriptor: /proc/1/cmdline inside must not tell tokens or the host's paths
    line = [bwrap, "--args", str(_paper(options.encode())), "--", *inside]
    if job.uid is not None:
        binds = {str(source): Path(place).name for source, place in places.items()}
        ordered = _paper(stage.order(job.uid, binds, line))
        line = [sys.executable, "-I", "-S", str(Path(stage.__file__)), str(ordered)]
    keep_to_ports(job.listen, job.connect)
    os.execv(line[0], line)  # noqa: S606 - no shell is meant


def _limit(*, own_uid: bool) -> None:
    for limit, wanted in LIMITS.items():
        hard = resource.getrlimit(limit)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        # Processes are counted per uid: as an ordinary user the whole platform would share it.
        if limit != resource.RLIMIT_NPROC or own_uid:
            resource.setrlimit(limit, (value, value))


def _paper(text: bytes) -> int:
    """A descriptor from which the text can be read by the programs that follow."""
    descriptor = os.memfd_create("workbench", 0)
    os.write(descriptor, text)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


if __name__ == "__main__":
    sys.exit(main())
