"""What the checks of free-form files find, and what they leave alone."""

import time

import pytest

from disclosure.findings import Severity
from disclosure.freeform import examine
from disclosure.freeform.identifiers import is_identifier

BLOCKING, NOTE = Severity.BLOCKING, Severity.NOTE
# Synthetic: month + 80, made for tests, valid check digits.
PERSON = "13897248098"


def valid(first_nine: str) -> str:
    """An identifier with the right check digits, by trying them all."""
    tails = (f"{tail:02d}" for tail in range(100))
    return next(first_nine + tail for tail in tails if is_identifier(first_nine + tail))


def found(name: str, content: bytes | str, threshold: int = 10) -> set[tuple[str, Severity]]:
    data = content if isinstance(content, bytes) else content.encode()
    return {
        (finding.rule.removeprefix("freeform."), finding.severity)
        for finding in examine(name, data, threshold).findings
    }


def rows(count: int, row: str) -> str:
    return "".join(row.format(n=n) + "\n" for n in range(count))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.csv", "group,n,mean\nwomen,1200,63.2\nmen,1340,61.9\n"),
        ("table.csv", "group;n\nkvinner;1200\nmenn;10\n"),
        ("model.json", '{"coefficients": {"age": 0.031, "sex": -0.42}, "n": 5400}'),
        ("text.md", "# Result\n\nHazard ratio 1.42 (95 % CI 1.10 to 1.83), n = 5400.\n"),
        ("text.txt", "Published in 2018, phone 22 22 22 22.\n"),
        ("table.csv", "age,rate\n" + rows(20, "{n}0-{n}9,12.5")),
    ],
)
def test_an_ordinary_result_has_no_findings(name: str, content: str) -> None:
    assert found(name, content) == set()


@pytest.mark.parametrize(
    "text",
    [
        PERSON,
        f"{PERSON[:6]} {PERSON[6:]}",
        f"{PERSON[:6]}-{PERSON[6:]}",
        f"{PERSON[:2]}.{PERSON[2:4]}.{PERSON[4:6]} {PERSON[6:]}",
        f"7{PERSON}99",
        "".join(chr(ord(digit) + 0xFEE0) for digit in PERSON),
        "\u200b".join(PERSON),
        "".join(chr(ord("٠") + int(digit)) for digit in PERSON),
    ],
    ids=["plain", "space", "hyphen", "dots", "within", "fullwidth", "zero-width", "arabic"],
)
def test_an_identifier_is_found_however_it_is_written(text: str) -> None:
    assert ("identifiers", BLOCKING) in found("notes.txt", f"Patient {text} died.\n")


@pytest.mark.parametrize(
    "first_nine",
    ["010190123", "410190123", "014190123", "017790123", "018190123", "016690123", "812345678"],
    ids=["birth", "d-number", "h-number", "synthetic-65", "synthetic-80", "test-65", "fh-number"],
)
def test_every_kind_of_identifier_is_known(first_nine: str) -> None:
    try:
        number = valid(first_nine)
    except StopIteration:
        pytest.fail("no check digits make this a number")

    assert ("identifiers", BLOCKING) in found("a.csv", f"x\n{number}\n")


def test_eleven_digits_with_a_wrong_check_digit_are_no_identifier() -> None:
    wrong = [PERSON[:-1] + str(digit) for digit in range(10) if str(digit) != PERSON[-1]]

    assert is_identifier(PERSON)
    assert not any(is_identifier(number) for number in wrong)


def test_an_identifier_cut_over_two_columns_is_noted() -> None:
    assert ("identifiers", NOTE) in found("a.csv", f"a,b\n{PERSON[:6]},{PERSON[6:]}\n")


def test_an_identifier_in_the_name_is_found() -> None:
    assert ("identifiers", BLOCKING) in found(f"{PERSON}.csv", "a\n")


@pytest.mark.parametrize(
    "text", ["123456789012345", "-9223372036854775808", "00ff12ab34cd56ef", "18446744073709551615"]
)
def test_a_number_as_long_as_a_pseudonym_is_found(text: str) -> None:
    assert ("pseudonyms", BLOCKING) in found("a.csv", f"k,v\n{text},2.5\n")


def test_a_few_dates_are_noted_and_many_block() -> None:
    few = "Extract of 2024-01-31, follow-up to 31.12.2023.\n"
    many = rows(25, "2020-01-{n:02d} 202011{n:02d}")

    assert ("dates", NOTE) in found("a.txt", few)
    assert ("dates", BLOCKING) in found("a.txt", many)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "group,n\nwomen,9\nmen,1200\n"),
        ("a.csv", "group;Antall pasienter\nkvinner;3\n"),
        ("a.csv", "group,women,men\nyoung,120,4\nold,80,300\n"),
        ("a.csv", "group,n_events\nx,3.0\n"),
        ("a.json", '{"n": 3, "mean": 2.5}'),
        ("a.json", '[{"group": "a", "count": 3}, {"group": "b", "count": 30}]'),
        ("a.json", '{"group": ["a", "b"], "freq": [30, 3]}'),
        ("a.json", '{"cells": {"young": {"n": 3}, "old": {"n": 400}}}'),
        ("a.md", "| group | n |\n|---|---|\n| a | 3 |\n| b | 30 |\n"),
        ("a.txt", "group    n\nwomen    3\nmen    1200\n"),
        ("a.txt", "We followed N=7 persons.\n"),
        ("a.md", "antall: 4\n"),
    ],
)
def test_a_small_count_is_found_where_something_counts(name: str, content: str) -> None:
    assert ("small_counts", BLOCKING) in found(name, content)


def test_zero_and_the_threshold_itself_are_no_small_counts() -> None:
    assert found("a.csv", "group,n\na,0\nb,10\nc,1000\n") == set()
    assert ("small_counts", BLOCKING) in found("a.csv", "group,n\na,10\n", threshold=11)


def test_a_lone_column_of_small_whole_numbers_is_only_noted() -> None:
    assert found("a.csv", "stage,rate\n1,2.5\n2,3.5\n") == {("small_counts", NOTE)}


def test_rows_of_persons_are_found() -> None:
    assert ("rows", BLOCKING) in found("a.csv", "x,y\n" + rows(120, "{n},{n}.5"))
    assert ("rows", NOTE) in found("a.csv", "x,y\n" + rows(40, "{n}0,{n}.5"))
    assert ("rows", BLOCKING) in found("a.csv", "person_id,y\n1,2.5\n2,3.5\n")
    assert ("rows", BLOCKING) in found("a.json", "[" + ",".join(map(str, range(200))) + "]")


def test_many_rows_that_repeat_are_no_persons() -> None:
    content = "group,mean\n" + rows(200, "abc,12.5")

    assert ("rows", BLOCKING) not in found("a.csv", content)


def test_digits_that_no_estimate_needs_are_found() -> None:
    assert found("a.csv", "x,mean\na,12.3456\n") == set()
    assert found("a.csv", "x,mean\na,12.345678\n") == {("precision", NOTE)}
    assert ("precision", BLOCKING) in found("a.csv", "x,mean\na,0.123456789012345678\n")
    assert ("precision", BLOCKING) in found("a.json", '{"b": 1.234567890123456e+18}')


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 zipped",
        b"\x1f\x8b gzipped",
        b"a,b\n1.5,\x00\n",
        b"\xef\xbb\xbfa,b\n\xe2\x80\x8b1.5,2.5\n",
        b"a\n" + b"QUJD" * 40 + b"\n",
        b"a <script>alert()</script>\n",
        b"![x](https://example.org/x.png)\n",
        b"a,b\n=cmd(),2.5\n",
        b"a \x1b[8m hidden\n",
        b"".join(b"line" + b" " * (n % 4) + b"\n" for n in range(20)),
        "a\U000e0041b\n".encode(),
    ],
    ids=["zip", "gzip", "nul", "zero-width", "base64", "script", "remote", "formula", "escape",
         "trailing", "tags"],
)  # fmt: skip
def test_content_that_a_reader_does_not_see_is_found(content: bytes) -> None:
    assert ("hidden", BLOCKING) in found("a.txt", content)


@pytest.mark.parametrize("name", ["a.parquet", "a.pkl", "a.xlsx", "a", "a.csv.gz", "a.npz"])
def test_a_type_that_is_not_allowed_blocks(name: str) -> None:
    assert ("kind", BLOCKING) in found(name, b"a,b\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"\xff\xfe\x00"),
        ("a.json", b"{not json"),
        ("a.json", b"[" * 5000),
        ("a.json", b"[1" + b"0" * 10000 + b"]"),
        ("a.txt", b"\xe6\xf8\xe5"),
    ],
)
def test_content_of_another_form_than_its_name_blocks(name: str, content: bytes) -> None:
    rules = {rule for rule, severity in found(name, content) if severity is BLOCKING}

    assert rules & {"kind", "pseudonyms"}


def test_large_files_are_told_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disclosure.freeform.candidate.TEXT_LIMIT", 100)

    assert ("size", BLOCKING) in found("a.csv", "group,n\n" + rows(50, "a,3"))
    assert found("a.txt", "") == {("size", NOTE)}


@pytest.mark.parametrize(
    "name", [".hidden.csv", "a" * 80 + ".csv", "tab\u202egnp.csv", "x12345.csv"]
)
def test_an_unusual_name_is_noted(name: str) -> None:
    assert ("naming", NOTE) in found(name, "group,n\na,1200\n")


HOSTILE = {
    "digits": b"1",
    "letters": b"a",
    "blanks": b" ",
    "tags": b"![",
    "angles": b"< ",
    "points": b"1.",
    "counts": b"n ",
    "commas": b"n,",
    "lines": b"\n",
    "bars": b"| ",
    "signs": b"=-",
    "hexadecimal": b"a1",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", ["a.csv", "a.md"])
def test_a_hostile_file_costs_no_more_than_its_size(name: str, piece: bytes) -> None:
    content = b"|" + piece * (200_000 // len(piece)) + b"x\n" + b"a\n" * 20_000
    began = time.process_time()
    examine(name, content)

    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "content",
    [
        "{" + ",".join(f'"k{n}":{{"j{n}":1}}' for n in range(20_000)) + "}",
        "[" + ",".join(f'{{"j{n}":1}}' for n in range(20_000)) + "]",
        '{"a":[' + ",".join("1" for _ in range(20_000)) + "],"
        + ",".join(f'"k{n}":[]' for n in range(20_000)) + "}",
    ],
    ids=["objects", "list", "columns"],
)  # fmt: skip
def test_a_tree_that_would_make_a_table_of_the_square_of_its_size_blocks(content: str) -> None:
    began = time.process_time()

    assert ("kind", BLOCKING) in found("a.json", content)
    assert time.process_time() - began < 5
