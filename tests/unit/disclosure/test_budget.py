"""The privacy account is exact, and never spent twice."""

import math
from fractions import Fraction

import numpy as np
import opendp.prelude as dp
import pytest
from scipy.stats import norm

from disclosure.errors import Refusal
from disclosure.privacy.budget import Budget, charge, parse_rho, releases_left
from disclosure.privacy.conversion import epsilon, tight_epsilon


def test_ten_tenths_are_the_whole_and_not_a_float_beside_it() -> None:
    budget = Budget(Fraction(1))
    for _ in range(10):
        budget = charge(budget, Fraction(1, 10))
    assert budget.left == 0
    with pytest.raises(Refusal) as refused:
        charge(budget, Fraction(1, 10**9))
    assert refused.value.code == "budget_exhausted"
    assert budget.spent == 1


def test_a_release_may_not_cost_more_than_the_policy_allows() -> None:
    with pytest.raises(Refusal) as refused:
        charge(Budget(Fraction(5)), Fraction(2), most=Fraction(1, 2))
    assert refused.value.code == "rho_too_large"


@pytest.mark.parametrize("text", ["", "0", "-1/2", "a", "1/0", "nan", "inf"])
def test_what_is_no_positive_fraction_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_rho(text)


def test_the_forecast_counts_whole_releases() -> None:
    assert releases_left(Budget(Fraction(1), Fraction(1, 2)), Fraction(1, 7)) == 3
    assert releases_left(Budget(Fraction(1), Fraction(2)), Fraction(1, 7)) == 0


def test_epsilon_follows_bun_and_steinke() -> None:
    assert epsilon(parse_rho("1/2"), 1e-6) == pytest.approx(0.5 + 2 * (0.5 * 13.8155106) ** 0.5)


RHOS = [Fraction(1, 10_000), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(2)]


@pytest.mark.parametrize("rho", RHOS)
@pytest.mark.parametrize("delta", [1e-10, 1e-6])
def test_the_tight_epsilon_is_that_of_opendp_and_of_a_search_through_all_orders(
    rho: Fraction, delta: float
) -> None:
    """Two independent ways: another program's conversion, and the formula on a grid of orders."""
    dp.enable_features("contrib")
    space = dp.atom_domain(T=dp.i64), dp.absolute_distance(T=dp.f64)
    noise = space >> dp.m.then_gaussian(scale=1 / math.sqrt(2 * rho))
    other = dp.c.make_zCDP_to_approxDP(noise).map(1.0).epsilon(delta)
    orders = 1 + np.exp(np.linspace(-12, 14, 400_001))
    over = orders - 1
    every = (
        orders * float(rho)
        + (math.log(1 / delta) + over * np.log1p(-1 / orders) - np.log(orders)) / over
    )
    found = tight_epsilon(rho, delta)
    assert found == pytest.approx(other, rel=1e-6)
    assert found >= every.min() * (1 - 1e-9)
    assert found == pytest.approx(every.min(), rel=1e-6)
    assert found < epsilon(rho, delta)


@pytest.mark.parametrize("rho", RHOS)
def test_no_conversion_says_less_than_is_true_of_the_gaussian_itself(rho: Fraction) -> None:
    """The exact profile of Gaussian noise (Balle & Wang 2018) at the ε that is told."""
    delta, mu = 1e-6, math.sqrt(2 * rho)
    for told in (tight_epsilon(rho, delta), epsilon(rho, delta)):
        spent = norm.cdf(mu / 2 - told / mu) - math.exp(told) * norm.cdf(-mu / 2 - told / mu)
        assert spent <= delta


@pytest.mark.parametrize(("rho", "delta"), [(Fraction(-1), 1e-6), (Fraction(1), 0.0),
                                            (Fraction(1), 1.0)])  # fmt: skip
def test_what_is_no_cost_or_no_delta_is_not_converted(rho: Fraction, delta: float) -> None:
    for convert in (epsilon, tight_epsilon):
        with pytest.raises(ValueError, match=r"lies between|not negative"):
            convert(rho, delta)


def test_nothing_spent_is_nothing() -> None:
    assert tight_epsilon(Fraction(0), 1e-6) == 0.0
