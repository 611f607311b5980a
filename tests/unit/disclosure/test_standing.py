"""What is kept between releases: the same as worked out anew, and no pass when time is short."""

from fractions import Fraction

import numpy as np
import pytest

from disclosure.errors import Refusal
from disclosure.ledger.meeting import Meeting
from disclosure.ledger.standing import Standing, independent, project
from disclosure.suppression.lattice import lattice_of

SUMS = lattice_of(np.zeros(3, np.int64)).sums()
SHOWN = ((0,), (1,), (2,), (0, 1, 2))


def rank(rows: list[list[int]]) -> int:
    """By elimination in whole fractions."""
    left, found = [[Fraction(value) for value in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        lead = next((row for row in left[found:] if row[column]), None)
        if lead is None:
            continue
        left.remove(lead)
        left.insert(found, lead)
        for row in left[found + 1 :]:
            if row[column]:
                factor = row[column] / lead[column]
                row[:] = [a - factor * b for a, b in zip(row, lead, strict=True)]
        found += 1
    return found


def drawn(seed: int, persons: int, releases: int) -> list[np.ndarray]:
    chance = np.random.default_rng(seed)
    return [chance.integers(0, 4, persons).astype(np.uint8) for _ in range(releases)]


@pytest.mark.parametrize("seed", range(12))
def test_as_many_sums_are_kept_as_elimination_in_fractions_finds(seed: int) -> None:
    standing, rows = Standing(14), []
    for at, vector in enumerate(drawn(seed, 14, 5)):
        standing.add(f"r{at}", vector, 3, SHOWN)
        rows += [[int(value in cells) for value in vector.tolist()] for cells in SHOWN]
        assert standing.rows == rank(rows)
        assert np.abs(np.array(rows) @ standing.shadow().T).max() < 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_joint_counts_are_those_of_the_persons(seed: int) -> None:
    *earlier, new = drawn(seed, 300, 4)
    standing = Standing(300)
    for at, vector in enumerate(earlier):
        standing.add(f"r{at}", vector, 3, SHOWN)
    for joint, vector in zip(Meeting(standing, new, 3).joints(), earlier, strict=True):
        expected = np.zeros((4, 4), int)
        np.add.at(expected, (new, vector), 1)
        assert np.array_equal(joint, expected)


def test_a_meeting_over_joined_cells_is_that_of_the_joined_table() -> None:
    earlier, new = drawn(7, 200, 2)
    standing = Standing(200)
    standing.add("r", earlier, 3, SHOWN)
    (joint,) = Meeting(standing, new, 3).joined(np.array([0, 0, 1]), 2).joints()
    (fine,) = Meeting(standing, new, 3).joints()
    assert np.array_equal(joint, [fine[0] + fine[1], fine[2], fine[3]])


def test_the_same_table_again_adds_nothing_and_collides_with_nothing() -> None:
    (vector,) = drawn(3, 400, 1)
    standing = Standing(400)
    standing.add("r", vector, 3, SHOWN)
    kept = standing.rows
    assert not Meeting(standing, vector, 3).collides(SHOWN, SUMS, 10)
    standing.add("again", vector, 3, SHOWN)
    assert standing.rows == kept == 3


def test_a_step_whose_time_is_spent_is_refused_and_changes_nothing() -> None:
    one, other = drawn(5, 100, 2)
    standing = Standing(100)
    standing.add("r", one, 3, SHOWN)

    def spent() -> None:
        raise Refusal("too_much_released", "Too much.", "Ask for less.")

    standing.clock = lambda: spent
    with pytest.raises(Refusal):
        standing.add("s", other, 3, SHOWN)
    with pytest.raises(Refusal):
        Meeting(standing, other, 3).collides(SHOWN, SUMS, 10)
    assert [table.name for table in standing.tables] == ["r"]


def test_a_sum_that_is_neither_new_nor_old_is_refused() -> None:
    """Pivots of whole persons are nothing or something; what lies between is a fault of numbers."""
    sums = SUMS[:1, :1]
    with pytest.raises(Refusal) as refused:
        independent(sums, np.array([[np.sqrt(5 - 1e-5)]]), np.array([5]))
    assert refused.value.code == "too_much_released"


def test_a_projection_that_does_not_come_to_rest_is_refused() -> None:
    one, other = drawn(5, 100, 2)
    standing = Standing(100)
    standing.add("r", one, 3, SHOWN)
    standing.add("s", other, 3, SHOWN)
    standing.tables[1].factor[:] = 0.3  # a factor of something else
    with pytest.raises(Refusal):
        project(np.ones((2, 100)), standing.tables, lambda: None)
