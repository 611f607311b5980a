"""Chapter: noise. Nothing is withheld, every number is moved, and each says by how much at most."""

from fractions import Fraction

import numpy as np
import pytest

from disclosure.findings import Mark, Verdict
from disclosure.privacy import private
from disclosure.privacy.evidence import MomentsEvidence
from tests.lib.gate import evidence, policy

RHO = Fraction(1, 10)
FAR = 8
"""So many σ off is never seen (less than once in 1e14)."""

TABLE = [
    # F    M
    [40, 50],  # A
    [3, 47],  # B: three persons, whom the row would give away
    [400, 500],  # C
]


def test_a_small_cell_is_shown_with_noise_as_every_other() -> None:
    answer = private(evidence(TABLE), RHO, policy())
    sigma = answer.parts[0].noisy.scale

    assert answer.decision.verdict is Verdict.RELEASE
    shown = {one.codes: one for one in answer.decision.cells}
    assert {one.mark for one in shown.values()} == {Mark.NOISY}
    for row, counts in zip(("a0", "a1", "a2"), TABLE, strict=True):
        for column, count in zip(("b0", "b1"), counts, strict=True):
            told = shown[row, column].values["n"]
            assert told is not None
            assert abs(told - count) < FAR * sigma


def test_margins_are_the_sums_of_the_cells_that_are_shown() -> None:
    cells = private(evidence(TABLE), RHO, policy()).decision.cells
    shown = {one.codes: int(one.values["n"] or 0) for one in cells}
    for row in ("a0", "a1", "a2"):
        assert shown[row, "Σ"] == shown[row, "b0"] + shown[row, "b1"]
    assert shown["Σ", "Σ"] == sum(shown[row, "Σ"] for row in ("a0", "a1", "a2"))


@pytest.mark.parametrize(
    ("rho", "sigma", "near"),
    [
        # ρ                σ      ± with 95 %
        (Fraction(1, 2), 1.0, 2),
        (Fraction(1, 10), 2.236, 4),
        (Fraction(1, 100), 7.071, 14),
        (Fraction(1, 1000), 22.361, 44),
    ],
)
def test_the_price_says_how_near_a_count_is(rho: Fraction, sigma: float, near: int) -> None:
    answer = private(evidence(TABLE), rho, policy())
    assert answer.parts[0].noisy.scale == pytest.approx(sigma, rel=1e-3)
    assert answer.accuracy == near


def test_an_empty_table_looks_like_a_small_one() -> None:
    """Nothing in the answer but the noisy numbers depends on who is there."""
    empty = private(evidence([[0, 0], [0, 0], [0, 0]]), RHO, policy())
    small = private(evidence([[1, 0], [0, 2], [1, 1]]), RHO, policy())
    for one, other in zip(empty.decision.cells, small.decision.cells, strict=True):
        assert (one.codes, one.mark, one.reason) == (other.codes, other.mark, other.reason)
    assert empty.told() == small.told()
    assert empty.decision.findings == small.decision.findings
    assert empty.decision.proof == small.decision.proof
    assert empty.decision.published == ()


def test_a_sum_of_clipped_numbers_costs_half_its_price_for_the_count() -> None:
    """Visits of 0 – 10: one person moves the count by 1, and the centred sum by 5 at most."""
    unit = 1 << 20
    made = MomentsEvidence(
        by=(), groups=((),), variable="visits", label={}, measure="", centre=5.0, half=5.0,
        unit=unit, n=np.array([1000]), first=np.array([-600 * unit]),
    )  # fmt: skip
    answer = private(made, RHO, policy())
    count, moved = answer.parts
    assert (count.noisy.rho, moved.noisy.rho) == (RHO / 2, RHO / 2)
    assert moved.noisy.scale / unit == pytest.approx(count.noisy.scale, rel=1e-6)
    (row,) = answer.decision.blocks[0].rows
    names = [one.name for one in answer.decision.blocks[0].columns]
    told = {name: float(value or 0) for name, value in zip(names, row, strict=True)}
    assert abs(told["sum"] - 2000) < FAR * 10 * count.noisy.scale  # 5 · 1000 − 5 · 600
    assert told["mean_low"] <= told["mean"] <= told["mean_high"]
