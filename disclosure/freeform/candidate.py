"""A file as the checks see it: its kind by name, its text, and the tables that lie in it."""

import csv
import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from disclosure.freeform.markup import tables_in
from disclosure.freeform.notebook import notebook_text
from disclosure.freeform.onnx import Model, read_model

__all__ = [
    "BINARY",
    "IMAGE_LIMIT",
    "TEXT_LIMIT",
    "Candidate",
    "Kind",
    "Table",
    "kind_of",
    "limit_of",
    "numbered",
    "places",
    "read",
    "where",
]

TEXT_LIMIT, IMAGE_LIMIT = 2 << 20, 8 << 20
"""Larger files are not read at all: `size` says so and an officer returns them."""
CELL_LIMIT, COLUMN_LIMIT = 1 << 20, 2000
"""Of a table: a hostile file can make it the square of its own size."""
DEPTH_LIMIT = 20


class Kind(StrEnum):
    """What a file claims to be by its name."""

    CSV = "csv"
    JSON = "json"
    TEXT = "txt"
    PNG = "png"
    SVG = "svg"
    HTML = "html"
    NOTEBOOK = "ipynb"
    PARQUET = "parquet"
    MODEL = "onnx"
    OTHER = "other"


BINARY = frozenset({Kind.PNG, Kind.PARQUET, Kind.MODEL})
_KINDS = {
    ".csv": Kind.CSV,
    ".json": Kind.JSON,
    ".txt": Kind.TEXT,
    ".md": Kind.TEXT,
    ".png": Kind.PNG,
    ".svg": Kind.SVG,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".ipynb": Kind.NOTEBOOK,
    ".parquet": Kind.PARQUET,
    ".onnx": Kind.MODEL,
}


@dataclass(frozen=True)
class Table:
    """Cells as text. first: the number (1-based, in the file) of the first row below the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int

    def column(self, place: int) -> tuple[str, ...]:
        """One column's cells, stripped; "" where a row is too short."""
        return tuple(row[place].strip() if place < len(row) else "" for row in self.rows)


@dataclass(frozen=True)
class Candidate:
    """What the checks get. text: None when the bytes are no UTF-8, or not meant to be text;
    plain: the text after Unicode compatibility normalisation, so that no digit hides in another
    script. parsed: whether the content is of the form that the name says, and of its size; read:
    whether it was looked into at all; model: what lies in a file of a model."""

    name: str
    content: bytes
    threshold: int
    kind: Kind
    text: str | None
    plain: str
    tables: tuple[Table, ...]
    parsed: bool
    read: bool = True
    model: Model | None = None

    def lines(self, pattern: re.Pattern[str]) -> list[tuple[int, re.Match[str]]]:
        """Every match in `plain`, and in the file's name, with its line (0: the name)."""
        inside = numbered(self.plain, pattern.finditer(self.plain))
        return [(0, match) for match in pattern.finditer(self.name)] + inside


def kind_of(name: str) -> Kind:
    """What a name says."""
    suffix = re.search(r"\.[A-Za-z0-9]+$", name)
    return _KINDS.get(suffix.group().lower(), Kind.OTHER) if suffix else Kind.OTHER


def limit_of(kind: Kind) -> int:
    """Bytes of a file that is read at all."""
    return IMAGE_LIMIT if kind in BINARY else TEXT_LIMIT


def read(name: str, content: bytes, threshold: int) -> Candidate:
    """Take a file apart as far as it can be taken; never raises."""
    kind = kind_of(name)
    if len(content) > limit_of(kind):
        return Candidate(name, content, threshold, kind, None, "", (), parsed=True, read=False)
    if kind is Kind.MODEL:
        return _model(name, content, threshold)
    try:
        text = None if kind is Kind.PNG else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = None
    # Unreadable bytes are searched all the same, one byte a letter.
    seen = text if text is not None else "" if kind is Kind.PNG else content.decode("latin-1")
    if kind is Kind.NOTEBOOK and text is not None:
        seen = notebook_text(content) or seen
    plain = seen
    if not seen.isascii():
        plain = unicodedata.normalize("NFKC", "".join(_digit(letter) for letter in seen))
    tables, parsed = _tables(kind, text, plain)
    return Candidate(name, content, threshold, kind, text, plain, tables, parsed)


def _model(name: str, content: bytes, threshold: int) -> Candidate:
    try:
        model = read_model(content)
    except ValueError:
        return Candidate(name, content, threshold, Kind.MODEL, None, "", (), parsed=False)
    plain = "\n".join(model.texts)
    return Candidate(
        name, content, threshold, Kind.MODEL, None, plain, (), parsed=True, model=model
    )


def numbered(text: str, matches: Iterator[re.Match[str]]) -> list[tuple[int, re.Match[str]]]:
    """Matches with the number (from 1) of the line that each begins in."""
    found = list(matches)
    ends = [end.start() for end in re.finditer("\n", text)] if found else []
    return [(bisect_left(ends, match.start()) + 1, match) for match in found]


def places(numbers: list[int], shown: int = 5) -> str:
    """Row or line numbers for a finding: the first few, then how many more."""
    told = ", ".join(str(number) for number in numbers[:shown])
    return told if len(numbers) <= shown else f"{told} (+{len(numbers) - shown})"


def where(numbers: list[int]) -> tuple[str, str]:
    """Lines in words, English and Norwegian; line 0 is the file's name."""
    lines = sorted({number for number in numbers if number})
    english = ["in the file's name"] if 0 in numbers else []
    norsk = ["i filnavnet"] if 0 in numbers else []
    if lines:
        english.append(f"line {places(lines)}")
        norsk.append(f"linje {places(lines)}")
    return ", ".join(english), ", ".join(norsk)


def _digit(letter: str) -> str:
    if letter.isascii():
        return letter
    value = unicodedata.decimal(letter, None)
    # Letters that take no room could stand between digits and hide a run of them.
    return "" if unicodedata.category(letter) == "Cf" else letter if value is None else str(value)


def _tables(kind: Kind, text: str | None, plain: str) -> tuple[tuple[Table, ...], bool]:
    if text is None:
        return (), False
    try:
        if kind is Kind.CSV:
            return tuple(map(_bounded, _csv_table(plain))), True
        if kind is Kind.JSON:
            # Numbers stay text: precision is what was written, and no number is too long to read.
            tree = json.loads(plain, parse_float=str, parse_int=str, parse_constant=str)
            return tuple(map(_bounded, _json_tables(tree, 0))), True
        if kind is Kind.HTML:
            found = [one for one in tables_in(text) if one]
            return tuple(_bounded(Table(one[0], tuple(one[1:]), 2)) for one in found), True
        if kind in (Kind.SVG, Kind.PARQUET):
            return (), kind is Kind.SVG
        return tuple(map(_bounded, _text_tables(plain))), True
    except (csv.Error, ValueError, RecursionError):
        return (), False


def _bounded(table: Table) -> Table:
    _check_cells(max([len(table.header), *map(len, table.rows)]), len(table.rows))
    return table


def _check_cells(width: int, height: int) -> None:
    if width > COLUMN_LIMIT or width * height > CELL_LIMIT:
        raise ValueError("too many cells")


def _csv_table(text: str) -> Iterator[Table]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=head.count)
    lines = (line + "\n" for line in text.split("\n"))
    rows = [tuple(row) for row in csv.reader(lines, delimiter=delimiter) if any(row)]
    if rows:
        yield Table(rows[0], tuple(rows[1:]), 2)


def _json_tables(node: Any, depth: int) -> Iterator[Table]:
    """Lists of objects or lists, objects of lists or objects, and single objects, anywhere."""
    if depth > DEPTH_LIMIT:
        raise ValueError("too deep")
    if isinstance(node, list):
        yield from _json_list(node)
    elif isinstance(node, dict):
        yield from _json_object(node)
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in below:
        if isinstance(child, list | dict):
            yield from _json_tables(child, depth + 1)


def _json_list(node: list[Any]) -> Iterator[Table]:
    objects = [child for child in node if isinstance(child, dict)]
    lists = [child for child in node if isinstance(child, list)]
    if len(objects) > 1:
        keys = tuple(dict.fromkeys(key for child in objects for key in child))
        _check_cells(len(keys), len(objects))
        cells = tuple(tuple(_cell(child.get(key)) for key in keys) for child in objects)
        yield Table(keys, cells, 1)
    if len(lists) > 1:
        width = max(len(child) for child in lists)
        cells = tuple(tuple(_cell(value) for value in child) for child in lists)
        yield Table(("",) * width, cells, 1)
    scalars = [child for child in node if not isinstance(child, list | dict)]
    if len(scalars) > 1:
        yield Table(("",), tuple((_cell(value),) for value in scalars), 1)


def _json_object(node: dict[str, Any]) -> Iterator[Table]:
    lists = {key: child for key, child in node.items() if isinstance(child, list)}
    if lists:
        height = max(len(child) for child in lists.values())
        _check_cells(len(lists), height)
        cells = tuple(
            tuple(_cell(child[row]) if row < len(child) else "" for child in lists.values())
            for row in range(height)
        )
        yield Table(tuple(lists), cells, 1)
    objects = {key: child for key, child in node.items() if isinstance(child, dict)}
    if objects:
        keys = tuple(dict.fromkeys(key for child in objects.values() for key in child))
        _check_cells(len(objects), len(keys))
        cells = tuple(tuple(_cell(child.get(k)) for child in objects.values()) for k in keys)
        yield Table(tuple(objects), cells, 1)
    scalars = {key: child for key, child in node.items() if not isinstance(child, list | dict)}
    if scalars:
        yield Table(tuple(scalars), (tuple(_cell(child) for child in scalars.values()),), 1)


def _cell(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _text_tables(text: str) -> Iterator[Table]:
    """Runs of lines with the same number of columns, split at bars, tabs or two spaces."""
    block: list[tuple[str, ...]] = []
    first = 1
    for number, line in enumerate([*text.split("\n"), ""], 1):
        cells = _text_cells(line)
        if cells is None:
            continue
        if block and len(cells) != len(block[0]):
            if len(block) > 1:
                yield Table(block[0], tuple(block[1:]), first + 1)
            block = []
        if len(cells) > 1:
            first = first if block else number
            block.append(cells)


def _text_cells(line: str) -> tuple[str, ...] | None:
    """A line's cells; None for the rule between a header and its rows."""
    stripped = line.strip().strip("|").strip()
    if not stripped:
        return ("",)
    if not stripped.strip("|:+=- \t"):
        return None
    # Splitting at the bar alone: a pattern with blanks around it is slow on runs of blanks.
    parts = stripped.split("|") if "|" in stripped else re.split(r"\t+|\s{2,}", stripped)
    return tuple(part.strip() for part in parts)
