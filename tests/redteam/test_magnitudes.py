"""Sums and means: an attacker with the raw margins tries every union of withheld cells."""

from itertools import combinations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from disclosure.findings import Verdict
from disclosure.gate import decide
from tests.lib.attacker import see
from tests.lib.gate import evidence, lenient, magnitude

RULES = lenient(threshold=4, spread=2, group_rows=2)


def draw(seed: int, shape: tuple[int, ...]) -> dict[tuple[int, ...], list[float]]:
    """Skewed incomes; now and then somebody who earns more than all the rest."""
    rng = np.random.default_rng(seed)
    values = {}
    for at in np.ndindex(shape):
        x = rng.lognormal(3, 0.6, int(rng.choice([0, 3, 6, 9, 15])))
        if x.size and rng.random() < 0.15:
            x[0] *= 60
        values[at] = [float(v) for v in x]
    return values


def derivable(columns: np.ndarray, union: np.ndarray) -> bool:
    """Whether a 0/1 union lies in the row space, by ranks."""
    if not columns.size:
        return False
    rank = np.linalg.matrix_rank(columns)
    return bool(np.linalg.matrix_rank(np.vstack([columns, union])) == rank)


@given(seed=st.integers(0, 10_000), shape=st.sampled_from([(4,), (3, 3), (4, 2), (2, 5)]))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_no_union_of_withheld_cells_lets_one_person_be_estimated(
    seed: int, shape: tuple[int, ...]
) -> None:
    values = draw(seed, shape)
    measured = magnitude(values, shape)
    decision = decide(evidence(measured.n, magnitudes=[measured]), RULES, [])
    assume(decision.verdict is Verdict.RELEASE)
    seen = see(decision, shape, margins=True)
    cells = list(np.ndindex(shape))
    hidden = [at for at in cells if at in seen.withheld]
    rows = [
        [all(m is None or m == i for m, i in zip(margin, at, strict=True)) for at in hidden]
        for margin in seen.counts
        if None in margin
    ]
    columns = np.array(rows, float).reshape(len(rows), len(hidden))
    for size in range(1, min(len(hidden), 5) + 1):
        for group in combinations(range(len(hidden)), size):
            union = np.zeros(len(hidden))
            union[list(group)] = 1
            if derivable(columns, union):
                persons = sorted(v for j in group for v in values[hidden[j]])
                assert not 0 < len(persons) < RULES.threshold
                assert not persons or not estimated(persons)


def estimated(persons: list[float]) -> bool:
    """Whether the second largest can estimate the largest to within p%, or dominance holds."""
    first, second, whole = persons[-1], persons[-2], sum(persons)
    close = whole - second - first < float(RULES.p_percent) * first
    return close or first > whole / 2 or first + second > whole * 4 / 5


@given(seed=st.integers(0, 10_000))
@settings(derandomize=True, deadline=None, max_examples=40)
def test_a_shown_mean_does_not_fix_the_largest_contribution(seed: int) -> None:
    values = draw(seed, (5,))
    measured = magnitude(values, (5,))
    decision = decide(evidence(measured.n, magnitudes=[measured], margins=False), RULES, [])
    for at, cell in zip(np.ndindex(5), decision.cells, strict=False):
        mean = cell.values["mean"]
        if mean is None:
            continue
        persons = sorted(values[at])
        assert not estimated(persons)
        text = f"{mean:.6f}".rstrip("0").rstrip(".")
        decimals = len(text.split(".")[1]) if "." in text else 0
        if decimals:
            half = 0.5 * 10.0**-decimals
            assert len(persons) * half >= float(RULES.p_percent) * persons[-1] * (1 - 1e-9)
