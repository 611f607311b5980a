"""File names: a name is content, too."""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate
from disclosure.freeform.words import finding

__all__ = ["check"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,59}\.[A-Za-z0-9]{1,8}")
_NUMBER = re.compile(r"\d{5,}")


def check(candidate: Candidate) -> Iterable[Finding]:
    """A note for names of unusual letters, several endings, long numbers or great length."""
    if not _PLAIN.fullmatch(candidate.name) or _NUMBER.search(candidate.name):
        yield finding(
            "naming",
            Severity.NOTE,
            (
                "The file's name is unusual: long, with a long number, or with odd letters.",
                "Filnavnet er uvanlig: langt, med et langt tall, eller med uvanlige tegn.",
            ),
            (
                "Name it by its content in plain letters, such as table-1.csv.",
                "Gi det navn etter innholdet med vanlige bokstaver, som tabell-1.csv.",
            ),
            1,
        )
