"""What can still be asked: how many answers of a price, and how near a count of that price is."""

from dataclasses import dataclass
from fractions import Fraction

from disclosure.privacy.budget import Budget, releases_left
from disclosure.privacy.mechanisms import count_accuracy

__all__ = ["PRICES", "Forecast", "forecast"]

PRICES = tuple(Fraction(1, one) for one in (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1))


@dataclass(frozen=True)
class Forecast:
    """So many answers more at the price ρ each; a count is then within ± with 95 %."""

    rho: Fraction
    answers: int
    count_within: int


def forecast(budget: Budget, most: Fraction) -> tuple[Forecast, ...]:
    """For each usual price that one answer may have (most: rho_per_release) and that is left."""
    return tuple(
        Forecast(rho, releases_left(budget, rho), count_accuracy(rho))
        for rho in PRICES
        if rho <= most and releases_left(budget, rho)
    )
