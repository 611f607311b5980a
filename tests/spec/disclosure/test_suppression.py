"""Suppression: a withheld cell stays withheld though all margins are shown."""

import numpy as np

from disclosure.findings import Mark, Verdict
from disclosure.gate import decide
from tests.lib.drawing import read, same
from tests.lib.gate import evidence, overlap, policy


def test_with_margins_one_withheld_cell_is_never_alone() -> None:
    """40 + 50 = 90 and 50 - 47 = 3: the margins would give the cell away, so more is withheld."""
    asked = """
               F     M  |    Σ
        A     40    50  |   90
        B      3    47  |   50
        C    400   500  |  900
        ----------------------
        Σ    443   597  | 1040
    """
    answer = """
               F     M  |    Σ
        A      ×     ×  |   90
        B      ·     ×  |   50
        C    400   500  |  900
        ----------------------
        Σ    443   597  | 1040
    """
    assert same(answer, decide(read(asked), policy(), []))


def test_without_margins_nothing_more_is_needed() -> None:
    asked = """
               F     M
        A     40    50
        B      3    47
        C    400   500
    """
    answer = decide(read(asked), policy(), [])
    assert sum(cell.mark is Mark.COMPLEMENTARY for cell in answer.cells) == 0


def test_a_total_that_everybody_knows_counts_as_a_margin() -> None:
    """The table is about the whole view, whose number of persons the project knows."""
    asked = """
               F     M
        A     40    50
        B      3    47
        C    400   500
    """
    answer = decide(read(asked, view=1040), policy(), [])
    assert sum(cell.mark is Mark.COMPLEMENTARY for cell in answer.cells) == 1


def test_two_small_cells_do_not_hide_each_other() -> None:
    """Row B shows 60 - 51 = 9 persons for both: that is a group below the threshold."""
    asked = """
               F     M     X  |    Σ
        A     40    50   200  |  290
        B      4     5    51  |   60
        C    400   500   300  | 1200
        ----------------------------
        Σ    444   555   551  | 1550
    """
    answer = decide(read(asked), policy(), [])
    row = [cell for cell in answer.cells if cell.codes[0] == "B"]
    assert [cell.mark for cell in row[:2]] == [Mark.PRIMARY, Mark.PRIMARY]
    assert Mark.COMPLEMENTARY in (row[2].mark, row[3].mark)


def test_a_small_margin_is_withheld_with_its_cells() -> None:
    asked = """
               F     M  |    Σ
        A      5     2  |    7
        B    400    50  |  450
        C    300   600  |  900
        ----------------------
        Σ    705   652  | 1357
    """
    answer = """
               F     M  |    Σ
        A      ·     ·  |    ×
        B      ×     ×  |    ×
        C    300   600  |  900
        ----------------------
        Σ    705   652  | 1357
    """
    assert same(answer, decide(read(asked), policy(), []))


def test_margin_minus_margin_gives_nothing_away() -> None:
    """The attack that suppression by deleting records falls to.

    There, margins silently drop the withheld persons, and the same margin of another table tells
    how many they were. Here a margin is either the true one or not shown at all.
    """
    counts = [[120, 6, 300], [200, 90, 400], [80, 70, 5]]
    first = decide(evidence(counts, names=("region", "diagnosis")), policy(), [])
    totals = [sum(row) for row in counts]
    for cell in first.cells:
        if cell.codes[1] == "Σ" and cell.codes[0] != "Σ" and cell.values["n"] is not None:
            assert cell.values["n"] == totals[int(cell.codes[0][1])]
    people = [i for i, total in enumerate(totals) for _ in range(total)]
    inner = [3 * i + j for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    met = overlap("r1", np.array(people), np.array(inner), (3, 9), first.published)
    second = decide(evidence(totals, names=("region",)), policy(), [met])
    assert second.verdict is Verdict.RELEASE
    shown = {cell.codes[0]: cell.values["n"] for cell in second.cells}
    for cell in first.cells:
        if cell.codes[1] == "Σ" and cell.values["n"] is not None:
            assert shown[cell.codes[0]] == cell.values["n"]


def test_a_table_that_cannot_be_protected_is_refused_with_a_way_out() -> None:
    """One column: its only margin is the column itself, and it is the known number of the view."""
    answer = decide(evidence([3, 1997], margins=False, view=2000), policy(), [])
    assert answer.verdict is Verdict.REFUSE
    assert "Merge categories" in answer.findings[0].remedy["en"]
    assert "Slå sammen" in answer.findings[0].remedy["nb"]
