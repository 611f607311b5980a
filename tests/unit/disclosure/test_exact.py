"""Linear algebra of exact disclosure, against ranks and enumeration."""

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp

from disclosure.suppression.exact import EXHAUSTIVE, RowSpace, derived_unions, small_groups


def system(seed: int, rows: int, unknowns: int, density: float = 0.35) -> np.ndarray:
    return (np.random.default_rng(seed).random((rows, unknowns)) < density).astype(int)


def follows(matrix: np.ndarray, group: tuple[int, ...]) -> bool:
    union = np.zeros(matrix.shape[1])
    union[list(group)] = 1
    both = np.vstack([matrix, union])
    return bool(np.linalg.matrix_rank(both) == np.linalg.matrix_rank(matrix))


@pytest.mark.parametrize("seed", range(8))
def test_leverage_and_ranks_agree_on_what_is_determined(seed: int) -> None:
    matrix = system(seed, 7, 10)
    found = RowSpace.of(sp.csr_matrix(matrix)).determined()
    assert found.tolist() == [follows(matrix, (j,)) for j in range(10)]


@pytest.mark.parametrize("seed", range(8))
def test_every_small_group_is_found(seed: int) -> None:
    matrix = system(seed, 6, 9, 0.5)
    counts = np.random.default_rng(seed).integers(1, 7, 9)
    found = small_groups(RowSpace.of(sp.csr_matrix(matrix)), counts, 10, 3)
    alone = {group for group in found if len(group) == 1}
    for size in (1, 2, 3):
        for group in combinations(range(9), size):
            hit = follows(matrix, group) and counts[list(group)].sum() < 10
            if any((i,) in alone for i in group) and size > 1:
                continue
            assert hit == (group in {tuple(sorted(one)) for one in found}), group


@pytest.mark.parametrize("seed", range(6))
def test_all_unions_that_follow_are_found_among_few_unknowns(seed: int) -> None:
    matrix = system(seed, 4, 8, 0.5)
    space = RowSpace.of(sp.csr_matrix(matrix))
    found = {tuple(int(i) for i in union) for union in derived_unions(space)}
    wanted = {
        group
        for size in range(1, 9)
        for group in combinations(range(8), size)
        if follows(matrix, group)
    }
    assert found == wanted


def test_among_many_unknowns_equations_and_their_differences_are_found() -> None:
    unknowns = EXHAUSTIVE + 6
    matrix = np.zeros((3, unknowns), int)
    matrix[0, :8] = matrix[1, :3] = matrix[2, 10:15] = 1
    found = {tuple(u.tolist()) for u in derived_unions(RowSpace.of(sp.csr_matrix(matrix)))}
    assert {(0, 1, 2), (3, 4, 5, 6, 7), tuple(range(8)), (0, 1, 2, 10, 11, 12, 13, 14)} <= found


def test_no_equations_say_nothing() -> None:
    space = RowSpace.of(sp.csr_matrix((0, 4)))
    assert not space.determined().any()
    assert small_groups(space, np.array([1, 2, 3, 4]), 10, 3) == []
    assert list(derived_unions(space)) == []
