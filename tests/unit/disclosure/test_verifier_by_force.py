"""The second verifier against brute force: every whole-number table that looks the same."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from disclosure.errors import Refusal
from disclosure.tables import margins_of
from disclosure.verifier.tables import Table

THRESHOLD, SPREAD, MOST = 4, 2, 12
Counts = np.ndarray


def published(counts: Counts, hidden: Counts) -> tuple[dict[str, Any], dict[str, Any]]:
    """The proof of a table with margins of which the inner cells in `hidden` are withheld."""
    table = margins_of(counts)
    shape = tuple(n + 1 for n in counts.shape)
    away = np.zeros(shape, bool)
    away[tuple(slice(n) for n in counts.shape)] = hidden
    letters = {
        str(at): "p" if table.flat[at] < THRESHOLD else "c"
        for at in np.flatnonzero(away.ravel()).tolist()
    }
    told = [None if gone else int(n) for n, gone in zip(table.ravel(), away.ravel(), strict=True)]
    proof = {"threshold": THRESHOLD, "spread": SPREAD, "shape": list(counts.shape)}
    return proof, {"name": "n", "counts": told, "withheld": letters}


def worlds(counts: Counts, hidden: Counts) -> Counts:
    """Every table with the same shown cells, margins and marks: (tables, *shape)."""
    places = np.argwhere(hidden)
    lines = [np.where(hidden, counts, 0).sum(axis=axis) for axis in range(2)]
    ranges = []
    for row, column in places:
        most = min(lines[1][row], lines[0][column])
        small = counts[row, column] < THRESHOLD
        ranges.append(
            np.arange(min(THRESHOLD, most + 1)) if small else np.arange(THRESHOLD, most + 1)
        )
    values = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(places))
    for axis in range(2):
        for line in range(counts.shape[axis]):
            mine = places[:, axis] == line
            values = values[values[:, mine].sum(axis=1) == lines[1 - axis][line]]
    tables = np.repeat(counts[None], len(values), axis=0)
    tables[:, places[:, 0], places[:, 1]] = values
    assert len(tables)
    return tables


def safe(counts: Counts, hidden: Counts) -> bool:
    """What the verifier is to say, from all tables that look the same."""
    tables = worlds(counts, hidden)
    small = [tuple(at) for at in np.argwhere(hidden & (counts < THRESHOLD))]
    for at in small:
        values = tables[(slice(None), *at)]
        if values.max() - values.min() < SPREAD:
            return False
    for one, other in combinations(small, 2):
        pair = tables[(slice(None), *one)] + tables[(slice(None), *other)]
        if pair.min() == pair.max() and 0 < pair[0] < THRESHOLD:
            return False
    return True


def accepted(counts: Counts, hidden: Counts) -> bool:
    table = Table(*published(counts, hidden))
    try:
        table.look()
        table.spread(300)
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_accepted_that_brute_force_can_work_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    verdicts = {True: 0, False: 0}
    for _ in range(120):
        shape = [(2, 3), (3, 3), (2, 4)][rng.integers(3)]
        counts = rng.integers(THRESHOLD, MOST, shape)
        few = rng.random(shape) < 0.2
        counts[few] = rng.integers(0, THRESHOLD, int(few.sum()))
        hidden = (counts < THRESHOLD) & (counts > 0)
        hidden |= rng.random(shape) < 0.35
        if not 0 < hidden.sum() <= 5 or not (hidden & (counts < THRESHOLD)).any():
            continue
        said, truth = accepted(counts, hidden), safe(counts, hidden)
        assert truth or not said, (counts, hidden)
        verdicts[said] += 1
    assert verdicts[False] > 5
    assert sum(verdicts.values()) > 30


def test_what_brute_force_finds_open_is_accepted() -> None:
    """Two rows and columns that could be exchanged: the classic square."""
    counts = np.array([[2, 10, 9], [9, 8, 11], [10, 11, 9]])
    square = np.zeros((3, 3), bool)
    square[:2, :2] = True

    assert safe(counts, square)
    assert accepted(counts, square)
    for gone in np.argwhere(square):
        fewer = square.copy()
        fewer[tuple(gone)] = False
        if fewer[0, 0]:
            assert not safe(counts, fewer)
            assert not accepted(counts, fewer)
