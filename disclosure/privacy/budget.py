"""The privacy account: exact arithmetic in ρ of zero-concentrated differential privacy.

ρ adds up over releases (Bun & Steinke 2016, lemma 2.3); it is kept as a fraction, so that a
thousand tenths are a hundred and not a float beside it.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from disclosure.errors import Refusal

__all__ = ["Budget", "charge", "parse_rho", "releases_left"]


@dataclass(frozen=True)
class Budget:
    """ρ granted to a project and spent by it, exact."""

    granted: Fraction
    spent: Fraction = Fraction(0)

    @property
    def left(self) -> Fraction:
        """What may still be spent."""
        return self.granted - self.spent


def parse_rho(text: str) -> Fraction:
    """An exact positive ρ such as "1/10"; Refusal("rho_malformed") for anything else."""
    try:
        rho = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rho = Fraction(0)
    if rho <= 0:
        raise Refusal(
            "rho_malformed",
            "The privacy cost ρ is not a positive fraction.",
            'Write it as "1/10" or "0.1".',
        )
    return rho


def charge(budget: Budget, rho: Fraction, most: Fraction | None = None) -> Budget:
    """The budget after one release of cost ρ.

    most: what one release may cost (Policy.rho_per_release). Raises Refusal("rho_too_large") above
    it and Refusal("budget_exhausted") when less than ρ is left; nothing is spent then.
    """
    if rho <= 0:
        raise Refusal("rho_malformed", "The privacy cost ρ must be positive.", "Give ρ above 0.")
    if most is not None and rho > most:
        raise Refusal(
            "rho_too_large",
            f"One release may cost at most ρ = {most}.",
            "Ask for a smaller ρ; the noise grows accordingly.",
        )
    if rho > budget.left:
        raise Refusal(
            "budget_exhausted",
            f"This costs ρ = {rho}; ρ = {budget.left} of the project's {budget.granted} is left.",
            "Ask for a smaller ρ, or apply for an extension of the budget.",
        )
    return replace(budget, spent=budget.spent + rho)


def releases_left(budget: Budget, rho: Fraction) -> int:
    """How many more releases of cost ρ the budget allows."""
    return int(max(budget.left, Fraction(0)) / rho) if rho > 0 else 0
