"""Schema: every column of the contract once, no other, each of a type that can be read."""

from collections.abc import Mapping, Sequence

import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.report import Flag, flag
from pseudonym.contract.variable import DataType

__all__ = ["DTYPES", "check", "check_headers"]

DTYPES: Mapping[DataType, pl.DataType] = {
    "STRING": pl.String(),
    "LONG": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "DATE": pl.Date(),
    "BOOLEAN": pl.Boolean(),
}
"""How each type of the contract is held in a typed frame."""


def check_headers(headers: Sequence[str], contract: Contract) -> list[Flag]:
    """Flags over the headers of an owner's file, in any order.

    Unknown headers are named by position only: in a file without headers they are values.
    """
    wanted = [item.column for item in contract.identifiers if item.column]
    wanted += [item.header for item in contract.variables]
    flags = [
        flag("schema", "missing_column", "stop", header, count=1)
        for header in wanted
        if header not in headers
    ]
    known = {*wanted, *contract.file.ignore}
    unknown = [place for place, header in enumerate(headers, 1) if header not in known]
    seen: set[str] = set()
    repeated = []
    for place, header in enumerate(headers, 1):
        if header in seen:
            repeated.append(place)
        seen.add(header)
    for rule, places in (("unexpected_columns", unknown), ("repeated_columns", repeated)):
        if places:
            detail = ", ".join(str(place) for place in places[:20])
            flags.append(flag("schema", rule, "stop", count=len(places), detail=detail))
    return flags


def check(frame: pl.DataFrame, contract: Contract) -> list[Flag]:
    """Flags over a typed frame: variables by name and dtype; identifiers may stand beside them."""
    allowed = {ROW, *(item.name for item in contract.identifiers)}
    allowed |= {item.name for item in contract.variables}
    flags = []
    for item in contract.variables:
        if item.name not in frame.columns:
            flags.append(flag("schema", "missing_column", "stop", item.header, count=1))
        elif frame.schema[item.name] != DTYPES[item.data_type]:
            flags.append(
                flag(
                    "schema",
                    "wrong_column_type",
                    "stop",
                    item.header,
                    count=1,
                    detail=item.data_type,
                )
            )
    extra = [place for place, name in enumerate(frame.columns, 1) if name not in allowed]
    if extra:
        detail = ", ".join(str(place) for place in extra[:20])
        flags.append(flag("schema", "unexpected_columns", "stop", count=len(extra), detail=detail))
    return flags
