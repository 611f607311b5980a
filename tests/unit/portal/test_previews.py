"""What an officer sees of a file: inert, cut at a limit, by content and not by name."""

import pytest

from workbench.portal import previews
from workbench.portal.previews import CELL, COLUMNS, LINES, TEXT, preview_of


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_table_is_read_with_the_delimiter_it_was_written_with(mark: str) -> None:
    seen = preview_of("t.csv", f"sex{mark}n\nF{mark}10\n".encode())
    assert (seen.kind, seen.head, seen.lines) == ("table", ("sex", "n"), (("F", "10"),))


def test_a_long_table_and_a_wide_one_are_cut_and_say_so() -> None:
    row = ",".join(["x" * (CELL + 1)] * (COLUMNS + 1))
    long = preview_of("t.csv", b"n\n" + b"1\n" * (LINES + 5))
    assert (long.shown, long.cut, len(long.lines)) == (LINES, True, LINES)
    wide = preview_of("t.csv", row.encode())
    assert len(wide.head) == COLUMNS
    assert len(wide.head[0]) == CELL


def test_text_is_cut_at_a_limit() -> None:
    seen = preview_of("t.txt", b"a" * (TEXT + 1))
    assert (seen.kind, seen.shown, seen.cut) == ("text", TEXT, True)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00", "image"),
        ("a.png", b"sex,n\n", "text"),
        ("a.svg", b"<svg onload=alert(1)>", "text"),
        ("a.txt", b"\x00\x01\x02", "opaque"),
        ("a.csv", b"\xff\xfe\x00", "opaque"),
        ("a.parquet", b"PAR1\x15\x04", "opaque"),
        ("a.csv", b"", "text"),
        ("a.txt", b"bl\xe5", "opaque"),
    ],
)  # fmt: skip
def test_a_file_is_taken_for_what_its_bytes_are(name: str, content: bytes, kind: str) -> None:
    assert preview_of(name, content).kind == kind


def test_a_look_that_ends_within_a_letter_still_shows_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previews, "LOOKED_AT", 3)
    seen = preview_of("t.txt", "blå og".encode())
    assert (seen.text, seen.cut) == ("bl", True)


def test_characters_that_hide_or_turn_text_are_spelled_out() -> None:
    seen = preview_of("t.txt", "a\u202eb\u200bc".encode())
    assert seen.text == "a[U+202E]b[U+200B]c"


def test_a_table_that_the_reader_refuses_is_shown_as_text() -> None:
    assert preview_of("t.csv", b"sex,n\rF,10\nM,12\n").kind == "text"
