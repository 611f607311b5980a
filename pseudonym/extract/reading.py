"""Read an owner's file whole: CSV as texts, Parquet as it is typed; what is wrong becomes flags."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pseudonym.contract.model import ExtractFile
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.report import Flag, flag
from pseudonym.errors import Refusal
from pseudonym.extract.layout import lay_out

__all__ = ["Reading", "load_bytes", "read", "to_utf8"]

BOM = b"\xef\xbb\xbf"
_CODECS = {"latin-1": "latin-1", "windows-1252": "cp1252"}


@dataclass(frozen=True, repr=False)
class Reading:
    """frame: `_row` and the columns by header (None when nothing could be read); headers: as in
    the file, repeated ones included; flags: phase receive."""

    frame: pl.DataFrame | None
    headers: tuple[str, ...]
    flags: list[Flag]


def read(content: bytes, file: ExtractFile) -> Reading:
    """Read the bytes of a file as the contract says; never raises for what is in them."""
    if not content.strip():
        return _nothing("empty_file")
    if content.startswith(b"PAR1") != (file.format == "parquet"):
        return _nothing("unreadable_file")
    return _parquet(content) if file.format == "parquet" else _csv(content, file)


def load_bytes(path: Path) -> bytes:
    """The bytes of a file; Refusal("no_file") when it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError:
        raise Refusal(
            "no_file",
            f"The file {path.name} cannot be opened.",
            "Check the path and your access to it.",
        ) from None


def to_utf8(content: bytes, encoding: str) -> tuple[bytes, bool]:
    """(UTF-8 without byte order mark, whether the bytes were in the encoding throughout)."""
    body = content.removeprefix(BOM)
    if b"\x00" in body:
        return body.replace(b"\x00", b""), False
    if encoding == "utf-8":
        return body, _decodes(body, "utf-8")
    if body.isascii():
        return body, True
    if len(body) < len(content) or _decodes(body, "utf-8"):
        # Bytes beyond ASCII that form valid UTF-8 by chance are practically unheard of.
        return body, False
    whole = _decodes(body, _CODECS[encoding])
    if encoding == "latin-1":
        # 0x80-0x9f are control characters in Latin-1 and letters in Windows-1252.
        whole = whole and not any(bytes([value]) in body for value in range(0x80, 0xA0))
    return body.decode(_CODECS[encoding], errors="replace").encode(), whole


def _csv(content: bytes, file: ExtractFile) -> Reading:
    body, whole = to_utf8(content, file.encoding)
    body = body.rstrip(b"\r\n") + (b"\n" if body.endswith(b"\n") else b"")
    layout = lay_out(body, file.delimiter)
    flags: list[Flag] = []
    if layout.open_quote or layout.short_end:
        rows = pl.Series([layout.rows]) if layout.rows else None
        flags.append(flag("receive", "cut_off", "stop", rows=rows, count=1))
    elif len(layout.ragged):
        flags.append(flag("receive", "ragged_rows", "stop", rows=layout.ragged))
    elif not body.endswith(b"\n"):
        flags.append(flag("receive", "no_line_end", "warn", count=1))
    if layout.rows == 0:
        flags.append(flag("receive", "no_rows", "stop", count=1))
    headers = _headers(body, file.delimiter)
    frame = _guarded(
        lambda: pl.read_csv(
            io.BytesIO(body),
            has_header=False,
            skip_rows=1,
            schema=dict.fromkeys(_distinct(headers), pl.String),
            separator=file.delimiter,
            encoding="utf8" if whole else "utf8-lossy",
            truncate_ragged_lines=True,
            raise_if_empty=False,
        )
    )
    # Without ragged rows our count and the reader's must agree, or row numbers would be wrong.
    sound = all(item.finding.severity == "warn" for item in flags)
    if frame is None or (sound and frame.height != layout.rows):
        if sound:
            flags.append(flag("receive", "unreadable_file", "stop", count=1))
        return Reading(None, headers, flags)
    frame = frame.with_row_index(ROW, offset=1)
    if not whole:
        flags.insert(0, _wrong_encoding(frame, file.encoding))
    return Reading(frame, headers, flags)


def _parquet(content: bytes) -> Reading:
    frame = None
    if content.endswith(b"PAR1"):
        frame = _guarded(lambda: pl.read_parquet(io.BytesIO(content), hive_partitioning=False))
    if frame is None or ROW in frame.columns:
        return _nothing("unreadable_file")
    flags = [] if frame.height else [flag("receive", "no_rows", "stop", count=1)]
    return Reading(frame.with_row_index(ROW, offset=1), tuple(frame.columns), flags)


def _guarded(reader: Callable[[], pl.DataFrame]) -> pl.DataFrame | None:
    """None for whatever the reader raises: its messages quote the file."""
    try:
        return reader()
    except (pl.exceptions.PolarsError, OSError, ValueError, OverflowError):
        return None


def _headers(body: bytes, delimiter: str) -> tuple[str, ...]:
    head = body.partition(b"\n")[0]
    if head.count(b'"') % 2:  # a header with a line break inside its quotes
        head = body[:1_000_000]
    # Where the encoding is another one, headers are still matched, so that the other phases run.
    text = head.decode("utf-8" if _decodes(head, "utf-8") else "latin-1")
    first = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return tuple(header.strip() for header in first)


def _distinct(headers: Sequence[str]) -> list[str]:
    """Headers as column names: a repeated one is set apart and matches no contract."""
    names: list[str] = []
    for place, header in enumerate(headers):
        names.append(f"{header}\x00{place}" if header in names or header == ROW else header)
    return names


def _wrong_encoding(frame: pl.DataFrame, encoding: str) -> Flag:
    """The rows that hold a replacement character; all when every row decodes to something else."""
    marks = [pl.col(name).str.contains("\N{REPLACEMENT CHARACTER}") for name in frame.columns[1:]]
    rows = frame.filter(pl.any_horizontal(marks))[ROW] if marks else frame[ROW]
    if rows.is_empty():
        beyond = [pl.col(name).str.contains(r"[^\x00-\x7f]") for name in frame.columns[1:]]
        rows = frame.filter(pl.any_horizontal(beyond))[ROW]
    return flag(
        "receive", "wrong_encoding", "stop", rows=rows, count=max(len(rows), 1), detail=encoding
    )


def _decodes(body: bytes, codec: str) -> bool:
    try:
        body.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _nothing(rule: str) -> Reading:
    return Reading(None, (), [flag("receive", rule, "stop", count=1)])
