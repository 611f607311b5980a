"""Threshold: a cell with fewer than ten persons is not shown, and says no more than that.

In the answers `·` is a primary cell (withheld for what it holds) and `×` a complementary one.
"""

import pytest

from disclosure.findings import Mark
from disclosure.gate import decide
from tests.lib.drawing import read, same
from tests.lib.gate import evidence, policy


def test_a_cell_of_three_is_withheld() -> None:
    asked = """
               F     M
        A     40    50
        B      3    47
        C    400   500
    """
    answer = """
               F     M
        A     40    50
        B      ·    47
        C    400   500
    """
    assert same(answer, decide(read(asked), policy(), []))


def test_an_empty_cell_is_shown_where_it_tells_nothing_of_a_few() -> None:
    asked = """
               F     M
        A    400     0
        C    400   500
    """
    assert same(asked, decide(read(asked), policy(), []))


@pytest.mark.parametrize(("persons", "shown"), [(1, False), (9, False), (10, True), (11, True)])
def test_ten_persons_are_enough_and_nine_are_not(persons: int, shown: bool) -> None:
    answer = decide(evidence([persons, 2000, 3000], margins=False), policy(), [])
    assert (answer.cells[0].mark is Mark.SHOWN) is shown


def test_a_stricter_policy_withholds_more() -> None:
    table = evidence([15, 2000, 3000], margins=False)
    assert decide(table, policy(), []).cells[0].values["n"] == 15
    answer = decide(table, policy(threshold=20, spread=10), [])
    assert answer.cells[0].values["n"] is None


def test_the_finding_counts_cells_and_never_says_what_they_hold() -> None:
    answer = decide(evidence([4, 7, 2000, 3000], margins=False), policy(), [])
    (finding,) = answer.findings
    assert (finding.rule, finding.cells) == ("threshold", 2)
    assert "fewer than 10 persons" in finding.text["en"]
    assert "færre enn 10 personer" in finding.text["nb"]
    assert finding.remedy["nb"].startswith("Slå sammen")


def test_a_table_with_nothing_to_show_is_refused() -> None:
    answer = decide(evidence([[4, 5], [6, 7]], margins=False, outside=2000), policy(), [])
    assert not answer.cells
    assert answer.findings[0].remedy["en"] == "Merge categories, or widen the cohort."
