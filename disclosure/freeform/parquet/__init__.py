"""A Parquet file as a table of text, read by plain Python: no decoder in machine code sees it.

Flat columns only. What is not of the form, larger than it may be, or packed by a codec that is not
read here raises Unread, which says what to do; never anything else.
"""

import datetime as dt
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from disclosure.freeform.parquet.pages import CODECS, hybrid, plain, unpacked
from disclosure.freeform.parquet.thrift import Reader

__all__ = ["CELLS", "MAGIC", "Unread", "read_parquet"]

MAGIC = b"PAR1"
CELLS = 200_000
UNPACKED = 64 << 20
"""Bytes of all pages together: a small file may say that it holds more than memory does."""
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_PLAIN, _PLAIN_DICTIONARY, _RLE, _RLE_DICTIONARY = 0, 2, 3, 8
_REPEATED, _OPTIONAL = 2, 1
_DECIMAL, _DATE = 5, 6
_LOGICAL_DECIMAL, _LOGICAL_DATE, _LOGICAL_TIMESTAMP = 5, 6, 8
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - as the file has it, without a zone


class Unread(Exception):
    """Why a file was not read: "form", "large", "codec", "nested" or "encoding"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class _Column:
    name: str
    kind: int
    width: int
    optional: bool
    converted: int | None
    logical: dict[int, Any]
    scale: int


def read_parquet(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and rows of text cells; "" where a value is missing."""
    try:
        return _read(content)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, struct.error):
        raise Unread("form") from None


def _read(content: bytes) -> tuple[list[str], list[list[str]]]:
    if len(content) < 12 or content[:4] != MAGIC or content[-4:] != MAGIC:
        raise Unread("form")
    length = int.from_bytes(content[-8:-4], "little")
    if length > len(content) - 12:
        raise Unread("form")
    meta = Reader(content[len(content) - 8 - length : -8]).struct()
    columns = _columns(meta[2])
    count = int(meta[3])
    if count < 0 or count * max(1, len(columns)) > CELLS:
        raise Unread("large")
    cells: list[list[str]] = [[] for _ in columns]
    left = [UNPACKED]
    for group in meta.get(4, []):
        if len(group[1]) != len(columns):
            raise Unread("form")
        for place, chunk in enumerate(group[1]):
            cells[place] += _chunk(content, chunk[3], columns[place], int(group[3]), left)
    if any(len(one) != count for one in cells):
        raise Unread("form")
    return [one.name for one in columns], [list(row) for row in zip(*cells, strict=True)]


def _columns(schema: Sequence[dict[int, Any]]) -> list[_Column]:
    found = []
    for one in schema[1:]:
        if one.get(5) or one.get(3) == _REPEATED:
            raise Unread("nested")
        found.append(
            _Column(
                bytes(one[4]).decode(),
                int(one[1]),
                int(one.get(2, 0)),
                one.get(3) == _OPTIONAL,
                one.get(6),
                one.get(10) or {},
                int(one.get(7, 0)),
            )
        )
    return found


def _chunk(
    content: bytes, meta: dict[int, Any], column: _Column, rows: int, left: list[int]
) -> Iterator[str]:
    """The cells of one column in one row group; left: bytes that may still be unpacked."""
    codec, at = int(meta[4]), int(meta.get(11) or meta[9])
    at = min(at, int(meta[9]))
    if codec not in CODECS:
        raise Unread("codec")
    if int(meta[5]) != rows or int(meta[1]) != column.kind:
        raise Unread("form")
    dictionary: Sequence[Any] = ()
    told = 0
    while told < rows:
        reader = Reader(content, at)
        head = reader.struct()
        packed, size = int(head[3]), int(head[2])
        left[0] -= max(size, 0)
        if size < 0 or packed < 0 or left[0] < 0:
            raise Unread("large")
        body = content[reader.at : reader.at + packed]
        at = reader.at + packed
        if head[1] == _DICTIONARY:
            page = unpacked(body, codec, size)
            dictionary = plain(page, column.kind, column.width, _count(head[7][1]))
            continue
        values = _page(head, body, size, codec, column, dictionary)
        told += len(values)
        if told > rows:
            raise Unread("form")
        yield from (_text(one, column) for one in values)


def _count(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= CELLS:
        raise Unread("large")
    return value


def _page(
    head: dict[int, Any],
    body: bytes,
    size: int,
    codec: int,
    column: _Column,
    dictionary: Sequence[Any],
) -> list[Any]:
    """The values of a data page, None where one is missing."""
    if head[1] == _DATA:
        count, encoding = _count(head[5][1]), head[5][2]
        page = unpacked(body, codec, size)
        there = [1] * count
        if column.optional:
            length = int.from_bytes(page[:4], "little")
            there = hybrid(page[4 : 4 + length], 1, count)
            page = page[4 + length :]
    elif head[1] == _DATA_V2:
        told = head[8]
        count, encoding, levels = _count(told[1]), told[4], int(told[5])
        if told.get(6):
            raise Unread("nested")
        packed = body[levels:]
        page = unpacked(packed, codec if told.get(7, True) else 0, size - levels)
        there = hybrid(body[:levels], 1, count) if column.optional and levels else [1] * count
    else:
        raise Unread("form")
    held = sum(there)
    values: Sequence[Any]
    if encoding in (_PLAIN_DICTIONARY, _RLE_DICTIONARY):
        places = hybrid(page[1:], page[0], held) if held else []
        values = [dictionary[one] for one in places]
    elif encoding == _PLAIN:
        values = plain(page, column.kind, column.width, held)
    elif encoding == _RLE and column.kind == 0:
        values = [bool(one) for one in hybrid(page[4:], 1, held)]
    else:
        raise Unread("encoding")
    rest = iter(values)
    return [next(rest) if one else None for one in there]


def _text(value: Any, column: _Column) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    decimal = column.converted == _DECIMAL or _LOGICAL_DECIMAL in column.logical
    if isinstance(value, bytes):
        if decimal:
            return _scaled(int.from_bytes(value, "big", signed=True), column.scale)
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    if isinstance(value, float):
        return repr(value)
    if decimal:
        return _scaled(value, column.scale)
    if column.converted == _DATE or _LOGICAL_DATE in column.logical:
        return (_EPOCH + dt.timedelta(days=value)).date().isoformat()
    per_second = _per_second(column)
    if per_second:
        return (_EPOCH + dt.timedelta(microseconds=value * 1_000_000 // per_second)).isoformat()
    return str(value)


def _scaled(value: int, scale: int) -> str:
    if not 0 <= scale <= 38:
        raise Unread("form")
    return f"{value / 10**scale:.{scale}f}" if scale else str(value)


def _per_second(column: _Column) -> int:
    """Of a time stamp, how many of its units are a second; 0 of anything else."""
    unit = column.logical.get(_LOGICAL_TIMESTAMP, {}).get(2, {})
    named = {1: 1000, 2: 1_000_000, 3: 1_000_000_000}
    told = {9: 1000, 10: 1_000_000}.get(column.converted or 0, 0)
    return next((size for key, size in named.items() if key in unit), told)
