"""The layout of CSV bytes: records, fields a record, open quotes, found by counting whole blocks.

A quote toggles, so that a doubled quote inside a quoted field cancels itself (RFC 4180); a line
feed outside quotes ends a record, a delimiter outside quotes ends a field.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["Layout", "lay_out"]

_BLOCK = 1 << 24
_QUOTE, _LINE = ord('"'), ord("\n")


@dataclass(frozen=True)
class Layout:
    """rows: data records. fields: in the header. ragged: row numbers (UInt32) of records with
    another number of fields. open_quote: the bytes end inside a quoted field. short_end: the last
    record has too few fields and no line end."""

    rows: int
    fields: int
    ragged: pl.Series
    open_quote: bool
    short_end: bool


def lay_out(content: bytes, delimiter: str) -> Layout:
    """Count records and fields of CSV bytes (UTF-8 or any single-byte encoding, no BOM)."""
    ended = content.endswith(b"\n")
    content = content.rstrip(b"\r\n")
    data = np.frombuffer(content, dtype=np.uint8)
    per_record: list[NDArray[np.int64]] = []
    carried, inside = 0, False
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        quotes = block == _QUOTE
        lines, delimiters = block == _LINE, block == ord(delimiter)
        if inside or quotes.any():
            # Parity of the quotes so far; uint8 overflows by 256, which is even.
            quoted = (np.cumsum(quotes, dtype=np.uint8) + inside) & 1 == 1
            lines &= ~quoted
            delimiters &= ~quoted
            inside = bool(quoted[-1])
        ends = np.flatnonzero(lines)
        before = np.searchsorted(np.flatnonzero(delimiters), ends)
        counts = np.diff(before, prepend=-carried)
        per_record.append(counts)
        total = int(delimiters.sum())
        carried = total - int(before[-1]) if len(ends) else carried + total
    per_record.append(np.array([carried], dtype=np.int64))
    fields = np.concatenate(per_record) + 1
    wrong = np.flatnonzero(fields[1:] != fields[0]) + 1
    return Layout(
        rows=len(fields) - 1 if len(data) else 0,
        fields=int(fields[0]),
        ragged=pl.Series(wrong, dtype=pl.UInt32),
        open_quote=inside,
        short_end=not ended and len(fields) > 1 and bool(fields[-1] < fields[0]),
    )
