"""A release: the numbers that left, the plan behind them, the certificate that binds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from workbench.domain.budget import Account, Charge, RegistryAccount, check_accounts
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState

__all__ = ["Membership", "Release", "check_charge"]


@dataclass(frozen=True)
class Release:
    """id: 16 hex digits. fingerprint: SHA-256 of plan, view version and policy; the same
    fingerprint, the same answer. body: what the researcher sees (cells, findings, accuracy), JSON.
    rho: privacy cost.
    """

    id: str
    project: str
    user: str
    plan: str
    fingerprint: str
    view_version: str
    policy: str
    body: Mapping[str, Any]
    certificate: Mapping[str, Any]
    rho: Fraction
    created: datetime


@dataclass(frozen=True)
class Membership:
    """Which inner cell each person of the view fell in, sealed by the engine (opaque to storage).

    cells: number of inner cells; published: each published count as the inner cells it sums.
    """

    release: str
    view_version: str
    cells: int
    published: tuple[tuple[int, ...], ...]
    sealed: bytes


def check_charge(
    account: Account,
    release: Release,
    state: PermitState | None,
    membership: Membership | None,
    registries: Sequence[tuple[Charge, RegistryAccount]] = (),
) -> None:
    """Refuse a release that the accounts or the permit do not carry.

    state: of the project's permit, None without one. Every book of releases calls this inside its
    transaction. Raises Refusal: no_permit, permit_inactive, wrong_membership, and those of
    check_accounts.
    """
    if state is None:
        raise Refusal("no_permit", "This project has no permit.", "Ask your case handler.")
    if state is not PermitState.ACTIVE:
        raise Refusal(
            "permit_inactive", f"The project's permit is {state}.", "Ask your case handler why."
        )
    check_accounts(release.rho, account, registries)
    if membership is not None and membership.release != release.id:
        raise Refusal(
            "wrong_membership",
            "The ledger entry belongs to another release.",
            "Record both under one id.",
        )
