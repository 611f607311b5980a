"""Decision: how many rows may be left out before the whole file is refused."""

from collections.abc import Sequence

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.report import Flag, flag

__all__ = ["check"]


def check(flags: Sequence[Flag], rows: int, contract: Contract) -> list[Flag]:
    """A stopping flag when the rows to quarantine are more than the contract allows."""
    bad = [item.rows for item in flags if item.finding.severity == "quarantine"]
    held = len(pl.concat(bad).unique()) if bad else 0
    allowed = contract.thresholds.quarantine.max_rate
    if held == 0 or held <= allowed * rows:
        return []
    return [flag("decision", "too_many_bad_rows", "stop", count=held, detail=f"{allowed:.2%}")]
