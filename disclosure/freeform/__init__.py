"""Checks of files that a sealed run wrote, for the officer who decides: findings sorted by risk.

A finding never repeats what it found: it gives the rule, the place and how often. That a file has
no findings does not make it safe; it only makes it worth an officer's time.
"""

from collections.abc import Callable, Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform import (
    dates,
    hidden,
    identifiers,
    image,
    kind,
    naming,
    precision,
    pseudonyms,
    rows,
    size,
    small_counts,
)
from disclosure.freeform.candidate import Candidate, read

__all__ = ["CHECKS", "inspect"]

CHECKS: tuple[Callable[[Candidate], Iterable[Finding]], ...] = (
    identifiers.check,
    pseudonyms.check,
    rows.check,
    small_counts.check,
    hidden.check,
    image.check,
    kind.check,
    size.check,
    dates.check,
    naming.check,
    precision.check,
)
"""Every check, the gravest first."""

_WEIGHT = {Severity.BLOCKING: 0, Severity.WITHHELD: 1, Severity.NOTE: 2}


def inspect(name: str, content: bytes, threshold: int = 10) -> tuple[Finding, ...]:
    """All findings on one file, sorted by risk: severity, then the order of CHECKS, then count.

    name: as the run called it; content: its bytes; threshold: smallest count of persons shown.
    Never raises on any name or bytes.
    """
    candidate = read(name, content, threshold)
    found = [
        (_WEIGHT[finding.severity], place, -finding.cells, finding)
        for place, check in enumerate(CHECKS)
        for finding in check(candidate)
    ]
    return tuple(finding for *_, finding in sorted(found, key=lambda entry: entry[:3]))
