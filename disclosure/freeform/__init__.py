"""Checks of files that a sealed run wrote, for the officer who decides: findings sorted by risk.

A finding never repeats what it found: it gives the rule, the place and how often. That a file has
no findings does not make it safe; it only makes it worth an officer's time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from disclosure.findings import Finding, Severity
from disclosure.freeform import (
    dates,
    entropy,
    hidden,
    identifiers,
    image,
    kind,
    models,
    naming,
    precision,
    pseudonyms,
    rows,
    size,
    small_counts,
)
from disclosure.freeform.candidate import Candidate, Kind, kind_of, read
from disclosure.freeform.prepare import prepared

__all__ = ["CHECKS", "Examined", "examine", "sorted_by_risk"]

CHECKS: tuple[Callable[[Candidate], Iterable[Finding]], ...] = (
    identifiers.check,
    pseudonyms.check,
    rows.check,
    small_counts.check,
    models.check,
    hidden.check,
    entropy.check,
    image.check,
    kind.check,
    size.check,
    dates.check,
    naming.check,
    precision.check,
)
"""Every check, the gravest first."""

_WEIGHT = {Severity.BLOCKING: 0, Severity.WITHHELD: 1, Severity.NOTE: 2}


@dataclass(frozen=True)
class Examined:
    """A file as it may be released, and everything that was found, the gravest first."""

    name: str
    content: bytes
    findings: tuple[Finding, ...]


def examine(name: str, content: bytes, threshold: int = 10) -> Examined:
    """Make a file anew where it can hide things (see `prepare`), and check what came of it.

    name: as the run called it; content: its bytes; threshold: smallest count of persons shown.
    Never raises on any name or bytes.
    """
    made = prepared(name, content)
    # Of a picture what it came with is told, though nothing but its pixels would leave.
    seen = content if kind_of(name) is Kind.PNG else made.content
    candidate = read(made.name, seen, threshold)
    if made.name != name:
        # The name that was chosen by the run is checked as well.
        candidate = replace(candidate, name=name)
    found = [(len(CHECKS), finding) for finding in made.findings]
    found += [
        (place, finding) for place, check in enumerate(CHECKS) for finding in check(candidate)
    ]
    return Examined(made.name, made.content, sorted_by_risk(found))


def sorted_by_risk(found: Iterable[tuple[int, Finding]]) -> tuple[Finding, ...]:
    """By severity, then the place of the check, then count."""
    keyed = [(_WEIGHT[one.severity], place, -one.cells, one) for place, one in found]
    return tuple(one for *_, one in sorted(keyed, key=lambda entry: entry[:3]))
