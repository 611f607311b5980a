"""The reference pages keep up with the tables and the checks."""

from pathlib import Path

from disclosure.freeform import CHECKS
from tests.lib.states import PAGE, page


def test_the_page_of_states_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.lib.states"


def test_every_check_of_output_files_stands_in_the_reference() -> None:
    text = (Path(PAGE).parent / "output-checks.md").read_text(encoding="utf-8")
    rules = [f"`freeform.{check.__module__.rpartition('.')[2]}`" for check in CHECKS]

    assert [rule for rule in rules if rule not in text] == []
    assert text.count("| `freeform.") == len(rules)
