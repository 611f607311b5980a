"""Find the rows that break checks: all checks counted in one pass, rows looked up only on a hit."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pseudonym.contract.report import Flag, Phase, Severity, flag

__all__ = ["ROW", "Check", "numbered", "run"]

ROW = "_row"
"""Name of the row number column: UInt32, 1 is the first row below the header."""


@dataclass(frozen=True)
class Check:
    """A Boolean expression that is true where a row is bad, and the rule that it breaks."""

    broken: pl.Expr
    rule: str
    column: str
    detail: str = ""
    severity: Severity = "quarantine"


def run(frame: pl.DataFrame, phase: Phase, checks: Sequence[Check]) -> list[Flag]:
    """Flags of the checks that some row breaks, in the order given."""
    if not checks:
        return []
    counts = frame.select(
        check.broken.fill_null(value=False).sum().alias(str(place))
        for place, check in enumerate(checks)
    ).row(0)
    return [
        flag(
            phase,
            check.rule,
            check.severity,
            check.column,
            rows=frame.filter(check.broken)[ROW],
            detail=check.detail,
        )
        for check, count in zip(checks, counts, strict=True)
        if count
    ]


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with row numbers; those it has are kept."""
    if ROW in frame.columns:
        return frame.with_columns(pl.col(ROW).cast(pl.UInt32))
    return frame.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.UInt32))
