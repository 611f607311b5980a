"""Try acts one by one and write down what became of them."""

import ctypes
import errno
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["REFUSED", "SCRATCH", "Act", "Host", "Table", "libc", "reached", "report"]

Host = Mapping[str, Any]
"""What the report has laid out: paths, ports, numbers; see kernels.host.proof.report."""

REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS}
SCRATCH = "/tmp"  # noqa: S108 - where a program would try it
_PATIENCE = 10  # seconds an act may take

libc = ctypes.CDLL(None, use_errno=True)


class Act(NamedTuple):
    """layer: what stops it; do: returns True when it could be done.

    needs: what the host must have for this act to be stopped at all ("root": the platform is root,
    "landlock:6", "groups", "x86_64"); alone: in a sandbox of its own, because it may end it.
    """

    layer: str
    do: Callable[[Host], bool]
    needs: str = ""
    alone: bool = False


Table = dict[str, Act]


def reached(number: int, *arguments: int | bytes | None) -> bool:
    """Whether a call reached the kernel's own code: it fails there for its senseless arguments."""
    result = libc.syscall(number, *arguments)
    return result >= 0 or ctypes.get_errno() not in REFUSED


def report(acts: Table, parameters: dict[str, Any]) -> None:
    """Try the acts that `parameters` name, all when it names none, and write what was found.

    {"host", "able": what this host has, "only": names, "alone": bool, "report": path}
    -> [{"name", "layer", "alone", "result": "ALLOWED" or "BLOCKED"}] as JSON.
    """
    able, only = set(parameters["able"]), parameters["only"] or acts
    found = [
        {
            "name": name,
            "layer": act.layer,
            "alone": "yes" if act.alone else "",
            "result": _try(act, parameters["host"]),
        }
        for name, act in acts.items()
        if name in only
        and (not act.needs or act.needs in able)
        and (parameters["alone"] or not act.alone)
    ]
    Path(parameters["report"]).write_text(json.dumps(found), encoding="ascii")


def _try(act: Act, host: Host) -> str:
    child = os.fork()
    if child == 0:
        signal.alarm(_PATIENCE)
        done = False
        try:
            done = act.do(host)
        except BaseException:  # noqa: BLE001 - whatever stops it, it was stopped
            done = False
        os._exit(0 if done else 1)
    _, status = os.waitpid(child, 0)
    return "ALLOWED" if status == 0 else "BLOCKED"
