"""Small counts: 1 to t − 1 where the column, or the text, counts persons or events."""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Table, places
from disclosure.freeform.words import finding

__all__ = ["check"]

_WORDS = (
    "n|no|num|number|count|counts|antall|freq|frequency|frekvens|person|persons|personer|people|"
    "patients|pasienter|cases|controls|tilfeller|event|events|hendelser|death|deaths|døde|dødsfall|"
    "obs|observations|nobs|size|total|totals|totalt|sum|all|alle|censored|risk"
)
_COUNTS = re.compile(rf"(?:^|[^a-zæøå])(?:{_WORDS})(?:[^a-zæøå]|$)|^#")
_INTEGER = re.compile(r"\+?(\d{1,15})(?:\.0+)?")
_SAID = re.compile(
    rf"(?<![^\W_])(?:{_WORDS})[ \t]{{0,9}}[=:][ \t]{{0,9}}(\d{{1,15}})(?![\d.,]*\d)", re.IGNORECASE
)


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking where a name says that it counts, or several whole-number columns form a table."""
    for table in candidate.tables:
        yield from _in_table(table, candidate.threshold)
    if not candidate.tables:
        yield from _in_text(candidate)


def _in_table(table: Table, threshold: int) -> Iterable[Finding]:
    whole: list[tuple[int, list[int]]] = []
    named: list[tuple[int, list[int]]] = []
    for place in range(max([len(table.header), *map(len, table.rows)])):
        cells = table.column(place)
        values = [_INTEGER.fullmatch(cell) for cell in cells]
        small = [
            table.first + row
            for row, value in enumerate(values)
            if value and 1 <= int(value.group(1)) < threshold
        ]
        header = table.header[place].casefold() if place < len(table.header) else ""
        if _COUNTS.search(header):
            named.append((place + 1, small))
        elif any(values) and all(values[row] for row, cell in enumerate(cells) if cell):
            whole.append((place + 1, small))
    for column, small in named:
        if small:
            yield _finding(Severity.BLOCKING, column, small, threshold)
    # A cross table names its columns by their categories: several whole-number columns are one.
    severity = Severity.BLOCKING if len(whole) > 1 else Severity.NOTE
    for column, small in whole:
        if small:
            yield _finding(severity, column, small, threshold)


def _in_text(candidate: Candidate) -> Iterable[Finding]:
    lines = [
        line
        for line, match in candidate.lines(_SAID)
        if 1 <= int(match.group(1)) < candidate.threshold
    ]
    if lines:
        yield _finding(Severity.BLOCKING, 0, lines, candidate.threshold)


def _finding(severity: Severity, column: int, rows: list[int], threshold: int) -> Finding:
    where, count, most = places(rows), len(rows), threshold - 1
    english = f"column {column}, row {where}" if column else f"line {where}"
    norsk = f"kolonne {column}, rad {where}" if column else f"linje {where}"
    return finding(
        "small_counts",
        severity,
        (
            f"{count} whole number(s) from 1 to {most} that may count persons; {english}.",
            f"{count} heltall fra 1 til {most} som kan telle personer; {norsk}.",
        ),
        (
            "Merge groups, or hide small counts and one more cell in each row and column.",
            "Slå sammen grupper, eller skjul små antall og én celle til i hver rad og kolonne.",
        ),
        count,
    )
