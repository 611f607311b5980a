"""What the gate says of a table: findings in plain words, and the decision they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from disclosure.results.block import Block

__all__ = ["Cell", "Decision", "Finding", "Mark", "Severity", "Verdict", "cells_are"]


class Verdict(StrEnum):
    """What the gate decided."""

    RELEASE = "release"
    REFUSE = "refuse"


class Severity(StrEnum):
    """How much a finding weighs."""

    NOTE = "note"
    WITHHELD = "withheld"
    BLOCKING = "blocking"


class Mark(StrEnum):
    """Why a published cell looks as it does; the field's own words."""

    SHOWN = ""
    PRIMARY = "primary"
    COMPLEMENTARY = "complementary"
    NOISY = "noisy"


@dataclass(frozen=True)
class Finding:
    """One rule's word: `rule` names a module of disclosure.rules (or ledger, privacy).

    text and remedy are keyed by language ("en", "nb"); counts never say how many persons a
    withheld cell holds. collision: of a refusal by the ledger, what a diagram can be drawn from
    (disclosure.ledger.collision).
    """

    rule: str
    severity: Severity
    text: Mapping[str, str]
    remedy: Mapping[str, str]
    cells: int = 0
    collision: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Cell:
    """One published cell: its codes (MARGIN for a margin), what may be seen, and why.

    values: by statistic name ("n", "mean", "sd"); None where withheld.
    """

    codes: tuple[str, ...]
    values: Mapping[str, float | int | None]
    mark: Mark
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """The gate's answer. `cells` is empty when refused; `proof` is what a second verifier needs."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    cells: tuple[Cell, ...]
    proof: Mapping[str, Any]
    published: tuple[tuple[int, ...], ...] = ()
    """For the ledger: each published count as the inner cells (C order) that it sums."""
    blocks: tuple["Block", ...] = ()
    """Of a result that is no plain table; see disclosure.results."""


def cells_are(cells: int) -> Mapping[str, str]:
    """The beginning of a sentence about that many cells, by language."""
    one = {"en": "1 cell is", "nb": "1 celle er"}
    return one if cells == 1 else {"en": f"{cells} cells are", "nb": f"{cells} celler er"}
