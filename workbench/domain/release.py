"""A release: the numbers that left, the plan behind them, the certificate that binds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

__all__ = ["Account", "Membership", "Release"]


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


@dataclass(frozen=True)
class Account:
    """The privacy account of a project: granted and spent ρ, exact."""

    project: str
    granted: Fraction
    spent: Fraction
