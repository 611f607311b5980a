"""Rounding: small counts become 0 or the base, totals are sums of what is shown."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.errors import Refusal
from disclosure.rounding.audit import inverted
from disclosure.rounding.small_counts import Rounded, rounded
from disclosure.suppression.lattice import lattice_of


def rounded_table(counts: np.ndarray, base: int = 5) -> tuple[Rounded, np.ndarray]:
    """A table with all margins; what is shown, in the table's shape."""
    lattice = lattice_of(counts)
    found = rounded(counts.ravel(), lattice.sums(), base)
    return found, found.published.reshape(lattice.values.shape)


def test_a_drawn_table() -> None:
    """3 becomes 5 and 2 becomes 0: both margins stay true.

            asked             shown
          F    M    Σ       F    M    Σ
    A    40    3   43      40    5   45
    B     2   50   52       0   50   50
    Σ    42   53   95      40   55   95
    """
    found, shown = rounded_table(np.array([[40, 3], [2, 50]]))
    assert shown.tolist() == [[40, 5, 45], [0, 50, 50], [40, 55, 95]]
    assert found.furthest == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=12, max_size=12), st.sampled_from([3, 5, 10]))
def test_totals_are_sums_and_no_small_count_is_shown(counts: list[int], base: int) -> None:
    table = np.array(counts).reshape(3, 4)
    found, shown = rounded_table(table, base)
    inner = shown[:-1, :-1]
    assert np.array_equal(inner.sum(axis=0), shown[-1, :-1])
    assert np.array_equal(inner.sum(axis=1), shown[:-1, -1])
    assert not ((shown > 0) & (shown < base)).any()
    kept = (table == 0) | (table >= base)
    assert np.array_equal(inner[kept], table[kept])
    assert np.isin(inner[~kept], [0, base]).all()
    assert found.furthest == np.abs(shown - lattice_of(table).values).max()


def test_margins_stay_nearer_than_rounding_each_cell_by_itself() -> None:
    rng = np.random.default_rng(4)
    counts = rng.poisson(2.0, (20, 30))
    _, shown = rounded_table(counts)
    alone = np.where((counts > 0) & (counts < 5), np.where(counts >= 3, 5, 0), counts)
    true = lattice_of(counts).values
    ours = np.abs(shown - true)[-1].max()
    assert ours <= 5
    assert ours < np.abs(lattice_of(alone).values - true)[-1].max()


def test_exact_totals_known_from_elsewhere_are_seen_to_invert() -> None:
    """Row A is known to hold 43: the 5 shown there was a 3."""
    _, shown = rounded_table(np.array([[40, 3], [2, 50]]))
    inner = shown[:-1, :-1].ravel()
    row_a = sp.csr_matrix(np.array([[1, 1, 0, 0]]))
    assert inverted(inner, 5, row_a, np.array([43]), width=4, seconds=5).tolist() == [1]
    everybody = sp.csr_matrix(np.ones((1, 4), int))
    assert inverted(inner, 5, everybody, np.array([95]), width=4, seconds=5).tolist() == []


@pytest.mark.parametrize("seed", range(4))
def test_the_audit_agrees_with_trying_every_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, 5)
    shown = rounded(truth, sp.identity(5, dtype=np.int64, format="csr"), 3).inner
    known = sp.csr_matrix((rng.random((3, 5)) < 0.6).astype(np.int64))
    totals = known @ truth
    ranges = [range(3) if c == 0 else range(1, 4) if c == 3 else [c] for c in shown.tolist()]
    tables = np.array([one for one in product(*ranges) if np.array_equal(known @ one, totals)])
    spans = tables.max(axis=0) - tables.min(axis=0)
    hidden = (shown == 0) | (shown == 3)
    found = inverted(shown, 3, known, totals, width=2, seconds=5)
    assert found.tolist() == np.flatnonzero(hidden & (spans < 2)).tolist()


@pytest.mark.parametrize(("counts", "base"), [([1, -1], 5), ([1, 2], 2), ([1, 2, 3], 5)])
def test_what_cannot_be_rounded_is_refused(counts: list[int], base: int) -> None:
    with pytest.raises(Refusal) as refused:
        rounded(np.array(counts), sp.csr_matrix(np.ones((1, 2), int)), base)
    assert refused.value.code == "not_rounded"
