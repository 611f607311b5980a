"""Entropy: letters used as evenly as in packed or encrypted bytes are no words or numbers."""

import math
from collections import Counter
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Kind
from disclosure.freeform.words import finding

__all__ = ["check"]

WINDOW = 1024
BITS = 5.3
"""A letter of prose, code, or a table of numbers says 3 to 5; of base64 6, of base85 6.4."""


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for windows of text whose letters are too evenly used."""
    if candidate.kind is Kind.PNG or candidate.text is None:
        return
    letters = "".join(candidate.text.split())
    found = sum(
        _bits(letters[start : start + WINDOW]) > BITS
        for start in range(0, len(letters) - WINDOW // 2, WINDOW)
    )
    if found:
        yield finding(
            "entropy",
            Severity.BLOCKING,
            (
                f"{found} stretch(es) of text read like packed or encrypted bytes.",
                f"{found} strekk av tekst ligner pakkede eller krypterte byte.",
            ),
            (
                "Write results as words and numbers.",
                "Skriv resultater som ord og tall.",
            ),
            found,
        )


def _bits(letters: str) -> float:
    """Shannon's entropy of the letters, bits a letter."""
    count = len(letters)
    shares = (one / count for one in Counter(letters).values())
    return -sum(share * math.log2(share) for share in shares)
