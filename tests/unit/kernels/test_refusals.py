"""Refusals of kernels and runs in the language of the installation."""

import ast
from pathlib import Path

import pytest

from kernels.errors import Refusal
from kernels.host.budget import Budget, CellBudgets
from kernels.host.refusals import _NORWEGIAN, _OPERATORS, told

HOST = Path(__file__).parents[3] / "kernels" / "host"
RAISING = ("admission.py", "grants.py", "config.py", "engine_link.py", "lanes/sealed_run.py",
           "lanes/interactive_kernel.py", "sandbox/spawn.py")  # fmt: skip
AT_START = {"no_bubblewrap"}
"""Refusals of the daemon itself: an operator reads them, not a researcher."""


def raised() -> dict[str, int]:
    """The codes in these modules, and how many facts come with each."""
    found = {}
    for name in RAISING:
        for node in ast.walk(ast.parse((HOST / name).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                code = node.args[0]
                if isinstance(code, ast.Constant):  # else another's refusal, passed on
                    found[str(code.value)] = len(node.args) - 3
    return found


def test_every_refusal_that_a_researcher_reads_has_norwegian_words() -> None:
    codes = set(raised()) - AT_START
    assert len(codes) > 10
    assert codes - _NORWEGIAN.keys() == set()


@pytest.mark.parametrize(("code", "facts"), raised().items())
def test_its_numbers_stand_in_both_languages(code: str, facts: int) -> None:
    values = [str(7000 + number) for number in range(facts)]
    refusal = Refusal(code, "reason", "remedy", *values)
    if code in _NORWEGIAN:
        assert all(value in str(told(refusal, "nb")) for value in values)
    assert told(refusal, "en") is refusal


def test_the_budgets_numbers_are_told(tmp_path: Path) -> None:
    books = [Budget(1, 2, lambda: 0.0, tmp_path / name) for name in "abc"]
    budgets = CellBudgets(*books)
    budgets.start("alpha", "ada")
    with pytest.raises(Refusal) as refused:
        budgets.start("alpha", "ada")
    assert "1 forseglede kjerner kan startes i timen, og 2 om dagen" in str(
        told(refused.value, "nb")
    )


def test_what_only_an_operator_mends_is_told_to_a_researcher_without_the_hosts_paths() -> None:
    refusal = Refusal("tampered_environment", "1 file(s) were changed", "Remove the folder /srv/x.")
    for language in ("en", "nb"):
        assert "/srv" not in str(told(refusal, language))
        assert "workbench doctor" in str(told(refusal, language))
    assert set(_OPERATORS["tampered_environment"]) == {"en", "nb"}


def test_an_unknown_code_keeps_its_words() -> None:
    refusal = Refusal("engines_own", "{0} reason", "remedy")
    assert told(refusal, "nb") is refusal
