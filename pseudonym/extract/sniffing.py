"""Find out how an unknown file is written, and hold its columns: CSV of any kind, or Parquet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from pseudonym.contract.model import ExtractFile
from pseudonym.contract.phases.rows import ROW
from pseudonym.errors import Refusal
from pseudonym.extract.inference import FALSE, TRUE, decimal_sign, national_share
from pseudonym.extract.layout import lay_out
from pseudonym.extract.reading import load_bytes, read, to_utf8

__all__ = ["Sniffed", "sniff"]

Encoding = Literal["utf-8", "latin-1", "windows-1252"]
Delimiter = Literal[",", ";", "\t", "|"]
DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")
SAMPLE = 1 << 20


@dataclass(frozen=True, repr=False)
class Sniffed:
    """file: how to read it; columns: as read, by header (texts in CSV, typed in Parquet)."""

    file: ExtractFile
    columns: dict[str, pl.Series]
    rows: int


def sniff(source: Path) -> Sniffed:
    """Read an unknown file; Refusal when it is no table with a header.

    Codes: "no_file", "empty_file", "not_a_table", "no_header", "bad_header".
    """
    content = load_bytes(source)
    if not content.strip():
        raise Refusal("empty_file", "The file is empty.", "Make the extract again.")
    file = ExtractFile(format="parquet") if content.startswith(b"PAR1") else _csv_style(content)
    reading = read(content, file)
    wrong = [item.finding for item in reading.flags if item.finding.severity == "stop"]
    if wrong or reading.frame is None:
        flag = wrong[0]
        raise Refusal(
            "not_a_table", f"The file is not a table: {flag.text['en']}", flag.remedy["en"]
        )
    _sound_headers(reading.headers, reading.frame, file)
    columns = {name: reading.frame[name] for name in reading.headers}
    for place, series in enumerate(columns.values(), 1):
        if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Time, pl.Duration, pl.Object):
            raise Refusal(
                "unsupported_column",
                f"Column {place} holds lists, structures, bytes or times of day.",
                "Leave it out, or turn it into text, numbers or dates.",
            )
    texts = [series for series in columns.values() if series.dtype == pl.String]
    file = file.model_copy(
        update={"decimal": decimal_sign(texts), "true": (*TRUE, "1"), "false": (*FALSE, "0")}
    )
    return Sniffed(file, columns, reading.frame.height)


def _csv_style(content: bytes) -> ExtractFile:
    encoding: Encoding = "utf-8"
    body, whole = to_utf8(content, encoding)
    for other in ("latin-1", "windows-1252"):
        if not whole:
            encoding = "latin-1" if other == "latin-1" else "windows-1252"
            body, whole = to_utf8(content, encoding)
    if not whole:
        raise Refusal(
            "not_a_table",
            "The file is neither Parquet nor text in UTF-8, Latin-1 or Windows-1252.",
            "Export it as CSV in UTF-8, or as Parquet; spreadsheets as such are not read.",
        )
    head = body[:SAMPLE]
    if len(body) > SAMPLE:
        head = head[: head.rfind(b"\n") + 1] or head
    layouts = {delimiter: lay_out(head, delimiter) for delimiter in DELIMITERS}
    # One that every row agrees on, before one that only the header has: then reading says which
    # rows do not fit. A file of one column has none.
    delimiter = max(
        DELIMITERS,
        key=lambda it: (
            layouts[it].fields > 1 and layouts[it].ragged.is_empty(),
            layouts[it].fields,
            layouts[it].ragged.is_empty(),
        ),
    )
    return ExtractFile(format="csv", delimiter=delimiter, encoding=encoding)


def _sound_headers(headers: tuple[str, ...], frame: pl.DataFrame, file: ExtractFile) -> None:
    """Headers are names: there, distinct, and no values of a file that has none.

    A first column without header is fine if it counts the rows, as R and pandas write it.
    """
    if headers[:1] == ("",) and _counts(frame[""]):
        headers = headers[1:]
    seen: set[str] = set()
    for place, header in enumerate(headers, 1):
        if not header or header in seen or header == ROW or len(header) > 200:
            raise Refusal(
                "bad_header",
                f"The header of column {place} is empty, repeated, too long or reserved.",
                "Give each column a short header of its own.",
            )
        seen.add(header)
    texts = pl.Series(headers, dtype=pl.String)
    valued = texts.str.contains(r"^[+-]?[0-9]+([.,][0-9]+)?$|^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]")
    if national_share(texts) > 0 or (file.format == "csv" and valued.sum() * 2 > len(headers)):
        raise Refusal(
            "no_header",
            "The first row looks like values, not like headers.",
            "Put the names of the columns in the first row.",
        )


def _counts(column: pl.Series) -> bool:
    """Whether the values are 0, 1, 2, … or 1, 2, 3, …."""
    numbers = column.cast(pl.Int64, strict=False)
    places = pl.int_range(len(column), eager=True)
    return bool((numbers == places).all() or (numbers == places + 1).all())
