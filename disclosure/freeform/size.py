"""Size: results are small, and what nobody can read nobody can judge."""

from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import BINARY, Candidate
from disclosure.freeform.words import finding

__all__ = ["check"]

ROWS = 5000
TEXT_BYTES, IMAGE_BYTES = 1 << 20, 4 << 20


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking above what the checks read, a note above what an officer reads; empty files too."""
    remedy = (
        "Write the results that are needed, in files of their own.",
        "Skriv de resultatene som trengs, i egne filer.",
    )
    length = len(candidate.content)
    allowed = IMAGE_BYTES if candidate.kind in BINARY else TEXT_BYTES
    if not candidate.read:
        yield finding(
            "size",
            Severity.BLOCKING,
            (
                f"The file has {length} bytes: too many to be checked at all.",
                f"Filen har {length} byte: for mange til å bli kontrollert.",
            ),
            remedy,
            1,
        )
    elif length > allowed:
        yield finding(
            "size",
            Severity.NOTE,
            (f"The file has {length} bytes.", f"Filen har {length} byte."),
            remedy,
            1,
        )
    elif not length:
        yield finding("size", Severity.NOTE, ("The file is empty.", "Filen er tom."), remedy, 1)
    longest = max((len(table.rows) for table in candidate.tables), default=0)
    if longest > ROWS:
        yield finding(
            "size",
            Severity.BLOCKING,
            (f"A table of {longest} rows.", f"En tabell med {longest} rader."),
            remedy,
            longest,
        )
