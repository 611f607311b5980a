"""Population: a table is about many persons, or about all of the view but many."""

import pytest

from disclosure.findings import Verdict
from disclosure.gate import decide
from tests.lib.gate import evidence, policy


@pytest.mark.parametrize(
    ("persons", "view", "released"),
    [
        (999, 1_000_000, False),
        (1000, 1_000_000, True),
        (99, 17_549, False),
        (100, 17_549, True),
        (999_991, 1_000_000, False),
        (999_990, 1_000_000, True),
        (1_000_000, 1_000_000, True),
    ],
)
def test_a_cohort_is_large_and_so_is_what_it_leaves_out(
    persons: int, view: int, released: bool
) -> None:
    half = persons // 2
    answer = decide(evidence([half, persons - half], view=view), policy(), [])
    assert (answer.verdict is Verdict.RELEASE) is released
    if not released:
        assert answer.findings[0].rule == "population"
        assert answer.cells == ()


def test_a_single_count_needs_no_table() -> None:
    answer = decide(evidence(4321), policy(), [])
    assert [cell.values for cell in answer.cells] == [{"n": 4321}]
    assert answer.published == ((0,),)
