"""A refusal in a notebook: what, why and what to do, and no stack."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from workbench.sdk import Refused

DEEP = """
from workbench.sdk import Refused

def outer():
    inner()

def inner():
    raise Refused("not_released", "Too few persons.", "Ask for coarser categories.")
"""
CALLED = DEEP + "\nouter()"
CHAINED = DEEP + "\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    outer()"


@pytest.mark.parametrize("cell", [CALLED, CHAINED])
def test_an_uncaught_refusal_shows_no_stack(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    try:
        result = shell.run_cell(cell)
    finally:
        shell.history_manager.end_session()

    assert isinstance(result.error_in_exec, Refused)
    shown = "".join(capsys.readouterr())
    assert shown.strip() == (
        "Refused — not_released: Too few persons.\nWhat to do: Ask for coarser categories."
    )


def test_any_other_mistake_still_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    try:
        shell.run_cell("1 / 0")
    finally:
        shell.history_manager.end_session()

    assert "Traceback" in "".join(capsys.readouterr())
