"""Noise: its cost is certified, its spread is that of a discrete Gaussian, its accuracy holds."""

import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from disclosure.errors import Refusal
from disclosure.privacy import private
from disclosure.privacy.mechanisms import noisy_counts
from tests.lib.gate import evidence, policy


@pytest.mark.parametrize("rho", [Fraction(1, 2), Fraction(1, 10), Fraction(1, 3)])
def test_the_cost_is_certified_within_what_was_asked_and_nearly_all_is_used(rho: Fraction) -> None:
    noisy = noisy_counts(np.array([5, 100, 0]), rho)
    assert Fraction(noisy.certified) <= rho
    assert noisy.certified == pytest.approx(float(rho), rel=1e-6)
    assert noisy.scale == pytest.approx((1 / (2 * float(rho))) ** 0.5, rel=1e-6)


def test_many_draws_have_the_mean_spread_and_accuracy_of_the_mechanism() -> None:
    draws = noisy_counts(np.full(20_000, 50, np.int64), Fraction(1, 10))
    noise = draws.values - 50
    assert abs(noise.mean()) < 6 * draws.scale / 20_000**0.5
    assert noise.std() == pytest.approx(draws.scale, rel=0.04)
    assert (np.abs(noise) <= draws.accuracy_95).mean() > 0.94
    assert (np.abs(noise) <= draws.accuracy_95 - 1).mean() < 0.95


def test_a_person_in_more_cells_costs_wider_noise() -> None:
    one = noisy_counts(np.zeros(1, np.int64), Fraction(1, 10))
    four = noisy_counts(np.zeros(1, np.int64), Fraction(1, 10), cells_per_person=4)
    assert four.scale == pytest.approx(2 * one.scale, rel=1e-6)


def test_a_cost_of_nothing_is_refused() -> None:
    with pytest.raises(Refusal):
        noisy_counts(np.zeros(1, np.int64), Fraction(0))


def test_a_noisy_table_says_how_near_it_is_and_enters_no_ledger() -> None:
    table = evidence([[5, 0], [7, 900]])
    answer = private(table, Fraction(1, 10), policy())
    assert answer.decision.published == ()
    assert f"± {answer.accuracy}" in answer.decision.findings[0].text["en"]
    shown = [cell.values["n"] for cell in answer.decision.cells]
    assert shown[2] == shown[0] + shown[1]
    assert answer.sums[2] == math.ceil(1.959964 * answer.parts[0].noisy.scale * 2**0.5)


def test_opendp_is_loaded_only_for_noise() -> None:
    code = "import disclosure.gate, disclosure.privacy, sys; print('opendp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
