"""What is released of a file: drawings, pages, notebooks and pictures rebuilt, Parquet as CSV.

A file that can hide what no reader sees is made anew from what a reader does see. What an officer
looks at, what is checked and what leaves are these bytes, never those that untrusted code wrote.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Kind, kind_of, limit_of
from disclosure.freeform.image import redrawn
from disclosure.freeform.markup import rebuilt
from disclosure.freeform.notebook import rebuilt_notebook
from disclosure.freeform.parquet import Unread, read_parquet
from disclosure.freeform.words import finding

__all__ = ["Prepared", "prepared"]

SOME, MANY = 30, 100
_PARTS: Mapping[str, tuple[str, str]] = {
    "active": ("active or remote parts", "aktive eller eksterne deler"),
    "element": ("elements that are not listed", "elementer som ikke står på listen"),
    "attribute": ("attributes that are not listed", "attributter som ikke står på listen"),
    "comment": ("comments", "kommentarer"),
    "declaration": ("declarations", "deklarasjoner"),
    "instruction": ("instructions", "instruksjoner"),
    "text": ("texts outside of the drawing", "tekster utenfor tegningen"),
    "attachments": ("attachments", "vedlegg"),
    "outputs": ("outputs that are no plain text", "utdata som ikke er ren tekst"),
    "metadata": ("metadata", "metadata"),
    "cells": ("cells beyond the limit", "celler over grensen"),
}
_UNREAD: Mapping[str, tuple[str, str]] = {
    "form": ("The file is damaged or no Parquet.", "Filen er skadet eller ikke Parquet."),
    "large": (
        "The table is larger than what is read, or says so.",
        "Tabellen er større enn det som leses, eller sier det.",
    ),
    "codec": (
        "The columns are packed in a way that is not read.",
        "Kolonnene er pakket på en måte som ikke leses.",
    ),
    "nested": ("Lists and structures are not read.", "Lister og strukturer leses ikke."),
    "encoding": (
        "The columns are written in a way that is not read.",
        "Kolonnene er skrevet på en måte som ikke leses.",
    ),
}


@dataclass(frozen=True)
class Prepared:
    """The file as it may be released, and what was said of making it so."""

    name: str
    content: bytes
    findings: tuple[Finding, ...] = ()


def prepared(name: str, content: bytes) -> Prepared:
    """The file anew, or as it is where there is nothing to make anew; never raises."""
    kind = kind_of(name)
    if len(content) > limit_of(kind):
        return Prepared(name, content)
    if kind is Kind.PNG:
        return Prepared(name, redrawn(content) or content)
    if kind is Kind.PARQUET:
        return _table(name, content)
    if kind not in (Kind.SVG, Kind.HTML, Kind.NOTEBOOK):
        return Prepared(name, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Prepared(name, content, (_not_whole(),))
    if kind is Kind.NOTEBOOK:
        found = rebuilt_notebook(text)
        if found is None:
            return Prepared(name, content, (_not_whole(),))
        return Prepared(name, found[0], tuple(_dropped(found[1])))
    made = rebuilt(text, drawing=kind is Kind.SVG)
    said = [*_dropped(made.dropped)]
    if not made.whole:
        said.append(_not_whole())
    if kind is Kind.SVG:
        said.append(_drawing(made.marks))
    return Prepared(name, made.content, tuple(said))


def _table(name: str, content: bytes) -> Prepared:
    try:
        header, rows = read_parquet(content)
    except Unread as unread:
        english, norsk = _UNREAD[unread.why]
        return Prepared(name, content, (_unread(english, norsk),))
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    note = finding(
        "parquet",
        Severity.NOTE,
        ("The table was read and is released as CSV.", "Tabellen ble lest og utgis som CSV."),
        ("Nothing is to be done.", "Ingenting må gjøres."),
    )
    return Prepared(f"{name}.csv", "".join(lines.written).encode(), (note,))


class _Lines:
    """What the writer of CSV needs of a file."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        """Keep it."""
        self.written.append(text)


def _dropped(dropped: Counter[str]) -> Iterable[Finding]:
    for part, count in sorted(dropped.items()):
        english, norsk = _PARTS[part]
        yield finding(
            "markup",
            Severity.WITHHELD if part == "active" else Severity.NOTE,
            (
                f"{count} × {english} were left out; the rest was made anew.",
                f"{count} × {norsk} er utelatt; resten er laget på nytt.",
            ),
            (
                "Look at the file as it is now: that is what would be released.",
                "Se på filen slik den er nå: det er den som ville blitt utgitt.",
            ),
            count,
        )


def _drawing(marks: int) -> Finding:
    if marks >= SOME:
        severity = Severity.BLOCKING if marks >= MANY else Severity.NOTE
        said = (
            f"A drawing with {marks} marks of one kind at different places: each may be a person.",
            f"En tegning med {marks} merker av ett slag på ulike steder: hvert kan være en person.",
        )
    else:
        severity = Severity.NOTE
        said = (
            "A drawing: its points may stand for single persons.",
            "En tegning: punkter kan stå for enkeltpersoner.",
        )
    remedy = (
        "Draw groups: a heat map, a histogram, a curve with merged steps.",
        "Tegn grupper: et varmekart, et histogram, en kurve med sammenslåtte trinn.",
    )
    return finding("drawing", severity, said, remedy, marks)


def _not_whole() -> Finding:
    return finding(
        "markup",
        Severity.BLOCKING,
        (
            "The file could not be taken apart wholly.",
            "Filen lot seg ikke lese helt.",
        ),
        (
            "Write it with the library's own writer for this type, in UTF-8.",
            "Skriv den med bibliotekets egen skriver for typen, i UTF-8.",
        ),
        1,
    )


def _unread(english: str, norsk: str) -> Finding:
    return finding(
        "parquet",
        Severity.BLOCKING,
        (english, norsk),
        (
            'Write a flat table with compression="snappy", "gzip" or none, or write CSV.',
            'Skriv en flat tabell med compression="snappy", "gzip" eller ingen, eller skriv CSV.',
        ),
        1,
    )
