"""Permits, data, budgets and findings as the pages show them: shapes only, no rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from workbench.domain.budget import Account, RegistryAccount
from workbench.domain.permissions import Person, open_project
from workbench.portal.formats import Formats
from workbench.portal.language import Words
from workbench.portal.services import ViewCatalogue
from workbench.ports import HeldPermit

__all__ = [
    "Budget",
    "ShownColumn",
    "ShownDataset",
    "ShownFinding",
    "Standing",
    "budget_of",
    "datasets_of",
    "findings_of",
    "may_open",
    "standing_of",
]

TONES = {
    "blocking": "bad", "stop": "bad", "high": "bad",
    "withheld": "warn", "warn": "warn", "quarantine": "warn", "medium": "warn", "risk": "warn",
}  # fmt: skip
PRICES = tuple(Fraction(1, one) for one in (100, 20, 4))
"""Usual prices of one answer, for the forecast."""
WEIGHTS = {"bad": "high", "warn": "medium", "": "note"}


@dataclass(frozen=True)
class Standing:
    """Where a permit stands today. open: active and in its period; days: left, this one included"""

    id: str
    title: str
    state: str
    open: bool
    valid_until: date
    days: int


@dataclass(frozen=True)
class Budget:
    """The privacy account for a bar: percent spent, and a tone that warns near the end.

    registries: what was spent on each registry's data; answers: how many more of a usual price.
    """

    granted: Fraction
    spent: Fraction
    left: Fraction
    percent: int
    tone: str
    registries: tuple[tuple[str, Fraction], ...] = ()
    answers: tuple[tuple[Fraction, int], ...] = ()


@dataclass(frozen=True)
class ShownColumn:
    """One variable of a permit in words."""

    name: str
    label: str
    type: str
    values: str


@dataclass(frozen=True)
class ShownDataset:
    """One dataset of a permit in words; version is "" before the view is built."""

    name: str
    label: str
    version: str
    columns: tuple[ShownColumn, ...]


@dataclass(frozen=True)
class ShownFinding:
    """One rule's word. tone: bad, warn or ""; weight: high, medium or note."""

    rule: str
    tone: str
    weight: str
    text: str
    remedy: str


def standing_of(held: HeldPermit, today: date) -> Standing:
    """A permit's standing on a day."""
    permit = held.permit
    active = held.state == "active" and permit.covers(today)
    days = (permit.valid_until - today).days + 1
    return Standing(permit.project, permit.title, held.state, active, permit.valid_until, days)


def may_open(person: Person, held: HeldPermit, today: date) -> bool:
    """Whether the button to JupyterLab is shown (the hub asks again when it is pressed)."""
    return open_project(person, held.permit, held.state, today)


def budget_of(account: Account, registries: Sequence[RegistryAccount] = ()) -> Budget:
    """The account as a bar, with what was spent on each registry and what can still be asked."""
    share = account.spent / account.granted if account.granted else Fraction(0)
    left = max(account.granted - account.spent, Fraction(0))
    tone = "bad" if share > Fraction(95, 100) else "warn" if share > Fraction(3, 4) else ""
    return Budget(
        account.granted,
        account.spent,
        left,
        min(round(share * 100), 100),
        tone,
        tuple((one.registry, one.spent) for one in registries),
        tuple((rho, int(left / rho)) for rho in PRICES if rho <= left),
    )


def datasets_of(
    held: HeldPermit, catalogue: ViewCatalogue, words: Words, formats: Formats
) -> tuple[ShownDataset, ...]:
    """The permit's data with labels and units where the view's schema tells them."""
    schema: Mapping[str, Any] = {}
    if held.view_version:
        described = catalogue.describe(held.permit.project, held.view_version)
        schema = (described or {}).get("datasets", {})
    found = []
    for grant in held.permit.datasets:
        known = schema.get(grant.dataset, {})
        links = {name: one | {"type": "link"} for name, one in known.get("links", {}).items()}
        columns = known.get("columns", {}) | links
        found.append(
            ShownDataset(
                grant.dataset,
                words.pick(known.get("label")) or grant.dataset,
                str(known.get("version", "")),
                tuple(_column(n, columns.get(n, {}), words, formats) for n in grant.variables),
            )
        )
    return tuple(found)


def findings_of(items: Iterable[Mapping[str, Any]], words: Words) -> tuple[ShownFinding, ...]:
    """Findings as JSON (rule, severity, text and remedy by language), the gravest first."""
    found = []
    for item in items:
        tone = TONES.get(str(item.get("severity", "")), "")
        text, remedy = words.pick(item.get("text")), words.pick(item.get("remedy"))
        found.append(ShownFinding(str(item.get("rule", "")), tone, WEIGHTS[tone], text, remedy))
    order: Sequence[str] = ("bad", "warn", "")
    return tuple(sorted(found, key=lambda finding: order.index(finding.tone)))


def _column(name: str, known: Mapping[str, Any], words: Words, formats: Formats) -> ShownColumn:
    kind = str(known.get("type", ""))
    shown_type = words.get(f"data.kind.{kind}") or kind
    if known.get("unit"):
        shown_type = f"{shown_type} ({words.pick(known['unit']) or known['unit']})"
    return ShownColumn(
        name, words.pick(known.get("label")), shown_type, _values(known, words, formats)
    )


def _values(known: Mapping[str, Any], words: Words, formats: Formats) -> str:
    codes = known.get("codes")
    if codes:
        shown = [words.pick(label) or str(code) for code, label in list(codes.items())[:6]]
        return ", ".join(shown) + (" …" if len(codes) > 6 else "")
    low, high = known.get("minimum"), known.get("maximum")
    if isinstance(low, int | float) and isinstance(high, int | float):
        return f"{formats.number(low)} – {formats.number(high)}"
    return f"{low} – {high}" if low and high else ""
