"""Dates: one may be the day of the extract, many are the days of persons' lives."""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, where
from disclosure.freeform.words import finding

__all__ = ["check"]

MANY = 20
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"(?<!\d)(?:{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}|{_DAY}[-/.]{_MONTH}[-/.]{_YEAR}"
    rf"|{_YEAR}{_MONTH}{_DAY})(?!\d)"
)


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for more than MANY different dates, a note for fewer."""
    matches = candidate.lines(_DATE)
    found = {match.group() for _, match in matches}
    lines = [line for line, _ in matches]
    if lines:
        place, sted = where(lines)
        yield finding(
            "dates",
            Severity.BLOCKING if len(found) > MANY else Severity.NOTE,
            (
                f"{len(found)} different date(s) stand in the file; {place}.",
                f"{len(found)} ulike dato(er) står i filen; {sted}.",
            ),
            (
                "Give years, or the time since an event that many persons share.",
                "Oppgi år, eller tid siden en hendelse som mange personer deler.",
            ),
            len(found),
        )
