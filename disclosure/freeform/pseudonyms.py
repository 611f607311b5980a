"""Pseudonyms of a project look like long numbers: runs of digits or hexadecimal that name a row."""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, where
from disclosure.freeform.words import finding

__all__ = ["check"]

# A fraction's digits are left to `precision`; a digit and a point before the run tell them apart.
_DIGITS = re.compile(r"(?<!\d)(?<!\d\.)\d{15,}(?!\d)")
_HEX = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{15,}(?!\w)")


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for runs of at least 15 digits, or of 15 hexadecimal digits."""
    lines = [line for pattern in (_DIGITS, _HEX) for line, _ in candidate.lines(pattern)]
    if lines:
        place, sted = where(lines)
        yield finding(
            "pseudonyms",
            Severity.BLOCKING,
            (
                f"{len(lines)} long number(s) have the shape of a pseudonym; {place}.",
                f"{len(lines)} lange tall har form som et pseudonym; {sted}.",
            ),
            (
                "Remove keys of persons; write counts, estimates and labels only.",
                "Fjern nøkler til personer; skriv bare antall, estimater og etiketter.",
            ),
            len(lines),
        )
