"""The isolation report: every forbidden act, tried inside a sandbox and outside of it."""

import asyncio
import contextlib
import hashlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from kernels.errors import Fault
from kernels.host.config import Limits, package_root
from kernels.host.image import code_image
from kernels.host.interpreter import Interpreter, this_interpreter
from kernels.host.probe import require_isolation
from kernels.host.sandbox import CODE, Jail
from kernels.host.seccomp.numbers import NUMBERS
from kernels.host.spawn import Ground
from kernels.host.status import End
from kernels.host.uids import Uids

__all__ = ["SHORT", "Act", "isolation_report"]

SHORT = (
    "make an internet socket",
    "reach the host's loopback",
    "reach an abstract socket of the host",
    "reach a socket in the host's files",
    "read another project's rows",
    "read a key file",
    "change the start-up code",
    "write to /",
    "see a process of the host",
    "make a user namespace",
    "become root",
    "read the daemon's environment",
    "map more memory than allowed",
    "call mount",
    "call ptrace",
    "call bpf",
)
_Result = Literal["ALLOWED", "BLOCKED"]
_RESULTS: TypeAdapter[list[dict[str, str]]] = TypeAdapter(list[dict[str, str]])
_LIMITS = replace(Limits(), memory=1 << 30, scratch=64 << 20)
_PATIENCE = 120.0


@dataclass(frozen=True)
class Act:
    """One act. layer: what stops it; an ordinary user is refused some acts outside as well."""

    name: str
    inside: _Result
    outside: _Result
    layer: str


def isolation_report(short: bool) -> list[Act]:  # noqa: FBT001 - the one thing there is to say
    """Try the acts (about a second); short: the sixteen that matter most.

    Raises Refusal("no_isolation") when this host cannot make a sandbox at all.
    """
    require_isolation()
    python = this_interpreter()
    only = list(SHORT) if short else []
    with _laid_out(python) as (root, host):
        outside = _outside(_script(only, host, str(root / "outside.json")), root, host)
        inside = asyncio.run(_inside(only, root, python, host))
    layers = {found["name"]: found["layer"] for found in outside}
    results = [{found["name"]: _result(found) for found in each} for each in (inside, outside)]
    return [Act(name, results[0][name], results[1][name], layers[name]) for name in layers]


@contextlib.contextmanager
def _laid_out(python: Interpreter) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What the acts reach for: listeners, files, a process, a secret; all of them canaries."""
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wb-report-")))
        abstract = f"workbench-{secrets.token_hex(8)}"
        (root / "engine").mkdir()
        addresses = (str(root / "host.sock"), str(root / "engine" / "engine.sock"))
        for address in (*addresses, "\0" + abstract):
            _listen(stack.enter_context(socket.socket(socket.AF_UNIX)), address)
        tcp = stack.enter_context(socket.socket())
        _listen(tcp, ("127.0.0.1", 0))
        for name in ("view", "other", "keys"):
            (root / name).mkdir()
            (root / name / "canary").write_text("canary", encoding="ascii")
        image = code_image(package_root(), root)
        host = {
            "port": tcp.getsockname()[1],
            "abstract": abstract,
            "socket": addresses[0],
            "engine": addresses[1],
            "rows": str(root / "other" / "canary"),
            "key": str(root / "keys" / "canary"),
            "view": str(root / "view" / "canary"),
            "code": str(image / "kernels" / "protocol.py"),
            "package": str(python.site[0] / "zmq" / "__init__.py"),
            "image": str(image),
            "pid": os.getpid(),
            "process": hashlib.sha256(Path("/proc/self/cmdline").read_bytes()).hexdigest(),
            "canary": secrets.token_hex(8),
            "memory": _LIMITS.memory,
            "scratch": _LIMITS.scratch,
        }
        if os.geteuid() == 0:
            for path in (root / "engine", Path(addresses[1])):
                path.chmod(0o777)  # it is the read-only mount that must stop the act
        yield root, host


def _listen(listener: socket.socket, address: Any) -> None:
    listener.bind(address)
    listener.listen()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()

    threading.Thread(target=accept, daemon=True).start()


def _script(only: list[str], host: Mapping[str, Any], report: str) -> str:
    machine = os.uname().machine
    parameters = {"numbers": NUMBERS[machine], "host": host, "report": report, "only": only}
    text = (package_root() / "kernels" / "inside" / "acts.py").read_text(encoding="utf-8")
    # after the docstring nothing depends on line numbers; JSON of text and numbers is Python
    return f"PARAMETERS = {parameters!r}\n{text}"


def _outside(script: str, root: Path, host: Mapping[str, Any]) -> list[dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-"],
        input=script.encode(),
        env={"PATH": "/usr/bin:/bin", "CANARY": str(host["canary"])},
        cwd=root,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        raise Fault("the isolation report could not be made outside")
    return _RESULTS.validate_json((root / "outside.json").read_bytes())


async def _inside(
    only: list[str], root: Path, python: Interpreter, host: Mapping[str, Any]
) -> list[dict[str, str]]:
    ground = Ground(Path(host["image"]), _LIMITS, python)
    jail = Jail({"/data": root / "view", "/run/engine": root / "engine"})
    seen = {
        "engine": "/run/engine/engine.sock",
        "view": "/data/canary",
        "code": f"{CODE}/kernels/protocol.py",
        "package": "/opt/workbench/site/0/zmq/__init__.py",
    }
    script = _script(only, {**host, **seen}, "/outbox/inside.json")
    uid = Uids(range(58_000, 58_100)).take()
    sandbox = ground.spawn(
        f"report-{secrets.token_hex(4)}", jail, {"lane": "sealed", "code": script}, uid
    )
    try:
        await sandbox.prove(_LIMITS.start)
        end = await asyncio.wait_for(sandbox.status.receive(), _PATIENCE)
        outbox = sandbox.status.outbox
        if not isinstance(end, End) or end.outcome != "ok" or outbox is None:
            raise Fault("the isolation report could not be made inside")
        with os.fdopen(os.open("inside.json", os.O_RDONLY, dir_fd=outbox), "rb") as found:
            return _RESULTS.validate_json(found.read(1 << 20))
    except (OSError, ValidationError, TimeoutError):
        raise Fault("the isolation report could not be made inside") from None
    finally:
        sandbox.kill()
        await sandbox.ended()
        if sandbox.status.outbox is not None:
            os.close(sandbox.status.outbox)
        sandbox.close()
        for _ in range(100):
            if not ground.sweep():
                await asyncio.sleep(0.01)


def _result(found: Mapping[str, str]) -> _Result:
    return "ALLOWED" if found["result"] == "ALLOWED" else "BLOCKED"
