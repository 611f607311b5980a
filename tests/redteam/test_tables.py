"""One table at a time: an attacker who enumerates, and one who solves linear programs."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from disclosure.findings import Mark, Verdict
from disclosure.gate import decide
from tests.lib.attacker import Seen, consistent, intervals, see, unknowns
from tests.lib.gate import evidence, lenient, policy

SMALL = lenient(threshold=4, spread=2, group_rows=2)
ALMOST = settings(derandomize=True, deadline=None, max_examples=60)

cells = st.one_of(st.integers(0, 6), st.integers(0, 20), st.just(0))
shapes = st.sampled_from([(3,), (5,), (2, 2), (2, 3), (3, 3), (4, 3), (2, 2, 2), (2, 3, 2)])
tables = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=cells))


def exists(counts: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(int(i) for i in at) for at in np.argwhere(counts > 0)}


def fillings(seen: Seen, counts: np.ndarray, threshold: int) -> np.ndarray:
    try:
        found = consistent(seen, threshold, exists(counts), limit=25_000)
    except OverflowError:
        assume(False)
    truth = [int(counts[at]) for at in unknowns(seen)]
    assert (found == truth).all(axis=1).any(), "the attacker must find the true table"
    return found


@given(counts=tables, margins=st.booleans(), whole=st.booleans())
@settings(derandomize=True, deadline=None, max_examples=100)
def test_no_enumerated_table_pins_a_small_cell(
    counts: np.ndarray, margins: bool, whole: bool
) -> None:
    view = max(int(counts.sum()), 1) if whole else 1_000_000
    decision = decide(evidence(counts, margins=margins, view=view), SMALL, [])
    assume(decision.verdict is Verdict.RELEASE)
    seen = see(decision, counts.shape, margins=margins)
    if whole:
        seen.counts[(None,) * counts.ndim] = int(counts.sum())
    assert not [n for n in seen.counts.values() if 0 < n < SMALL.threshold]
    found = fillings(seen, counts, SMALL.threshold)
    small = [j for j, at in enumerate(unknowns(seen)) if seen.withheld[at] is Mark.PRIMARY]
    for j in small:
        assert np.ptp(found[:, j]) >= SMALL.spread
    for size in (2, 3):
        for group in combinations(small, size):
            joint = found[:, group].sum(axis=1)
            assert np.ptp(joint) > 0 or not 0 < joint[0] < SMALL.threshold


@given(counts=tables)
@ALMOST
def test_no_withheld_small_margin_follows_from_the_rest(counts: np.ndarray) -> None:
    decision = decide(evidence(counts), SMALL, [])
    assume(decision.verdict is Verdict.RELEASE)
    seen = see(decision, counts.shape, margins=True)
    found = fillings(seen, counts, SMALL.threshold)
    places = unknowns(seen)
    for margin in (at for at in seen.withheld if None in at):
        under = [all(m is None or m == i for m, i in zip(margin, at, strict=True)) for at in places]
        cells_under = product(
            *(range(n) if m is None else [m] for m, n in zip(margin, counts.shape, strict=True))
        )
        known = sum(int(counts[at]) for at in cells_under if at not in places)
        total = known + found[:, under].sum(axis=1)
        assert np.ptp(total) > 0 or total[0] >= SMALL.threshold


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [(12,), (6, 8), (10, 5), (4, 3, 3)])
def test_linear_programs_leave_every_small_cell_as_open_as_promised(
    seed: int, shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.exp(rng.normal(4, 1.6, shape))).astype(np.int64)
    rules = policy()
    decision = decide(evidence(counts), rules, [])
    if decision.verdict is Verdict.REFUSE:
        pytest.skip("refused as a whole")
    seen = see(decision, shape, margins=True)
    for at, (low, high) in intervals(seen, rules.threshold, exists(counts)).items():
        assert low - 1e-6 <= counts[at] <= high + 1e-6
        if seen.withheld[at] is Mark.PRIMARY:
            assert high - low >= rules.spread - 1e-6


@given(counts=tables, place=st.integers(0, 100))
@ALMOST
def test_one_more_person_never_turns_a_shown_cell_into_a_small_one(
    counts: np.ndarray, place: int
) -> None:
    at = np.unravel_index(place % counts.size, counts.shape)
    before = decide(evidence(counts, margins=False), SMALL, [])
    more = counts.copy()
    more[at] += 1
    after = decide(evidence(more, margins=False), SMALL, [])
    assume(Verdict.REFUSE not in (before.verdict, after.verdict) and counts[at] > 0)
    cell = int(np.ravel_multi_index(at, counts.shape))
    if before.cells[cell].mark is Mark.SHOWN:
        assert after.cells[cell].reason != "threshold"


def test_ordinary_health_tables_flow() -> None:
    """Of many plausible tables of a register, at most one in twenty is refused."""
    refused = 0
    rng = np.random.default_rng(7)
    for _ in range(60):
        shape = [(2, 8), (10, 2), (6, 6), (18, 5), (5, 4, 2)][int(rng.integers(5))]
        parts = [rng.dirichlet(np.full(n, 2.0)) for n in shape]
        share = parts[0]
        for part in parts[1:]:
            share = np.multiply.outer(share, part)
        counts = rng.multinomial(17_000, share.ravel() / share.sum()).reshape(shape)
        refused += decide(evidence(counts), policy(), []).verdict is Verdict.REFUSE
    assert refused <= 3
