"""Answers with noise: what limits promise, they hold; what a proof says of its cost, it adds up.

Draws are OpenDP's own and carry no seed: each bound below is passed by a right mechanism with a
probability above 1 − 1e-9 (Hoeffding).
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from disclosure.privacy import Private, private
from disclosure.privacy.distribution import tree_of
from disclosure.privacy.evidence import (
    DistributionEvidence,
    ModelColumn,
    ModelEvidence,
    MomentsEvidence,
)
from disclosure.privacy.mechanisms import noisy_counts
from disclosure.privacy.regression import solved
from tests.lib.gate import evidence, policy

GROUPS = 2500
UNIT = 1 << 20


def slack(times: int) -> float:
    """By how much a share of so many independent draws misses its expectation, once in 1e9."""
    return math.sqrt(math.log(1e9) / (2 * times))


def columns(answer: Private, block: int = 0) -> dict[str, list[Any]]:
    made = answer.decision.blocks[block]
    names = [one.name for one in made.columns]
    return {name: [row[at] for row in made.rows] for at, name in enumerate(names)}


def moments(persons: int, groups: int = GROUPS) -> tuple[MomentsEvidence, NDArray[np.float64]]:
    chance = np.random.default_rng(3)
    x = np.clip(chance.normal(20, 8, (groups, persons)), 0, 100)
    moved = np.rint((x - 50) * UNIT / 50).astype(np.int64)
    squares = (moved * moved + UNIT // 2) // UNIT - UNIT // 2
    made = MomentsEvidence(
        by=("g",),
        groups=tuple((str(at),) for at in range(groups)),
        variable="x",
        label={},
        measure="",
        centre=50,
        half=50,
        unit=UNIT,
        n=np.full(groups, persons),
        first=moved.sum(axis=1),
        second=squares.sum(axis=1),
    )
    return made, x


@pytest.mark.parametrize(("persons", "rho"), [(150, Fraction(1, 50)), (2000, Fraction(1, 3))])
def test_limits_of_counts_means_and_spreads_hold_as_often_as_they_say(
    persons: int, rho: Fraction
) -> None:
    made, x = moments(persons)
    told = columns(private(made, rho, policy()))
    for name, true in (("mean", x.mean(axis=1)), ("variance", x.var(axis=1)),
                       ("sd", x.std(axis=1))):  # fmt: skip
        low, high = np.array(told[f"{name}_low"]), np.array(told[f"{name}_high"])
        wide = 1e-5 * np.abs(true)  # figures of what is shown
        held = ((low - wide <= true) & (true <= high + wide)).mean()
        assert held > 0.95 - slack(GROUPS), name
    assert (
        np.abs(np.array(told["persons"]) - persons) <= told["persons_within"]
    ).mean() > 0.95 - slack(GROUPS)


def test_limits_of_means_are_no_wider_than_they_must_be() -> None:
    made, x = moments(2000)
    told = columns(private(made, Fraction(1, 10), policy()))
    true = x.mean(axis=1)
    held = ((np.array(told["mean_low"]) <= true) & (true <= np.array(told["mean_high"]))).mean()
    assert held < 0.95 + slack(GROUPS)


def test_limits_of_sums_hold_and_the_sum_is_about_right() -> None:
    made, x = moments(500)
    answer = private(MomentsEvidence(**{**vars(made), "second": None}), Fraction(1, 20), policy())
    told = columns(answer)
    apart = np.abs(np.array(told["sum"]) - x.sum(axis=1))
    held = (apart <= np.array(told["sum_within"]) + 0.01).mean()
    assert 0.95 - slack(GROUPS) < held < 0.95 + slack(GROUPS)
    assert len(answer.parts) == 2


@pytest.mark.parametrize(("points", "persons"), [(16, 40), (120, 1000)])
def test_limits_of_quantiles_hold_and_every_quantile_costs_nothing_more(
    points: int, persons: int
) -> None:
    chance, groups, at = np.random.default_rng(4), 400, (0.05, 0.5, 0.9)
    x = np.rint(chance.gamma(2, points / 8, (groups, persons))).clip(0, points - 1).astype(int)
    made = DistributionEvidence(
        by=("g",),
        groups=tuple((str(one),) for one in range(groups)),
        variable="x",
        label={"en": "x"},
        measure="",
        points=tuple(map(float, range(points))),
        at=at,
        counts=np.stack([np.bincount(row, minlength=points) for row in x]),
    )
    answer = private(made, Fraction(1, 25), policy())
    told = columns(answer)
    true = np.sort(x, axis=1)[:, [math.ceil(p * persons) - 1 for p in at]]
    low, high = (np.array(told[name]).reshape(groups, -1) for name in ("low", "high"))
    held = ((low <= true) & (true <= high)).mean(axis=0)
    assert (held > 0.95 - slack(groups)).all()
    certified = sum(Fraction(one.noisy.certified) for one in answer.parts)
    assert certified <= Fraction(1, 25)


@pytest.mark.parametrize("points", [1, 2, 17, 100, 257, 1000])
def test_a_tree_counts_what_does_not_exceed_a_point_with_few_numbers(points: int) -> None:
    tree = tree_of(points)
    counts = np.random.default_rng(points).integers(0, 50, (3, points))
    levels = tree.counted(counts)
    assert np.allclose(tree.prefixes @ levels.T.astype(float), counts.cumsum(axis=1).T)
    alone = np.zeros((1, points), dtype=np.int64)
    for at in range(points):
        alone[:] = 0
        alone[0, at] = 1
        assert math.sqrt(float((tree.counted(alone) ** 2).sum())) <= tree.sensitivity
    few = 2 * len(tree.sizes) * max(points, 3) ** (1 / len(tree.sizes))
    assert tree.prefixes.power(2).sum(axis=1).max() <= few


def test_margins_of_noisy_tables_say_how_near_a_sum_is() -> None:
    table = evidence(np.full((6, 4000), 25).tolist())
    answer = private(table, Fraction(1, 10), policy())
    shown = {one.codes: one.values["n"] for one in answer.decision.cells}
    sums = np.array([n for codes, n in shown.items() if codes[0] == "Σ" and codes[1] != "Σ"])
    near = answer.sums[6]
    held = (np.abs(sums - 6 * 25) <= near).mean()
    assert 0.95 - slack(4000) < held
    assert (np.abs(sums - 6 * 25) <= near / 1.5).mean() < 0.9


def model(n: int, chance: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of products of a constant, two numbers, two dummies and an outcome; the true model."""
    numbers = np.clip(chance.normal(0, 0.4, (n, 2)), -1, 1)
    group = chance.choice(3, n, p=[0.6, 0.3, 0.1])
    dummies = (group[:, None] == np.arange(1, 3)).astype(float)
    design = np.column_stack([np.ones(n), numbers, dummies])
    true = np.array([0.1, 0.3, -0.2, 0.1, -0.05])
    outcome = np.clip(design @ true + chance.normal(0, 0.15, n), -1, 1)
    z = np.column_stack([design, outcome])
    return z.T @ z, true


@pytest.mark.parametrize(("n", "rho"), [(3000, 0.25), (20_000, 0.05)])
def test_limits_of_coefficients_hold_the_sample_and_the_noise(n: int, rho: float) -> None:
    """By simulation with a fixed seed: 600 samples, each with noise of its own."""
    chance, held, bare, weight = np.random.default_rng(8), [], [], 5
    spread = math.sqrt((weight**2 + weight) / 2 / (2 * rho))
    for _ in range(600):
        products, true = model(n, chance)
        noise = np.triu(chance.normal(0, spread, products.shape))
        found = solved(products + noise + np.triu(noise, 1).T, spread)
        assert found is not None
        apart = np.abs(found.estimate - true)
        held.append(apart <= 1.96 * np.sqrt(np.diag(found.covariance)))
        bare.append(apart <= 1.96 * np.sqrt(np.diag(found.of_sample)))
    assert np.abs(np.mean(held, axis=0) - 0.95).max() < 0.035
    assert np.mean(bare) < 0.9, "without the noise in it a limit holds too seldom"


def answered(n: int, rho: Fraction) -> Private:
    products, _ = model(n, np.random.default_rng(1))
    unit = 1 << 12
    made = ModelEvidence(
        by=(),
        groups=((),),
        outcome="y",
        columns=tuple(ModelColumn(f"t{at}", "") for at in range(5)),
        unit=unit,
        weight=5,
        products=np.rint(products * unit**2).astype(np.int64),
        centre=10,
        half=5,
        back=np.eye(5),
    )
    return private(made, rho, policy())


def test_a_model_in_which_the_noise_wins_has_no_coefficients_and_says_what_to_do() -> None:
    answer = answered(300, Fraction(1, 1000))
    told = columns(answer)
    assert told["estimate"] == [None] * 5
    assert [one.severity.value for one in answer.decision.findings] == ["note", "withheld"]
    assert "larger ρ" in answer.decision.findings[1].remedy["en"]


def test_a_model_comes_back_in_the_unit_of_its_outcome() -> None:
    told = columns(answered(200_000, Fraction(1, 2)))
    assert told["estimate"] == pytest.approx([10.5, 1.5, -1.0, 0.5, -0.25], abs=0.05)
    assert all(0 < noise < se for noise, se in zip(told["se_noise"], told["se"], strict=True))


def test_the_costs_in_a_proof_add_up_to_what_is_charged() -> None:
    made, _ = moments(100, groups=3)
    for answer in (private(made, Fraction(1, 7), policy()), answered(3000, Fraction(1, 7))):
        parts = answer.decision.proof["parts"]
        assert sum(Fraction(one["rho"]) for one in parts) == Fraction(1, 7)
        for one in parts:
            assert Fraction(one["certified"]) <= Fraction(one["rho"])
            by_hand = one["sensitivity"] ** 2 / (2 * one["scale"] ** 2)
            assert one["certified"] == pytest.approx(by_hand, rel=1e-9)


def test_twice_the_persons_moved_costs_twice_the_noise() -> None:
    one = noisy_counts(np.zeros(1, np.int64), Fraction(1, 10))
    both = noisy_counts(np.zeros(1, np.int64), Fraction(1, 40))
    assert both.scale == pytest.approx(2 * one.scale, rel=1e-6)
