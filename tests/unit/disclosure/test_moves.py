"""Moves of all kinds: what they claim keeps every sum and stays within the room."""

import numpy as np
import pytest
from scipy.optimize import linprog

from disclosure.errors import Refusal
from disclosure.suppression.cycles import cheapest, stroll
from disclosure.suppression.lattice import Lattice, lattice_of
from disclosure.suppression.moves import walk
from disclosure.suppression.slabs import spans
from disclosure.suppression.solver import Grid, Time, optimum
from disclosure.suppression.web import web_of
from disclosure.tables import margins_of

SHAPES = [(5,), (4, 3), (3, 3, 2)]


def table(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 20, shape)


def room_of(lattice: Lattice, seed: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Up to 5 up and to nothing down, where a cell is withheld."""
    hidden = np.random.default_rng(seed).random(lattice.values.shape) < share
    up = np.where(hidden, 5, 0).astype(np.int16)
    return up, np.where(hidden, lattice.values, 0).astype(np.int16)


@pytest.mark.parametrize("shape", [(), *SHAPES])
def test_every_line_of_a_lattice_sums_to_nothing(shape: tuple[int, ...]) -> None:
    lattice = lattice_of(table(1, shape))
    assert not (lattice.lines() @ lattice.values.ravel()).any()
    inner = lattice.values[lattice.inner]
    assert np.array_equal(lattice.sums() @ inner, lattice.values.ravel())


@pytest.mark.parametrize(
    ("way", "shape"),
    [*((walk, shape) for shape in SHAPES), (stroll, (3, 3, 2)), (stroll, (4, 5, 3))],
)
@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("seed", range(5))
def test_a_way_keeps_all_sums_and_its_room(
    way: object, shape: tuple[int, ...], direction: int, seed: int
) -> None:
    lattice = lattice_of(table(seed, shape))
    room = room_of(lattice, seed, 0.8)
    cell = int(np.random.default_rng(seed).choice(np.flatnonzero(room[0])))
    up, down = room[0].copy(), room[1].copy()
    found = way(lattice, room, cell, direction, 4)  # type: ignore[operator]  # walk or stroll
    moved = lattice.values + (up - room[0])
    assert np.array_equal(down - room[1], room[0] - up)
    assert moved.flat[cell] - lattice.values.flat[cell] == direction * found.size
    changed = set(np.flatnonzero(moved != lattice.values).tolist())
    assert changed <= found.support <= set(np.flatnonzero(up).tolist())
    inner = tuple(slice(0, n) for n in shape)
    assert np.array_equal(margins_of(moved[inner]), moved)
    assert (moved >= 0).all()
    assert (moved <= lattice.values + 5).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_stroll_that_stops_has_no_cycle_left(seed: int) -> None:
    lattice = lattice_of(table(seed, (4, 4, 3)))
    room = room_of(lattice, seed, 0.6)
    cell = int(np.flatnonzero(room[0])[3])
    free = np.where((room[0] + room[1]) > 0, 0.0, np.inf)
    gone = stroll(lattice, room, cell, 1, 40).size
    more = cheapest(lattice, room, free, cell, direction=1, step=1)
    assert (more is None) == (gone < 40)


@pytest.mark.parametrize("seed", range(6))
def test_the_cheapest_cycle_is_no_dearer_than_any_hypercube(seed: int) -> None:
    lattice = lattice_of(table(seed, (3, 4, 3)) + 10)
    cost = np.random.default_rng(seed).random(lattice.values.shape)
    cost[1, 2, 1] = 0.0
    room = (lattice.values, lattice.values)
    cell = int(np.ravel_multi_index((1, 2, 1), lattice.values.shape))
    found = cheapest(lattice, room, cost, cell, direction=1, step=3)
    assert found is not None
    cubes = [
        cost[np.ix_([1, a], [2, b], [1, c])].sum()
        for a in range(4)
        for b in range(5)
        for c in range(4)
        if a != 1 and b != 2 and c != 1
    ]
    assert found.cost <= min(cubes) + 1e-9
    assert found.cost == pytest.approx(cost.flat[[*found.rising, *found.falling]].sum())
    moved = lattice.values.copy()
    moved.flat[list(found.rising)] += 3
    moved.flat[list(found.falling)] -= 3
    assert moved.flat[cell] == lattice.values.flat[cell] + 3
    assert np.array_equal(margins_of(moved[:-1, :-1, :-1]), moved)


@pytest.mark.parametrize("seed", range(4))
def test_no_cell_spans_more_between_layers_than_a_linear_program_allows(seed: int) -> None:
    lattice = lattice_of(table(seed, (4, 3, 3)))
    up, down = (one.astype(np.int64) for one in room_of(lattice, seed, 0.7))
    span = spans(lattice, (up, down), np.where(up + down > 0, 30, 0), Time(10))
    lines = lattice.lines()
    bounds = list(zip(-down.ravel(), up.ravel(), strict=True))
    assert span.max() > 0
    for cell in np.flatnonzero(span):
        goal = np.zeros(lattice.size)
        goal[cell] = 1
        ends = [
            linprog(sign * goal, A_eq=lines, b_eq=np.zeros(lines.shape[0]), bounds=bounds).fun
            for sign in (1, -1)
        ]
        assert span.flat[cell] <= -sum(ends) + 1e-6


@pytest.mark.parametrize("shape", [(5,), (4, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_the_solver_reaches_as_far_as_a_linear_program(shape: tuple[int, ...], seed: int) -> None:
    lattice = lattice_of(table(seed, shape))
    up, down = (one.ravel() for one in room_of(lattice, seed, 0.6))
    lines = lattice.lines()
    bounds = (-down.astype(float), up.astype(float))
    for cell in np.flatnonzero(up):
        goal = np.zeros(lattice.size)
        goal[cell] = -1
        far = linprog(goal, A_eq=lines, b_eq=np.zeros(lines.shape[0]),
                      bounds=list(zip(*bounds, strict=True))).fun  # fmt: skip
        change = optimum(web_of(lattice).ties, goal, bounds, Time(10))
        assert change is not None
        assert change[cell] == pytest.approx(-far)
        assert Grid(lines, Time(10)).push(-goal, down, up)[cell] == round(-far)


def test_a_solver_out_of_time_refuses() -> None:
    lattice = lattice_of(table(0, (4, 4)))
    room = np.full(lattice.size, 3.0)
    with pytest.raises(Refusal) as refused:
        optimum(web_of(lattice).ties, -room, (-room, room), Time(0.0))
    assert refused.value.code == "too_hard_to_protect"
