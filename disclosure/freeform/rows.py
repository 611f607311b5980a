"""Row-level shape: many rows that differ from each other are persons, not groups."""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Table
from disclosure.freeform.words import finding

__all__ = ["check"]

SOME, MANY = 30, 100
DISTINCT = 0.9
_KEYS = re.compile(
    r"_?(id|pid|person|person_?id|patient_?id|pasient_?id|subject_?id|fnr|fødselsnummer|"
    r"fodselsnummer|personnummer|lopenr|løpenr|løpenummer|lopenummer|pseudonym|case_?id|nin|ssn)"
)


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking from MANY rows with a column of near-unique values, or for a column of keys."""
    for table in candidate.tables:
        yield from _in_table(table)


def _in_table(table: Table) -> Iterable[Finding]:
    height = len(table.rows)
    remedy = (
        "Write results about groups: counts, estimates, curves with merged steps.",
        "Skriv resultater om grupper: antall, estimater, kurver med sammenslåtte trinn.",
    )
    keys = [
        place + 1
        for place, name in enumerate(table.header)
        if _KEYS.fullmatch(name.strip().casefold())
    ]
    if keys and height > 1:
        columns = ", ".join(map(str, keys))
        yield finding(
            "rows",
            Severity.BLOCKING,
            (
                f"Column {columns} is named like a key of persons, over {height} rows.",
                f"Kolonne {columns} heter som en personnøkkel, over {height} rader.",
            ),
            remedy,
            height,
        )
    if height < SOME:
        return
    unique = [place + 1 for place in range(len(table.header)) if _near_unique(table.column(place))]
    if unique:
        severity = Severity.BLOCKING if height >= MANY else Severity.NOTE
        count, first = len(unique), unique[0]
        english = f"{height} rows, and {count} column(s) that hardly repeat, first column {first}."
        norsk = f"{height} rader, og {count} kolonne(r) som knapt gjentas, først kolonne {first}."
        yield finding("rows", severity, (english, norsk), remedy, height)


def _near_unique(cells: tuple[str, ...]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) >= 0.8 * len(cells) and len(set(filled)) >= DISTINCT * len(filled)
