"""Several releases: an attacker who tries every union of the groups they separate."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.findings import Decision, Verdict
from disclosure.gate import decide
from disclosure.ledger.meeting import Meeting
from disclosure.ledger.standing import Standing
from disclosure.tables import Atoms
from tests.lib.gate import evidence, lenient, overlap

T = 3
RULES = lenient(threshold=T, spread=1, group_rows=1)
Released = list[tuple[np.ndarray, tuple[int, ...], Decision]]


def leaks(released: Released, sizes: np.ndarray, members: np.ndarray) -> bool:
    """Whether any union of atoms with 1..T-1 persons follows from all published counts.

    members: (atoms, releases), the inner cell of each atom in each release; -1 outside.
    """
    rows = [
        np.isin(members[:, column], cell).astype(float)
        for column, (_, _, decision) in enumerate(released)
        for cell in decision.published
    ]
    matrix = np.array(rows)
    rank = np.linalg.matrix_rank(matrix)
    few = np.flatnonzero(sizes < T)
    groups = chain.from_iterable(combinations(few, k) for k in range(1, T))
    for group in groups:
        if sizes[list(group)].sum() < T:
            union = np.zeros(len(sizes))
            union[list(group)] = 1
            if np.linalg.matrix_rank(np.vstack([matrix, union])) == rank:
                return True
    return False


def tables(seed: int, persons: int, releases: int) -> list[tuple[np.ndarray, tuple[int, ...]]]:
    """Random cohorts of one population, each cut into cells; -1 is outside the cohort."""
    rng = np.random.default_rng(seed)
    found = []
    base = rng.integers(0, 12, persons)
    for _ in range(releases):
        shape = [(2,), (3,), (2, 2), (2, 3)][int(rng.integers(4))]
        cells = base % int(np.prod(shape)) if rng.random() < 0.5 else rng.integers(
            0, int(np.prod(shape)), persons)  # fmt: skip
        moved = rng.random(persons) < rng.choice([0.0, 0.05, 0.3])
        cells = np.where(moved, rng.integers(0, int(np.prod(shape)), persons), cells)
        outside = rng.random(persons) < rng.choice([0.0, 0.05, 0.4])
        found.append((np.where(outside, -1, cells), shape))
    return found


def release_all(
    seed: int, persons: int, releases: int, together: str = ""
) -> tuple[Released, list[Decision]]:
    """Ask for one table after another; what the gate refuses is not released."""
    released: Released = []
    decisions = []
    view = 10 * persons
    standing = Standing(view)
    for cells, shape in tables(seed, persons, releases):
        size = int(np.prod(shape))
        counts = np.bincount(cells[cells >= 0], minlength=size).reshape(shape)
        overlaps = [
            overlap(f"r{i}", cells, old, (size, int(np.prod(form))), answer.published)
            for i, (old, form, answer) in enumerate(released)
        ]
        history: Atoms | Meeting | None = None
        if together == "atoms":
            history = joint([cells, *(old for old, _, _ in released)], released)
        elif together == "standing" and released:
            history = Meeting(standing, everybody(cells, size, view), size)
        answer = decide(evidence(counts, view=view), RULES, overlaps, history)
        decisions.append(answer)
        if answer.verdict is Verdict.RELEASE:
            name = f"r{len(released)}"
            standing.add(name, everybody(cells, size, view), size, answer.published)
            released.append((cells, shape, answer))
    return released, decisions


def everybody(cells: np.ndarray, size: int, view: int) -> np.ndarray:
    """The inner cell of each person of the view; `size` outside."""
    found = np.full(view, size)
    found[: cells.size] = np.where(cells < 0, size, cells)
    return found


def joint(columns: list[np.ndarray], released: Released) -> Atoms:
    stacked = np.stack(columns, axis=1)
    stacked = stacked[(stacked >= 0).any(axis=1)]
    members, sizes = np.unique(stacked, axis=0, return_counts=True)
    names = tuple(f"r{i}" for i in range(len(released)))
    return Atoms(names, sizes, members, tuple(answer.published for _, _, answer in released))


def attack(released: Released) -> bool:
    atoms = joint([cells for cells, _, _ in released], released)
    return leaks(released, atoms.counts, atoms.cells)


@given(seed=st.integers(0, 100_000), persons=st.integers(12, 60))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_no_pair_of_releases_gives_a_small_group_away(seed: int, persons: int) -> None:
    released, _ = release_all(seed, persons, 2)
    assert not released or not attack(released)


@given(seed=st.integers(0, 100_000), persons=st.integers(12, 60))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_no_three_releases_with_joint_atoms_give_a_small_group_away(
    seed: int, persons: int
) -> None:
    released, _ = release_all(seed, persons, 4, "atoms")
    assert not released or not attack(released)


@given(seed=st.integers(0, 100_000), persons=st.integers(12, 60))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_no_six_releases_give_a_small_group_away_where_the_standing_is_kept(
    seed: int, persons: int
) -> None:
    released, _ = release_all(seed, persons, 6, "standing")
    assert not released or not attack(released)


@given(seed=st.integers(0, 100_000), persons=st.integers(12, 60))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_what_is_kept_refuses_what_working_it_out_anew_refuses(seed: int, persons: int) -> None:
    kept = release_all(seed, persons, 4, "standing")[1]
    anew = release_all(seed, persons, 4, "atoms")[1]
    assert [one.verdict for one in kept] == [one.verdict for one in anew]


def test_the_attacker_does_win_where_nobody_looks_back() -> None:
    """Without the ledger the same sequences leak: the attack is a real one."""
    won = 0
    for seed in range(40):
        released: Released = []
        for cells, shape in tables(seed, 30, 2):
            counts = np.bincount(cells[cells >= 0], minlength=int(np.prod(shape))).reshape(shape)
            answer = decide(evidence(counts, view=300), RULES, [])
            if answer.verdict is Verdict.RELEASE:
                released.append((cells, shape, answer))
        won += bool(released) and attack(released)
    assert won >= 5


@pytest.mark.parametrize("apart", [1, 2, 9])
def test_a_cohort_and_the_cohort_without_a_few_never_both_leave(apart: int) -> None:
    rules = lenient()
    everyone = np.arange(400) % 4
    without = np.where(np.arange(400) < apart, -1, everyone)
    first = decide(evidence(np.bincount(everyone)), rules, [])
    met = overlap("a1", without, everyone, (4, 4), first.published)
    counts = np.bincount(without[without >= 0], minlength=4)
    second = decide(evidence(counts), rules, [met])
    assert second.verdict is Verdict.REFUSE
    assert "a1" in second.findings[0].text["en"]
    assert "10 persons" in second.findings[0].remedy["en"]
