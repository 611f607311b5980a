"""Run a script or notebook to its end; the only word about it is the outcome and a place."""

import contextlib
import json
import socket

from kernels.cells import parted

__all__ = ["run"]


def run(status: socket.socket, code: str) -> None:
    """Run `code` cell by cell as `__main__`, report.

    The report is {"k":"end","outcome":"ok"} or {"k":"end","outcome":"error"} with "cell" and
    "line" as far as they are known: at most 64 bytes. Whatever else is said goes nowhere.
    """
    report: dict[str, str | int] = {"k": "end", "outcome": "error"}
    with contextlib.suppress(BaseException):  # whatever it was, only the place may be told
        from kernels.inside.cells import run_cells

        place = run_cells(parted(code))
        if place is None:
            report["outcome"] = "ok"
        else:
            report |= {
                name: number
                for name, number in zip(("cell", "line"), place, strict=True)
                if number is not None
            }
    with contextlib.suppress(OSError):
        status.send(json.dumps(report, separators=(",", ":")).encode())
