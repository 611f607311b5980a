"""What an answer with noise is paid from, and what is left there."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from disclosure.policy import Policy
from disclosure.privacy.budget import Budget, charge
from disclosure.privacy.conversion import epsilon, tight_epsilon
from disclosure.privacy.forecast import forecast
from workbench.domain.budget import Account, Charge, RegistryAccount, check_accounts
from workbench.plan import Plan, lineage
from workbench.plan.types import EVERYBODY
from workbench.ports import ReleaseBook

__all__ = ["charges_of", "check_cost", "standing"]

DELTAS = (1e-6, 1e-9)


def charges_of(plan: Plan, described: Mapping[str, Any], policy: Policy) -> tuple[Charge, ...]:
    """The registries whose accounts an answer to the plan is paid from.

    described: the datasets of the view. A registry pays when one of its datasets is read; all do
    when it is asked who is in the view at all. The limit of each is the strictest of all linked.
    """
    touched = lineage(plan)
    every = EVERYBODY in touched.variables
    read = described if every else {name: described[name] for name in touched.datasets}
    names = sorted({str(one["registry"]) for one in read.values()})
    return tuple(Charge(name, policy.rho_per_registry) for name in names)


def check_cost(
    book: ReleaseBook, project: str, rho: Fraction, charged: tuple[Charge, ...], policy: Policy
) -> None:
    """Refuse early what the accounts cannot carry; the book's own transaction decides."""
    account = book.account(project)
    charge(Budget(account.granted, account.spent), rho, policy.rho_per_release)
    held = {one.registry: one for one in book.registry_accounts(project)}
    none = {one.registry: RegistryAccount(project, one.registry, Fraction(0)) for one in charged}
    check_accounts(rho, account, [(one, (none | held)[one.registry]) for one in charged])


def standing(
    book: ReleaseBook, project: str, registries: tuple[str, ...], policy: Policy
) -> dict[str, Any]:
    """The accounts as a notebook is told of them (JSON), with a forecast and what ρ is in (ε, δ).

    The forecast is for questions about the data of all registries: the fullest account decides.
    """
    account = book.account(project)
    held = {one.registry: one for one in book.registry_accounts(project)}
    rows, left = [], [_left(account)]
    for name in sorted({*registries, *held}):
        one = held.get(name, RegistryAccount(project, name, Fraction(0)))
        granted = policy.rho_per_registry + one.extended
        rows.append({"registry": name, "granted": str(granted), "spent": str(one.spent)})
        if name in registries:
            left.append(granted - one.spent)
    rest = max(min(left), Fraction(0))
    return {
        "granted": str(account.granted),
        "spent": str(account.spent),
        "registries": rows,
        "forecast": [
            {"rho": str(one.rho), "answers": one.answers, "count_within": one.count_within}
            for one in forecast(Budget(rest), policy.rho_per_release)
        ],
        "epsilon": [
            {
                "delta": delta,
                "epsilon": round(tight_epsilon(account.spent, delta), 6),
                "simple": round(epsilon(account.spent, delta), 6),
            }
            for delta in DELTAS
        ],
    }


def _left(account: Account) -> Fraction:
    return account.granted - account.spent
