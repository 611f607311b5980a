"""Hidden content: what a reader does not see, and what a viewer would run or unpack."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Kind, where
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
    r"<\s*(?:script|iframe|object|embed|svg|img|link|style|meta|form|base)\b|javascript:|data:\w+/|"
    r"!\[[^\]]*\]\(\s*\w+:|<!--",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"(?:^|[,;\t])\"?[=@][A-Za-z(]")
REMEDY = (
    "Write the file anew with only what a reader shall see.",
    "Skriv filen på nytt med bare det en leser skal se.",
)


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for every kind of content that a reader would not see as it is."""
    content = candidate.content
    # A picture's own bytes may hold any pattern by chance; `image` walks them instead.
    inside = candidate.kind is not Kind.PNG and any(mark in content for mark in _ANYWHERE)
    if inside or content.startswith(_START):
        yield _finding(
            "The file holds an archive, a program or another container.",
            "Filen inneholder et arkiv, et program eller en annen beholder.",
        )
    if candidate.kind is Kind.PNG or candidate.text is None:
        return
    lines = candidate.text.split("\n")
    for found, english, norsk in (
        (_count(lines, _controls), "control characters", "kontrolltegn"),
        (_count(lines, _invisible), "invisible characters", "usynlige tegn"),
        (_matches(lines, _ENCODED), "long encoded runs", "lange kodede sekvenser"),
        (_matches(lines, _ACTIVE), "active or remote content", "aktivt eller eksternt innhold"),
        (_matches(lines, _FORMULA), "spreadsheet formulas", "regnearkformler"),
        (_trailing(lines), "lines that end in blanks", "linjer som slutter med blanke"),
    ):
        if found:
            place, sted = where(found)
            count = len(found)
            yield _finding(f"{count} × {english}; {place}.", f"{count} × {norsk}; {sted}.", count)


def _finding(english: str, norsk: str, count: int = 1) -> Finding:
    return finding("hidden", Severity.BLOCKING, (english, norsk), REMEDY, count)


def _count(lines: list[str], test: Callable[[str], bool]) -> list[int]:
    return [number for number, line in enumerate(lines, 1) for letter in line if test(letter)]


def _matches(lines: list[str], pattern: re.Pattern[str]) -> list[int]:
    return [number for number, line in enumerate(lines, 1) for _ in pattern.finditer(line)]


def _controls(letter: str) -> bool:
    return (letter < " " and letter not in "\t\r") or "\x7f" <= letter <= "\x9f"


def _invisible(letter: str) -> bool:
    return not letter.isascii() and (
        unicodedata.category(letter) in {"Cf", "Co", "Cn", "Cs", "Zl", "Zp"}
        or (unicodedata.category(letter) == "Zs" and letter != "\u00a0")
        or "\ufe00" <= letter <= "\ufe0f"
    )


def _trailing(lines: list[str]) -> list[int]:
    """Blanks at line ends, when many lines differ in them: a known way to hide bits."""
    ends = [len(line.rstrip("\r")) - len(line.rstrip()) for line in lines]
    found = [number for number, blanks in enumerate(ends, 1) if blanks]
    return found if len(found) > 8 and len(set(ends)) > 1 else []
