"""Check an owner's file against its contract: exactly what the platform checks, on one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pseudonym.contract.columns import typed
from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract
from pseudonym.contract.phases import identity
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.phases.schema import DTYPES, check_headers
from pseudonym.contract.profile import Profile
from pseudonym.contract.report import Flag, Report
from pseudonym.contract.validation import content_flags, report_of
from pseudonym.extract.reading import load_bytes, read
from pseudonym.identifiers import Kind

__all__ = ["Checked", "Progress", "check_extract", "content_schema", "examine", "identity_schema"]

Progress = Callable[[str, float], None]
"""Called with the name of a step and how much of the whole is done, 0 to 1."""


@dataclass(frozen=True, repr=False)
class Checked:
    """identity: `_row` and identifiers (String); content: `_row` and variables, typed. Rows in
    quarantine are left out of both. None when nothing could be read."""

    report: Report
    identity: pl.DataFrame | None
    content: pl.DataFrame | None


def check_extract(
    source: Path,
    contract: Contract,
    kind: Kind,
    *,
    previous: Profile | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Report:
    """The validation report of an owner's file; nothing leaves the machine.

    Raises Refusal only when the file cannot be opened: all that is wrong with it is in the report.
    """
    return examine(source, contract, kind, previous=previous, today=today, progress=progress).report


def examine(
    source: Path,
    contract: Contract,
    kind: Kind,
    *,
    previous: Profile | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Read and check an owner's file; the report and, split in two, the rows that hold."""
    tell = progress or (lambda *_: None)
    tell("read", 0.0)
    reading = read(load_bytes(source), contract.file)
    flags = list(reading.flags)
    if reading.frame is None:
        return Checked(report_of(contract, 0, flags), None, None)
    tell("types", 0.3)
    flags += check_headers(reading.headers, contract)
    told = {item.finding.column for item in flags if item.finding.phase == "schema"}
    read_as = typed(reading.frame, contract)
    flags += read_as.flags
    told |= {item.finding.column for item in read_as.flags if item.finding.phase == "schema"}
    frame = read_as.frame
    tell("identifiers", 0.5)
    for identifier in contract.identifiers:
        flags += _identity(frame, identifier, kind)
    tell("content", 0.6)
    # A column that the headers lack is missing here too; once is enough.
    flags += [
        item
        for item in content_flags(frame, contract, previous, today)
        if item.finding.phase != "schema" or item.finding.column not in told
    ]
    report = report_of(contract, frame.height, flags)
    kept = frame.filter(~pl.col(ROW).is_in(report.quarantine.implode()))
    tell("checked", 1.0)
    return Checked(report, identity_part(kept, contract), content_part(kept, contract))


def identity_part(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`_row` and the identifiers that have a column, String."""
    names = [item.name for item in contract.identifiers if item.name in frame.columns]
    return frame.select(ROW, *names)


def content_part(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`_row` and the variables that are there, in the order of the contract; no identifier."""
    names = [item.name for item in contract.variables if item.name in frame.columns]
    return frame.select(ROW, *names)


def identity_schema(contract: Contract) -> dict[str, pl.DataType]:
    """What `identity_part` of a whole extract looks like."""
    names = [item.name for item in contract.identifiers if item.column is not None]
    return {ROW: pl.UInt32(), **dict.fromkeys(names, pl.String())}


def content_schema(contract: Contract) -> dict[str, pl.DataType]:
    """What `content_part` of a whole extract looks like."""
    return {ROW: pl.UInt32(), **{item.name: DTYPES[item.data_type] for item in contract.variables}}


def _identity(frame: pl.DataFrame, identifier: Identifier, kind: Kind) -> list[Flag]:
    if identifier.name not in frame.columns:
        return []
    return identity.check(frame[identifier.name], identifier, kind, frame[ROW])[0]
