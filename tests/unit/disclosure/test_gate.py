"""The gate as a whole: what it never says, how long it takes, and what the ledger is told."""

import time

import numpy as np
import pytest

from disclosure.findings import Mark, Verdict
from disclosure.gate import decide
from disclosure.ledger.differencing import meetings
from disclosure.suppression.lattice import lattice_of
from tests.lib.gate import evidence, magnitude, overlap, policy


def test_published_lists_every_shown_count_as_its_inner_cells() -> None:
    counts = np.array([[40, 50], [3, 47], [400, 500]])
    decision = decide(evidence(counts), policy(), [])
    shown = [cell.values["n"] for cell in decision.cells if cell.mark is Mark.SHOWN]
    flat = counts.ravel()
    assert [int(flat[list(cells)].sum()) for cells in decision.published] == shown


def test_withheld_cells_have_no_value_anywhere() -> None:
    counts = np.array([[4001, 5003], [7, 4703], [4007, 5009]])
    decision = decide(evidence(counts), policy(), [])
    hidden = {4001, 5003, 7, 4703} - {c.values["n"] for c in decision.cells}
    assert len(hidden) >= 3
    text = repr(decision)
    for value in hidden - {7}:
        assert str(value) not in text
    assert ": 7" not in text.replace("'7'", "")


def test_a_description_of_several_variables_names_them() -> None:
    x = magnitude({(0,): [float(i % 7) for i in range(600)], (1,): [3.0, 4.0] * 300}, (2,))
    decision = decide(evidence(x.n, magnitudes=[x, x], margins=False), policy(), [])
    assert set(decision.cells[0].values) == {"x.n", "x.mean", "x.sd"}


def test_more_than_three_dimensions_or_too_many_cells_are_refused() -> None:
    for table in (
        evidence(np.full((2, 2, 2, 2), 100), names=("a", "b", "c", "d"),
                 codes=[["0", "1"]] * 4),
        evidence(np.full(20_001, 100)),
    ):  # fmt: skip
        decision = decide(table, policy(), [])
        assert decision.verdict is Verdict.REFUSE
        assert decision.findings[0].rule == "size"


@pytest.mark.parametrize("seed", range(6))
def test_meetings_of_cells_agree_with_sets_of_persons(seed: int) -> None:
    rng = np.random.default_rng(seed)
    new, old = rng.integers(-1, 4, 60), rng.integers(-1, 3, 60)
    new = np.where(rng.random(60) < 0.8, np.minimum(old, 3), new)
    earlier = ((0,), (1, 2), (0, 1, 2))
    met = overlap("r", new, old, (4, 3), earlier)
    lattice = lattice_of(np.bincount(new[new >= 0], minlength=4))
    found = meetings(met, lattice.sums(), lattice.values.shape, 5)
    cells = [set(np.flatnonzero(new == i)) for i in range(4)] + [set(np.flatnonzero(new >= 0))]
    counted = [set(np.flatnonzero(np.isin(old, c))) for c in earlier]
    for at, persons in enumerate(cells):
        apart = [(len(persons - q), len(q - persons), len(persons & q)) for q in counted]
        assert found.same[at] == (bool(persons) and any(a == b == 0 for a, b, _ in apart))
        close = any(max(a, b) < 5 and a + b > 0 and both for a, b, both in apart)
        assert found.close[at] == (bool(persons) and close)


def test_ten_by_twenty_with_margins_takes_a_few_hundredths_of_a_second() -> None:
    rng = np.random.default_rng(0)
    share = np.exp(rng.normal(0, 2.4, (10, 20)))
    counts = rng.multinomial(1_000_000, (share / share.sum()).ravel()).reshape(10, 20)
    assert ((counts > 0) & (counts < 10)).sum() >= 3
    decide(evidence(counts), policy(), [])
    best = min(_seconds(counts) for _ in range(5))
    assert best < 0.15


def test_twelve_by_twelve_by_eight_takes_seconds() -> None:
    counts = np.random.default_rng(1).poisson(
        np.exp(np.random.default_rng(2).normal(3, 1.4, (12, 12, 8)))
    )
    assert _seconds(counts) < 15


def _seconds(counts: np.ndarray) -> float:
    table = evidence(counts, view=10_000_000)
    start = time.process_time()
    decision = decide(table, policy(), [])
    assert decision.verdict is Verdict.RELEASE
    return time.process_time() - start
