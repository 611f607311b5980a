"""Run one script to its end; the only word about it is the outcome and a line number."""

import contextlib
import json
import socket
from types import TracebackType

__all__ = ["run"]

_NAME = "<cell>"


def run(status: socket.socket, code: str) -> None:
    """Run `code` as `__main__`, report.

    The report is {"k":"end","outcome":"ok"} or {"k":"end","outcome":"error","line":n}: at most
    64 bytes. Whatever else the script says goes nowhere.
    """
    report: dict[str, str | int] = {"k": "end", "outcome": "ok"}
    script = {"__name__": "__main__", "__builtins__": __builtins__}
    try:
        exec(compile(code, _NAME, "exec"), script)  # noqa: S102 - that is what a sealed run is
    except SyntaxError as error:
        report = _error(error.lineno if error.filename == _NAME else None)
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            report = _error(_line(leaving.__traceback__))
    except BaseException as error:  # noqa: BLE001 - whatever it was, only the line may be told
        report = _error(_line(error.__traceback__))
    with contextlib.suppress(OSError):
        status.send(json.dumps(report, separators=(",", ":")).encode())


def _error(line: int | None) -> dict[str, str | int]:
    report: dict[str, str | int] = {"k": "end", "outcome": "error"}
    if line is not None:
        report["line"] = line
    return report


def _line(trace: TracebackType | None) -> int | None:
    """The last line of the script's own on the way to the error."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
