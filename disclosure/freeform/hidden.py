"""Hidden content: what a reader does not see, and what a viewer would run or unpack."""

import re
import unicodedata
from collections.abc import Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import BINARY, Candidate, Kind, numbered, where
from disclosure.freeform.words import finding

__all__ = ["check"]

_START = (b"\x1f\x8b", b"BZh", b"%PDF", b"MZ", b"\x80\x04", b"\x80\x05")
_ANYWHERE = (
    b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd", b"\x7fELF", b"\xd0\xcf\x11\xe0\xa1\xb1", b"SQLite format 3\x00",
    b"\x89HDF\r\n", b"ustar\x00", b"PAR1",
)  # fmt: skip
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{120,}={0,2}")
_ACTIVE = re.compile(
    r"<\s{0,9}(?:script|iframe|object|embed|svg|img|link|style|meta|form|base)\b|javascript:|data:\w{1,40}/|"
    r"!\[[^\]\n]{0,200}\]\(\s{0,9}\w{1,20}:|<!--",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"(?:^|[,;\t])\"?[=@][A-Za-z(]", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FOREIGN = re.compile(r"[^\x00-\x7f\xa0]")
REMEDY = (
    "Write the file anew with only what a reader shall see.",
    "Skriv filen på nytt med bare det en leser skal se.",
)


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for every kind of content that a reader would not see as it is."""
    content = candidate.content
    # A picture's own bytes may hold any pattern by chance; `image` walks them instead.
    inside = candidate.kind not in BINARY and any(mark in content for mark in _ANYWHERE)
    if inside or (candidate.kind not in BINARY and content.startswith(_START)):
        yield _finding(
            "The file holds an archive, a program or another container.",
            "Filen inneholder et arkiv, et program eller en annen beholder.",
        )
    if candidate.kind is Kind.PNG or candidate.text is None:
        return
    text = candidate.text
    # Drawings and pages were rebuilt from what is listed; see `markup`.
    active = [] if candidate.kind in (Kind.SVG, Kind.HTML) else _matches(text, _ACTIVE)
    for found, english, norsk in (
        (_matches(text, _CONTROL), "control characters", "kontrolltegn"),
        (_invisible(text), "invisible characters", "usynlige tegn"),
        (_matches(text, _ENCODED), "long encoded runs", "lange kodede sekvenser"),
        (active, "active or remote content", "aktivt eller eksternt innhold"),
        (_matches(text, _FORMULA), "spreadsheet formulas", "regnearkformler"),
        (_trailing(text), "lines that end in blanks", "linjer som slutter med blanke"),
    ):
        if found:
            place, sted = where(found)
            count = len(found)
            yield _finding(f"{count} × {english}; {place}.", f"{count} × {norsk}; {sted}.", count)


def _finding(english: str, norsk: str, count: int = 1) -> Finding:
    return finding("hidden", Severity.BLOCKING, (english, norsk), REMEDY, count)


def _matches(text: str, pattern: re.Pattern[str]) -> list[int]:
    return [line for line, _ in numbered(text, pattern.finditer(text))]


def _invisible(text: str) -> list[int]:
    foreign = numbered(text, _FOREIGN.finditer(text))
    return [line for line, match in foreign if _unseen(match.group())]


def _unseen(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind in {"Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Zs"} or "\ufe00" <= letter <= "\ufe0f"


def _trailing(text: str) -> list[int]:
    """Blanks at line ends, when many lines differ in them: a known way to hide bits."""
    if not re.search(r"[ \t]\r?\n", text):
        return []
    lines = text.split("\n")
    ends = [len(line.rstrip("\r")) - len(line.rstrip()) for line in lines]
    found = [number for number, blanks in enumerate(ends, 1) if blanks]
    return found if len(found) > 8 and len(set(ends)) > 1 else []
