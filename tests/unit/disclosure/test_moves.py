"""Moves and the solver: what they claim keeps every sum, and linear programs agree."""

import numpy as np
import pytest
from scipy.optimize import linprog

from disclosure.errors import Refusal
from disclosure.suppression.lattice import lattice_of
from disclosure.suppression.moves import Room, best_cube, free_cube
from disclosure.suppression.solver import Solver
from disclosure.tables import margins_of

SHAPES = [(5,), (4, 3), (3, 3, 2)]


def table(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 20, shape)


@pytest.mark.parametrize("shape", [(), *SHAPES])
def test_every_line_of_a_lattice_sums_to_nothing(shape: tuple[int, ...]) -> None:
    lattice = lattice_of(table(1, shape))
    assert not (lattice.lines() @ lattice.values.ravel()).any()
    inner = lattice.values[lattice.inner]
    assert np.array_equal(lattice.sums() @ inner, lattice.values.ravel())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("seed", range(5))
def test_a_move_keeps_all_sums_and_its_room(
    shape: tuple[int, ...], direction: int, seed: int
) -> None:
    lattice = lattice_of(table(seed, shape))
    target = tuple(int(i) for i in np.random.default_rng(seed).integers(0, lattice.values.shape))
    up = np.full(lattice.values.shape, 5, np.int64)
    room = Room(lattice, up, lattice.values.copy())
    hidden = np.random.default_rng(seed).random(lattice.values.shape) < 0.8
    hidden[target] = True
    found = free_cube(room, hidden, target, direction, 4)
    if found is None:
        pytest.skip("no hypercube among these cells")
    move, size = found
    assert all(hidden[corner] for corner in move.corners)
    moved = lattice.values.copy()
    for corner, step in zip(move.corners, move.steps, strict=True):
        moved[corner] += step * size
    assert moved[target] - lattice.values[target] == direction * size
    inner = tuple(slice(0, n) for n in shape)
    assert np.array_equal(margins_of(moved[inner]), moved)
    assert (moved >= 0).all()
    assert (moved <= lattice.values + 5).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_best_hypercube_is_the_cheapest_of_all(seed: int) -> None:
    lattice = lattice_of(table(seed, (4, 5)) + 10)
    cost = np.random.default_rng(seed).random(lattice.values.shape)
    room = Room(lattice, lattice.values.copy(), lattice.values.copy())
    move = best_cube(room, cost, (1, 2), 1, 3)
    assert move is not None
    wanted = min(
        cost[1, c] + cost[r, 2] + cost[r, c]
        for r in range(5)
        for c in range(6)
        if r != 1 and c != 2
    )
    assert move.cost == pytest.approx(wanted)


@pytest.mark.parametrize("shape", [(5,), (4, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_the_solver_reaches_as_far_as_a_linear_program(shape: tuple[int, ...], seed: int) -> None:
    lattice = lattice_of(table(seed, shape))
    hidden = np.random.default_rng(seed).random(lattice.size) < 0.6
    solver = Solver(lattice.lines(), 10)
    bounds = []
    for cell, away in enumerate(hidden):
        down, up = (int(lattice.values.flat[cell]), 7) if away else (0, 0)
        solver.bounds(cell, down, up)
        bounds.append((-down, up))
    lines = lattice.lines().toarray()
    for cell in np.flatnonzero(hidden):
        for direction in (-1, 1):
            goal = np.zeros(lattice.size)
            goal[cell] = -direction
            far = -linprog(goal, A_eq=lines, b_eq=np.zeros(len(lines)), bounds=bounds).fun
            assert solver.reach(int(cell), direction).size == round(far)


def test_a_solver_out_of_time_refuses() -> None:
    lattice = lattice_of(table(0, (4, 4)))
    solver = Solver(lattice.lines(), 0.0)
    for cell in range(lattice.size):
        solver.bounds(cell, 3, 9)
    with pytest.raises(Refusal) as refused:
        [solver.reach(cell, 1) for cell in range(lattice.size)]
    assert refused.value.code == "too_hard_to_protect"
