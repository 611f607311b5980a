"""Coarsening: the safe table that loses least, of roll-ups, merged codes and fewer dimensions."""

from itertools import product

import numpy as np
import pytest

import disclosure
from disclosure import Table
from disclosure.coarsening.suggest import suggestions
from tests.lib.gate import policy


def asked(counts: np.ndarray, hierarchies: dict[str, dict[str, str]] | None = None) -> Table:
    rows = list(np.ndindex(counts.shape))
    data = {
        "region": [f"r{i}" for i, _ in rows],
        "age": [f"a{j}" for _, j in rows],
        "n": [int(counts[place]) for place in rows],
    }
    return Table("t", data, ("region", "age"), "n", hierarchies=hierarchies or {})


def test_a_drawn_table() -> None:
    """Only the two oldest groups together are enough in every region.

          a0   a1   a2             a0   a1 + a2
    r0    40   50    3       r0    40        53
    r1    60   20    9       r1    60        29
    """
    found = suggestions(asked(np.array([[40, 50, 3], [60, 20, 9]])), policy())
    first = found[0]
    assert first.codes["age"] == {"a0": "a0", "a1": "a1 + a2", "a2": "a1 + a2"}
    assert first.codes["region"] == {"r0": "r0", "r1": "r1"}
    assert first.data["n"] == [40, 53, 60, 29]
    assert 0 < first.loss < found[1].loss


def test_a_roll_up_of_the_hierarchy_is_offered() -> None:
    counts = np.array([[5, 40], [6, 50], [7, 60], [8, 70]])
    tree = {"region": {"r0": "north", "r1": "north", "r2": "south", "r3": "south"}}
    found = suggestions(asked(counts, tree), policy())
    rolled = {"r0": "north", "r1": "north", "r2": "south", "r3": "south"}
    [one] = [one for one in found if one.codes["region"] == rolled]
    assert one.data["n"] == [11, 90, 15, 130]


def test_a_safe_table_is_its_own_best_suggestion() -> None:
    [first] = suggestions(asked(np.full((3, 3), 50)), policy(), many=1)
    assert first.loss == 0
    assert first.cells == 9


def test_where_not_even_the_total_is_safe_nothing_is_suggested() -> None:
    assert suggestions(asked(np.array([[1, 2], [3, 0]])), policy()) == ()


@pytest.mark.parametrize("seed", range(8))
def test_suggestions_need_nothing_withheld_and_keep_all_persons(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(
        np.exp(np.random.default_rng(seed).normal(2.5, 1, (4, 5)))
    )
    table = asked(counts)
    for one in suggestions(table, policy()):
        dimensions = tuple(name for name in ("region", "age") if name in one.data)
        coarser = Table("c", one.data, dimensions, "n")
        safe = disclosure.protect([coarser], policy())[0]
        assert set(safe.columns["mark"]) == {""}
        assert sum(one.data["n"]) == counts.sum()  # type: ignore[arg-type]  # whole numbers
        again: dict[tuple[str, ...], int] = {}
        for i, j in np.ndindex(counts.shape):
            codes = (one.codes["region"][f"r{i}"], one.codes["age"][f"a{j}"])
            again[codes] = again.get(codes, 0) + int(counts[i, j])
        assert sorted(n for n in again.values() if n) == sorted(one.data["n"])  # type: ignore[type-var]


@pytest.mark.parametrize("seed", range(8))
def test_of_few_codes_no_way_to_join_neighbours_loses_less(seed: int) -> None:
    """Every way to cut a row of five codes, tried one by one, beside what is suggested."""
    counts = np.random.default_rng(seed).integers(0, 25, (5, 1))
    found = suggestions(asked(counts), policy())
    best = 0.0
    for cuts in product((0, 1), repeat=4):
        groups = np.concatenate([[0], np.cumsum(cuts)])
        sums = np.bincount(groups, counts[:, 0])
        if ((sums == 0) | (sums >= 10)).all():
            best = max(best, entropy(sums))
    assert entropy(np.array(found[0].data["n"])) >= best - 1e-9


def entropy(sums: np.ndarray) -> float:
    share = sums[sums > 0] / sums.sum()
    return float(-(share * np.log(share)).sum())
