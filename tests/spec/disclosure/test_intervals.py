"""Intervals that hold few persons are joined with their neighbours, and told as one interval."""

from typing import Literal

import numpy as np
import pytest

from disclosure.findings import Verdict
from disclosure.gate import decide
from disclosure.tables import Dimension, Overlap, TableEvidence
from tests.lib.gate import lenient

POLICY = lenient()
EDGES = ("10", "20", "30", "40")
CODES = ("<10", "10–<20", "20–<30", "30–<40", "≥40")


def evidence(
    counts: object, merge: Literal["", "tails", "all"] = "tails", missing: bool = False
) -> TableEvidence:
    n = np.array(counts, np.int64)
    codes = (*CODES, "") if missing else CODES
    axes = (Dimension("x", codes, EDGES, merge),)
    if n.ndim == 2:
        axes = (Dimension("g", tuple(f"g{at}" for at in range(len(n)))), *axes)
    return TableEvidence(axes, n, int(n.sum()), 1_000_000, margins=False)


def shown(table: TableEvidence) -> dict[str, int | float | None]:
    decision = decide(table, POLICY, ())
    assert decision.verdict is Verdict.RELEASE
    return {one.codes[-1]: one.values["n"] for one in decision.cells}


@pytest.mark.parametrize(
    ("counts", "released"),
    [
        ([3, 9, 40, 50, 60], {"<20": 12, "20–<30": 40, "30–<40": 50, "≥40": 60}),
        ([30, 40, 50, 8, 1], {"<10": 30, "10–<20": 40, "≥20": 59}),
        ([0, 2, 40, 50, 60], {"<30": 42, "30–<40": 50, "≥40": 60}),
        ([0, 20, 40, 50, 0], {"<10": 0, "10–<20": 20, "20–<30": 40, "30–<40": 50, "≥40": 0}),
        ([30, 40, 5, 50, 60], {"<10": 30, "10–<20": 40, "20–<30": None, "30–<40": 50, "≥40": 60}),
    ],
)
def test_small_tails_are_joined_and_small_intervals_between_are_withheld(
    counts: list[int], released: dict[str, int | None]
) -> None:
    assert shown(evidence(counts)) == released


def test_without_joining_the_tails_are_withheld() -> None:
    assert shown(evidence([3, 9, 40, 50, 60], ""))["<10"] is None


@pytest.mark.parametrize(
    ("counts", "released"),
    [
        ([30, 4, 5, 50, 6], {"<10": 30, "≥10": 65}),
        ([30, 4, 8, 50, 6], {"<10": 30, "10–<30": 12, "≥30": 56}),
        ([0, 0, 40, 0, 60], {"<10": 0, "10–<20": 0, "20–<30": 40, "30–<40": 0, "≥40": 60}),
    ],
)
def test_a_curve_joins_all_small_intervals(counts: list[int], released: dict[str, int]) -> None:
    assert shown(evidence(counts, "all")) == released


def test_a_curve_joins_until_every_group_has_enough_or_nobody() -> None:
    cells = decide(evidence([[30, 4, 40, 50, 60], [0, 20, 20, 3, 30]], "all"), POLICY, ()).cells

    assert {one.codes: one.values["n"] for one in cells} == {
        ("g0", "<10"): 30, ("g0", "10–<30"): 44, ("g0", "≥30"): 110,
        ("g1", "<10"): 0, ("g1", "10–<30"): 40, ("g1", "≥30"): 33,
    }  # fmt: skip


def test_who_has_no_number_is_never_joined_with_the_tail() -> None:
    table = evidence([30, 40, 50, 60, 3, 20], missing=True)

    assert shown(table) == {"<10": 30, "10–<20": 40, "20–<30": 50, "≥30": 63, "": 20}


def test_the_ledger_is_told_of_the_finer_cells() -> None:
    decision = decide(evidence([3, 9, 40, 50, 60]), POLICY, ())

    assert decision.published == ((0, 1), (2,), (3,), (4,))


def test_a_tail_that_differs_by_few_persons_from_an_earlier_one_is_made_longer() -> None:
    """Before, 8 of the 12 counted with the interval below; both tails would tell of these 8."""
    table = evidence([300, 400, 500, 12, 9], "all")
    before = np.zeros((6, 5), np.int64)
    before[[0, 1, 2], [0, 1, 2]] = 300, 400, 500
    before[3, 2:4], before[4, 3] = (8, 4), 9
    earlier = Overlap("r", before, ((0,), (1,), (2,), (3,)))

    assert shown(table)["≥30"] == 21
    decision = decide(table, POLICY, (earlier,))

    assert {one.codes[0]: one.values["n"] for one in decision.cells} == {
        "<10": 300, "10–<20": 400, "≥20": 521,
    }  # fmt: skip
