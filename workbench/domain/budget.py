"""Privacy accounts: a project's own, and one for each registry whose data it reads.

All costs are exact and add up (zCDP); an answer is paid from every account at once, or from none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from workbench.domain.errors import Refusal

__all__ = [
    "MOST",
    "Account",
    "Charge",
    "Extension",
    "RegistryAccount",
    "check_accounts",
    "check_extension",
]

MOST = Fraction(100)
"""No extension, as no permit, grants more."""


@dataclass(frozen=True)
class Account:
    """The privacy account of a project: granted (by permit and extensions) and spent ρ, exact."""

    project: str
    granted: Fraction
    spent: Fraction


@dataclass(frozen=True)
class RegistryAccount:
    """What a project has spent on the data of one registry, and what was granted it beyond the
    policy's limit."""

    project: str
    registry: str
    spent: Fraction
    extended: Fraction = Fraction(0)


@dataclass(frozen=True)
class Charge:
    """An account of a registry that an answer is paid from. limit: what the policy grants it."""

    registry: str
    limit: Fraction


@dataclass(frozen=True)
class Extension:
    """More ρ for a project ("" for its own account) or for what it reads of one registry."""

    project: str
    registry: str
    rho: Fraction
    granted_by: str
    why: str
    at: datetime


def check_extension(extension: Extension) -> None:
    """Refuse an extension without a reason or with an impossible amount."""
    if not 0 < extension.rho <= MOST:
        raise Refusal(
            "bad_extension",
            f"An extension lies above ρ = 0 and at most at {MOST}.",
            'Write it as an exact fraction, as in "1/4".',
        )
    if not extension.why.strip():
        raise Refusal(
            "reason_missing", "This step needs a reason.", "Give one; it goes into the audit log."
        )


def check_accounts(
    rho: Fraction,
    account: Account,
    registries: Sequence[tuple[Charge, RegistryAccount]],
) -> None:
    """Refuse a cost that one of the accounts does not carry.

    Every book of releases calls this inside its transaction, with the accounts as they stand there.
    Raises Refusal: negative_cost, budget_exhausted, registry_budget_exhausted.
    """
    if rho < 0:
        raise Refusal("negative_cost", "A privacy cost is never negative.", "Correct the plan.")
    if account.spent + rho > account.granted:
        left = max(account.granted - account.spent, Fraction(0))
        raise Refusal(
            "budget_exhausted",
            f"The answer costs ρ = {rho}, and ρ = {left} is left.",
            "Ask for less precision, or ask your case handler for a larger budget.",
        )
    for charge, held in registries:
        granted = charge.limit + held.extended
        if held.spent + rho > granted:
            left = max(granted - held.spent, Fraction(0))
            raise Refusal(
                "registry_budget_exhausted",
                f"The answer costs ρ = {rho}, and of what this project may spend on the data of "
                f"{charge.registry} ρ = {left} is left.",
                "Ask for less precision, leave that registry's data out, or ask for an extension.",
            )
