"""The reference pages keep up with the tables and the checks."""

import ast
import re
from pathlib import Path

import disclosure.freeform
from disclosure.freeform import CHECKS
from tests.lib.states import PAGE, page


def test_the_page_of_states_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.lib.states"


def test_every_check_of_output_files_stands_in_the_reference() -> None:
    text = (Path(PAGE).parent / "output-checks.md").read_text(encoding="utf-8")
    stated = re.findall(r"^\| `freeform\.(\w+)`", text, re.MULTILINE)
    checks = {check.__module__.rpartition(".")[2] for check in CHECKS}

    assert len(stated) == len(set(stated))
    assert checks | named_by_findings() == set(stated)


def named_by_findings() -> set[str]:
    """First arguments of calls whose second is a severity, in the sources of the checks."""
    sources = Path(str(disclosure.freeform.__file__)).parent.rglob("*.py")
    calls = (
        (call.args[0].value, ast.unparse(call.args[1]).lower())
        for source in sources
        for call in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and len(call.args) > 1
        if isinstance(call.args[0], ast.Constant)
    )
    return {str(rule) for rule, how in calls if how.startswith("severity")}
