"""A file of an output request as something inert to look at: a table, text, an image, or nothing.

The bytes come from code that nobody trusts. Nothing in them is executed, parsed by a binary
reader, or shown as markup: the template escapes every cell.
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["IMAGES", "Preview", "image_type", "preview_of"]

LINES = 200
COLUMNS = 60
CELL = 200
TEXT = 40_000
LOOKED_AT = 2_000_000
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that hide or turn text around; see Unicode Technical Report 36, section 2."""
IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""First bytes -> the type an image is served as; by content, never by name."""


@dataclass(frozen=True)
class Preview:
    """shown: rows or characters on the page; cut: there is more in the file."""

    kind: Literal["table", "text", "image", "opaque"]
    head: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    shown: int = 0
    cut: bool = False


def image_type(content: bytes) -> str | None:
    """The media type of a raster image by its first bytes."""
    return next((kind for start, kind in IMAGES.items() if content.startswith(start)), None)


def preview_of(name: str, content: bytes) -> Preview:
    """What a reviewer sees of a file without leaving the page."""
    if image_type(content):
        return Preview("image")
    text = _text(content)
    if text is None:
        return Preview("opaque")
    lower = name.lower()
    if lower.endswith((".csv", ".tsv")):
        return _table(text, "\t" if lower.endswith(".tsv") else None, len(content) > LOOKED_AT)
    cut = len(text) > TEXT or len(content) > LOOKED_AT
    return Preview("text", text=text[:TEXT], shown=min(len(text), TEXT), cut=cut)


def _text(content: bytes) -> str | None:
    """UTF-8 text without control characters, or None; what is looked at may end within a letter."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        text = decoder.decode(content[:LOOKED_AT], final=len(content) <= LOOKED_AT)
    except UnicodeDecodeError:
        return None
    if any(ord(character) < 32 and character not in "\t\r\n\f" for character in text):
        return None
    return UNSEEN.sub(lambda match: f"[U+{ord(match.group()):04X}]", text)


def _table(text: str, delimiter: str | None, cut: bool) -> Preview:  # noqa: FBT001 - private
    first = text.split("\n", 1)[0]
    mark = delimiter or max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text[:TEXT]), delimiter=mark)
    lines: list[tuple[str, ...]] = []
    try:
        for row in reader:
            lines.append(tuple(cell[:CELL] for cell in row[:COLUMNS]))
            if len(lines) > LINES:
                break
    except csv.Error:
        return Preview("text", text=text[:TEXT], shown=min(len(text), TEXT), cut=len(text) > TEXT)
    if not lines:
        return Preview("text")
    more = cut or len(lines) > LINES or len(text) > TEXT
    return Preview("table", lines[0], tuple(lines[1 : LINES + 1]), shown=len(lines) - 1, cut=more)
