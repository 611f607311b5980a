"""Cell key: the same persons always get the same noise, and averages over splits are counted."""

from fractions import Fraction

import numpy as np
import pytest

from disclosure.cellkey.averaging import Split, identifying, looks_random, spend
from disclosure.cellkey.noise import Noise, keys_of, perturbed
from disclosure.errors import Refusal

NOISE = Noise(furthest=5, variance=4.0, smallest=3)
rng = np.random.default_rng(3)
RECORDS = rng.integers(0, 2**63, 2000, np.uint64) * np.uint64(2) + np.uint64(1)


def shown(members: np.ndarray) -> int:
    """The noisy count of one set of persons (indices)."""
    key = keys_of(RECORDS[members], np.zeros(members.size, np.intp), 1)
    return int(perturbed(np.array([members.size]), key, NOISE)[0])


def test_the_same_persons_have_the_same_noise_however_they_are_asked_for() -> None:
    members = rng.choice(2000, 212, replace=False)
    assert len({shown(rng.permutation(members)) for _ in range(50)}) == 1


def test_one_person_more_has_noise_of_its_own() -> None:
    base = np.arange(300)
    steps = {shown(base[:n]) - n for n in range(250, 300)}
    assert len(steps) > 4


@pytest.mark.parametrize("count", [*range(1, 12), 1000])
def test_noise_is_unbiased_bounded_and_shows_no_small_count(count: int) -> None:
    chances = NOISE.chances(count)
    steps = np.arange(-5, 6)
    after = count + steps[chances > 0]
    assert chances.sum() == pytest.approx(1)
    assert (chances * steps).sum() == pytest.approx(0, abs=1e-6)
    assert ((after == 0) | (after >= 3)).all()
    if count >= 8:  # with room on both sides
        assert (chances * steps**2).sum() == pytest.approx(4.0, abs=1e-6)


def test_of_all_such_distributions_it_has_most_entropy() -> None:
    """Any small change that keeps mean and variance loses entropy."""
    chance = NOISE.chances(1000)
    steps = np.arange(-5, 6)
    held = np.stack([np.ones(11), steps, steps**2]).astype(float)
    _, _, free = np.linalg.svd(held)
    own = -(chance * np.log(chance)).sum()
    for direction in free[3:]:
        for size in (1e-3, -1e-3):
            other = chance + size * direction
            assert (other > 0).all()
            assert -(other * np.log(other)).sum() < own


def test_drawn_noise_has_the_chances_that_it_should() -> None:
    keys = np.random.default_rng(5).integers(0, 2**63, 40_000, np.uint64)
    steps = perturbed(np.full(40_000, 50), keys, NOISE) - 50
    drawn = np.bincount(steps + 5, minlength=11) / 40_000
    assert np.abs(drawn - NOISE.chances(50)).max() < 0.01


def test_nobody_stays_nobody() -> None:
    assert perturbed(np.zeros((2, 3), np.int64), np.zeros((2, 3), np.uint64), NOISE).sum() == 0


def halves(many: int) -> list[Split]:
    """The set of 212 persons, split by chance into two in many ways, with its keys."""
    members = np.arange(212)
    found = []
    for _ in range(many):
        side = rng.integers(0, 2, 212).astype(np.intp)
        whole = int(keys_of(RECORDS[members], np.zeros(212, np.intp), 1)[0])
        found.append(Split(whole, frozenset(keys_of(RECORDS[members], side, 2).tolist())))
    return found


def test_averaging_over_random_halves_finds_the_count_if_nobody_counts_them() -> None:
    """The published attack: 240 splits of 212 persons, and the mean of their sums is 212."""
    members = np.arange(212)
    sums = []
    for _ in range(240):
        side = rng.integers(0, 2, 212)
        sums.append(shown(members[side == 0]) + shown(members[side == 1]))
    assert abs(np.mean(sums) - 212) < 1.0


def test_the_budget_ends_it_after_eight_halves() -> None:
    book: dict[int, frozenset[frozenset[int]]] = {}
    splits = halves(9)
    for one in splits[:8]:
        book = spend(book, [one], Fraction(4))
    with pytest.raises(Refusal) as refused:
        spend(book, splits[8:], Fraction(4))
    assert refused.value.code == "averaging_budget"


def test_what_was_shown_before_costs_nothing() -> None:
    [one] = halves(1)
    book: dict[int, frozenset[frozenset[int]]] = {}
    for _ in range(100):
        book = spend(book, [one], Fraction(1, 2))
    assert len(book[one.whole]) == 1


def test_a_refused_table_spends_nothing() -> None:
    splits = halves(3)
    before = spend({}, splits[:1], Fraction(1))
    with pytest.raises(Refusal):
        spend(before, splits[1:], Fraction(1))
    assert spend(before, [splits[0]], Fraction(1)) == before


def test_a_dimension_of_names_is_no_group() -> None:
    assert identifying(np.ones(500, np.int64), 10)
    assert identifying(np.array([3] * 200 + [500]), 10)
    assert not identifying(np.array([40, 60, 0, 3]), 10)


def test_a_split_by_chance_is_told_from_a_group() -> None:
    age = rng.integers(0, 5, 4000)
    sex = rng.integers(0, 2, 4000)
    older = (age + (rng.random(4000) < 0.2) > 2).astype(int)

    def joint(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        table = np.zeros((one.max() + 1, other.max() + 1), np.int64)
        np.add.at(table, (one, other), 1)
        return table

    assert not looks_random([joint(older, age), joint(older, sex)])
    found = [
        looks_random([joint(side, age), joint(side, sex)])
        for side in (rng.integers(0, 2, 4000) for _ in range(60))
    ]
    assert sum(found) >= 57
    assert looks_random([])


@pytest.mark.parametrize("bad", [(5, 0.0, 3), (5, 20.0, 3), (2, 1.0, 5), (99, 4.0, 3)])
def test_impossible_noise_is_refused(bad: tuple[int, float, int]) -> None:
    with pytest.raises(Refusal):
        Noise(*bad)
