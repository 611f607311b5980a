"""Group disclosure: a short row with everybody in one category tells something of each of them."""

from disclosure.findings import Mark
from disclosure.gate import decide
from tests.lib.drawing import read, same
from tests.lib.gate import evidence, policy


def test_the_empty_cell_of_a_short_full_row_is_put_in_doubt() -> None:
    """Whoever lives in B would be known to be negative; now B may well hold a positive person."""
    asked = """
             neg   pos
        A    400   500
        B     17     0
        C    300   600
    """
    answer = """
             neg   pos
        A    400   500
        B     17     ·
        C    300   600
    """
    assert same(answer, decide(read(asked), policy(), []))


def test_with_margins_the_doubt_is_protected_too() -> None:
    asked = """
             neg   pos  |    Σ
        A    400   500  |  900
        B     17     0  |   17
        C    300   600  |  900
        ---------------------
        Σ    717  1100  | 1817
    """
    answer = decide(read(asked), policy(), [])
    row = {cell.codes: cell for cell in answer.cells}
    assert row["B", "pos"].mark is Mark.PRIMARY
    assert row["B", "Σ"].values["n"] is None or row["B", "neg"].values["n"] is None


def test_a_long_full_row_is_shown() -> None:
    """170 persons without the diagnosis say nothing that is not expected of many."""
    asked = """
             neg   pos
        A    400   500
        B    170     0
        C    300   600
    """
    assert same(asked, decide(read(asked), policy(), []))


def test_the_answer_does_not_say_that_a_cell_is_in_doubt() -> None:
    """A finding of its own would tell which withheld cell is the empty one."""
    table = evidence([[400, 500], [17, 0], [300, 600]], margins=False)
    answer = decide(table, policy(), [])
    assert [finding.rule for finding in answer.findings] == ["threshold"]
    assert answer.cells[3].reason == "threshold"


def test_a_dimension_that_the_contract_calls_harmless_is_left_alone() -> None:
    counts = [[400, 500], [17, 0], [300, 600]]
    table = evidence(counts, margins=False, names=("region", "sex"), sensitive=frozenset({"hiv"}))
    assert decide(table, policy(), []).cells[3].values["n"] == 0
