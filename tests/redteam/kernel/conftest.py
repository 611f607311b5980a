"""At the end, one line: how many ways past the wire gate were tried, and how many leak."""

from typing import Any

_NAME = "test_nothing_leaks_on"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    tried = {
        outcome: [one for one in terminalreporter.getreports(outcome) if _NAME in one.nodeid]
        for outcome in ("passed", "failed")
    }
    leaks = len(tried["failed"])
    if count := len(tried["passed"]) + leaks:
        terminalreporter.write_line(f"leaks past the wire gate: {leaks} of {count} paths")
