"""Run all phases over a typed frame; the owner's check and the platform's load call the same."""

from datetime import UTC, date, datetime

import polars as pl

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract
from pseudonym.contract.phases import (
    comparison,
    decision,
    hiding,
    identity,
    keys,
    schema,
    time,
    values,
)
from pseudonym.contract.phases.rows import numbered
from pseudonym.contract.profile import Profile, profile
from pseudonym.contract.report import Flag, Report
from pseudonym.identifiers import Kind

__all__ = ["content_flags", "report_of", "validate_content", "validate_identifiers"]


def validate_content(
    frame: pl.DataFrame,
    contract: Contract,
    previous: Profile | None = None,
    *,
    today: date | None = None,
) -> Report:
    """Validate variables: schema, values, keys, time, comparison, identifiers in hiding.

    frame: `_row` (UInt32; made when absent) and the variables by name in the dtypes of
    `phases.schema.DTYPES`. Columns named as the contract's identifiers may stand beside them
    (ids on the owner's machine, pseudonyms on the platform); keys over persons need them.
    previous: the profile of the published version. today: for dates in the future.
    """
    frame = numbered(frame)
    flags = content_flags(frame, contract, previous, today)
    return report_of(contract, frame.height, flags)


def validate_identifiers(
    ids: pl.Series, identifier: Identifier, kind: Kind, rows: pl.Series | None = None
) -> tuple[Report, pl.DataFrame]:
    """Validate one column of identifiers (String) against what the contract accepts.

    Returns the report and, in the order of `ids`, a frame of class (Enum CLASSES; null for what is
    none), synthetic, valid (usable for linking) and flaw. rows: row numbers, default 1, 2, ….
    """
    flags, classes = identity.check(ids, identifier, kind, rows)
    return Report.of(identifier.name, "", "", len(ids), flags), classes


def content_flags(
    frame: pl.DataFrame, contract: Contract, previous: Profile | None, today: date | None
) -> list[Flag]:
    """The flags of every phase over the content."""
    today = today or datetime.now(UTC).date()
    flags = schema.check(frame, contract)
    # What has the wrong type is told once, and is not there for the other phases.
    sound = [
        name
        for name, dtype in frame.schema.items()
        if all(
            dtype == schema.DTYPES[item.data_type]
            for item in contract.variables
            if item.name == name
        )
    ]
    frame = frame.select(sound)
    flags += values.check(frame, contract)
    flags += keys.check(frame, contract)
    flags += time.check(frame, contract, today)
    if previous is not None:
        flags += comparison.check(profile(frame, contract), previous, contract)
    return flags + hiding.check(frame, contract)


def report_of(contract: Contract, rows: int, flags: list[Flag]) -> Report:
    """The report of all flags and the decision on them."""
    flags = [*flags, *decision.check(flags, rows, contract)]
    dataset = contract.dataset
    return Report.of(dataset.id, dataset.version, contract.hash, rows, flags)
