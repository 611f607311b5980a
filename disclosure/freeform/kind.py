"""Types: only those whose whole content the checks can see pass without a word."""

from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Kind
from disclosure.freeform.words import finding

__all__ = ["check"]

_LISTED = "CSV, Parquet, JSON, TXT, MD, SVG, HTML, IPYNB, ONNX"


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for a type that is not allowed, and for content that is not of its type."""
    if candidate.kind is Kind.OTHER:
        yield finding(
            "kind",
            Severity.BLOCKING,
            (
                f"The type of the file is not allowed: {_LISTED} and PNG are.",
                f"Filtypen er ikke tillatt: {_LISTED} og PNG er det.",
            ),
            ("Write the result as one of these types.", "Skriv resultatet som en av disse typene."),
            1,
        )
    elif candidate.content and candidate.kind is not Kind.PNG and not candidate.parsed:
        yield finding(
            "kind",
            Severity.BLOCKING,
            (
                "The content is not of the type that the file's name says, or not UTF-8 text.",
                "Innholdet er ikke av typen som filnavnet sier, eller ikke UTF-8-tekst.",
            ),
            (
                "Write the file with the library's own writer for this type, in UTF-8.",
                "Skriv filen med bibliotekets egen skriver for typen, i UTF-8.",
            ),
            1,
        )
