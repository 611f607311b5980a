"""The isolation report: every forbidden act, tried inside a sandbox and outside of it."""

import asyncio
import os
import platform
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from kernels.errors import Fault, Refusal
from kernels.host.config import Limits, package_root
from kernels.host.proof.canaries import Laid, laid_out
from kernels.host.proof.probe import require_isolation
from kernels.host.sandbox import landlock_abi
from kernels.host.sandbox.bubblewrap import CODE, Jail
from kernels.host.sandbox.interpreter import Interpreter, this_interpreter
from kernels.host.sandbox.spawn import Ground
from kernels.host.sandbox.status import End
from kernels.host.sandbox.uids import Uids
from kernels.host.seccomp.numbers import NUMBERS

__all__ = ["SHORT", "Act", "able", "inside_only", "isolation_report", "prove_isolation"]

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
    "trace a sibling",
    "call bpf",
)
_Result = Literal["ALLOWED", "BLOCKED"]
_Found = dict[str, dict[str, str]]
_RESULTS: TypeAdapter[list[dict[str, str]]] = TypeAdapter(list[dict[str, str]])
LIMITS = replace(
    Limits(), memory=1 << 30, scratch=64 << 20, shared=32 << 20, outbox=16 << 20, processes=256
)
ALONE = replace(LIMITS, memory=192 << 20, processes=48)
_PATIENCE = 120.0
_UIDS = range(58_000, 58_100)


@dataclass(frozen=True)
class Act:
    """One act. layer: what stops it; an ordinary user is refused some acts outside as well."""

    name: str
    inside: _Result
    outside: _Result
    layer: str


def isolation_report(only: Sequence[str] = ()) -> list[Act]:
    """Try the acts (a few seconds), or only those named, as in SHORT.

    Acts that this host has no layer against are left out: `able` says what it has. Raises
    Refusal("no_isolation") when this host cannot make a sandbox at all.
    """
    require_isolation()
    with laid_out(this_interpreter(), LIMITS, ALONE) as laid:
        outside = _outside(only, laid)
        alone = [name for name, found in outside.items() if found["alone"]]
        inside = asyncio.run(_everywhere(only, alone, laid))
    return [
        Act(name, _result(inside.get(name, found)), _result(found), found["layer"])
        for name, found in outside.items()
    ]


def prove_isolation(python: Interpreter) -> None:
    """Try the short list inside only, before anybody is served (half a second).

    python: with the packages that kernels have. Raises Refusal("no_isolation") naming the first
    act that could be done.
    """
    with laid_out(python, LIMITS, ALONE) as laid:
        found = asyncio.run(inside_only(SHORT, laid, python=python))
    open_ones = [name for name, each in found.items() if _result(each) == "ALLOWED"]
    if open_ones:
        raise Refusal(
            "no_isolation",
            f"A kernel on this host could: {open_ones[0]} ({len(open_ones)} such acts).",
            "Run `workbench isolation-report` on the host and mend what is ALLOWED inside.",
        )


def able() -> set[str]:
    """What this host has beyond the least: "root", "landlock:N", "groups", the machine's name."""
    found = {platform.machine()}
    found |= {f"landlock:{number}" for number in range(1, landlock_abi.abi() + 1)}
    if os.geteuid() == 0:
        found.add("root")
    if Ground.has_groups():
        found.add("groups")
    return found


def _parameters(
    only: Sequence[str], host: Mapping[str, Any], report: str, *, alone: bool
) -> dict[str, Any]:
    return {
        "numbers": NUMBERS[platform.machine()],
        "host": host,
        "able": sorted(able()),
        "only": list(only),
        "alone": alone,
        "report": report,
    }


def _script(parameters: dict[str, Any]) -> str:
    # text, numbers and lists: their repr is Python
    return f"from kernels.inside.acts.table import main\nmain({parameters!r})\n"


def _outside(only: Sequence[str], laid: Laid) -> _Found:
    report = laid.root / "outside.json"
    script = f"import sys\nsys.path.insert(0, {str(package_root())!r})\n"
    script += _script(_parameters(only, laid.host, str(report), alone=True))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-"],
        input=script.encode(),
        env={"PATH": "/usr/bin:/bin", "CANARY": str(laid.host["canary"])},
        cwd=laid.root,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
        pass_fds=[laid.open_file],  # one act looks for it
    )
    if done.returncode:
        raise Fault("the isolation report could not be made outside")
    return {one["name"]: one for one in _RESULTS.validate_json(report.read_bytes())}


async def _everywhere(only: Sequence[str], alone: Sequence[str], laid: Laid) -> _Found:
    together = await inside_only(only, laid)
    for name in alone:
        together |= await inside_only((name,), laid, alone=True)
    return together


async def inside_only(
    only: Sequence[str], laid: Laid, *, alone: bool = False, python: Interpreter | None = None
) -> _Found:
    """Try acts in a sandbox; alone: those that may end it, with low limits.

    A sandbox that was ended by such an act has blocked it.
    """
    ground = Ground(laid.image, ALONE if alone else LIMITS, python or this_interpreter())
    jail = Jail({"/data": laid.root / "view", "/run/engine": laid.root / "engine"})
    seen = {
        "engine": "/run/engine/engine.sock",
        "view": "/data/canary",
        "code": f"{CODE}/kernels/protocol.py",
        "package": "/opt/workbench/site/0/zmq/__init__.py",
        "outbox": "/outbox",
        "shown": ["/data", "/run/engine", CODE, "/opt/workbench/site/0", "/opt/python/lib"],
        "names": ground.names(jail),
    }
    parameters = _parameters(only, {**laid.host, **seen}, "/outbox/inside.json", alone=alone)
    task = {"lane": "sealed", "code": _script(parameters)}
    sandbox = ground.spawn(f"report-{secrets.token_hex(4)}", jail, task, Uids(_UIDS).take())
    try:
        await sandbox.prove(LIMITS.start)
        end = await asyncio.wait_for(sandbox.status.receive(), _PATIENCE)
        outbox = sandbox.status.outbox
        if not isinstance(end, End) or end.outcome != "ok" or outbox is None:
            if alone:
                return {name: {"name": name, "result": "BLOCKED"} for name in only}
            raise Fault("the isolation report could not be made inside")
        with os.fdopen(os.open("inside.json", os.O_RDONLY, dir_fd=outbox), "rb") as found:
            told = _RESULTS.validate_json(found.read(1 << 20))
            return {one["name"]: one for one in told}
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
