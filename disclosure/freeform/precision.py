"""Precision: digits that no estimate needs can carry what an estimate may not say."""

import re
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, where
from disclosure.freeform.words import finding

__all__ = ["check"]

NEEDED, CARRIER = 6, 15
_DECIMAL = re.compile(r"(?<![\d.])(\d*\.\d+)(?:[eE][-+]?\d+)?(?![\d.])")


def check(candidate: Candidate) -> Iterable[Finding]:
    """A note above NEEDED significant digits; blocking from CARRIER, where a pseudonym fits."""
    fine: list[int] = []
    carriers: list[int] = []
    for line, match in candidate.lines(_DECIMAL):
        digits = len(match.group(1).replace(".", "").lstrip("0"))
        if digits >= CARRIER:
            carriers.append(line)
        elif digits > NEEDED:
            fine.append(line)
    for lines, severity, least in (
        (carriers, Severity.BLOCKING, CARRIER),
        (fine, Severity.NOTE, NEEDED + 1),
    ):
        if lines:
            place, sted = where(lines)
            count = len(lines)
            yield finding(
                "precision",
                severity,
                (
                    f"{count} number(s) of {least} significant digits or more; {place}.",
                    f"{count} tall med {least} gjeldende sifre eller flere; {sted}.",
                ),
                (
                    f"Round to at most {NEEDED} significant digits.",
                    f"Avrund til høyst {NEEDED} gjeldende sifre.",
                ),
                len(lines),
            )
