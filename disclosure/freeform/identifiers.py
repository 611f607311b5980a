"""National identifiers: eleven digits whose date and check digits hold, real or synthetic.

Check digits: Selmer, "Personnummerering i Norge", Nordisk Matematisk Tidskrift 12 (1964). Only the
second digit is demanded, as the first is given up for numbers issued from 2032.
"""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, where
from disclosure.freeform.words import finding

__all__ = ["check", "is_identifier"]

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_WRITTEN = re.compile(r"(?<!\d)(\d\d)[.]?(\d\d)[.]?(\d\d)[ -]?(\d{5})(?!\d)")
_LONGER = re.compile(r"(?<!\d)\d{12,14}(?!\d)")
_SPLIT = re.compile(r"(?<!\d)(\d{6})[ \t,;|\"']{1,4}(\d{5})(?!\d)")


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for digits that form an identifier; a note where two neighbours would."""
    together = [
        line for line, match in candidate.lines(_WRITTEN) if is_identifier("".join(match.groups()))
    ]
    together += [line for line, match in candidate.lines(_LONGER) if _holds_one(match.group())]
    apart = [
        line for line, match in candidate.lines(_SPLIT) if is_identifier("".join(match.groups()))
    ]
    remedy = (
        "Remove identifiers; results are about groups, never about persons.",
        "Fjern identifikatorer; resultater handler om grupper, aldri om personer.",
    )
    for lines, severity, english, norsk in (
        (
            together,
            Severity.BLOCKING,
            "number(s) are valid national identifiers",
            "tall er gyldige fødselsnummer eller lignende",
        ),
        (
            apart,
            Severity.NOTE,
            "pair(s) of neighbouring numbers form an identifier",
            "par av nabotall danner en identifikator",
        ),
    ):
        if lines:
            place, sted = where(lines)
            count = len(lines)
            told = (f"{count} {english}; {place}.", f"{count} {norsk}; {sted}.")
            yield finding("identifiers", severity, told, remedy, count)


def is_identifier(digits: str) -> bool:
    """Whether eleven ASCII digits are a Norwegian identifier of any kind."""
    numbers = [int(digit) for digit in digits]
    second = -sum(w * n for w, n in zip(_SECOND, numbers, strict=False)) % 11
    if second != numbers[10]:
        return False
    day, month = int(digits[:2]), int(digits[2:4])
    if numbers[0] >= 8:
        # Numbers of the health service for persons without one: no date, both digits hold.
        return -sum(w * n for w, n in zip(_FIRST, numbers, strict=False)) % 11 == numbers[9]
    born = 1 <= (day - 40 if day > 40 else day) <= 31
    # Months: +40 for aid and test numbers, +65 and +80 for synthetic persons.
    return born and any(1 <= month - shift <= 12 for shift in (0, 40, 65, 80))


def _holds_one(run: str) -> bool:
    return any(is_identifier(run[start : start + 11]) for start in range(len(run) - 10))
