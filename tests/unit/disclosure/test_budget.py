"""The privacy account is exact, and never spent twice."""

from fractions import Fraction

import pytest

from disclosure.errors import Refusal
from disclosure.privacy.budget import Budget, charge, epsilon, parse_rho, releases_left


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
