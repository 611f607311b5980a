"""Defects put into clean files one by one: each found by rule and row, and nothing else said."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.lib.extracts import a_contract, checked, clean, found, numbers, put, text

ROWS = 120
TODAY = date(2024, 1, 1)
Defect = Callable[[pl.DataFrame], pl.DataFrame | bytes]
REAL = numbers(1, month=0)[0]
OTHER = numbers(400, seed=99)[-1]


def cell(row: int, header: str, value: str) -> Defect:
    return lambda frame: put(frame, row, header, value)


def same_key(frame: pl.DataFrame) -> pl.DataFrame:
    day = frame["arrived"][40]
    return put(put(frame, 42, "fnr", frame["fnr"][40]), 42, "arrived", day).pipe(
        put, 42, "left", ""
    )


def wrong_digit(frame: pl.DataFrame) -> pl.DataFrame:
    number = frame["fnr"][9]
    return put(frame, 10, "fnr", number[:10] + str((int(number[10]) + 1) % 10))


def latin(frame: pl.DataFrame) -> bytes:
    return text(put(frame, 77, "note", "blåbær")).decode().encode("latin-1")


def one_field_more(frame: pl.DataFrame) -> bytes:
    lines = text(frame).split(b"\n")
    lines[33] += b";"
    return b"\n".join(lines)


def one_field_less(frame: pl.DataFrame) -> bytes:
    lines = text(frame).split(b"\n")
    lines[51] = lines[51].rsplit(b";", 1)[0]
    return b"\n".join(lines)


DEFECTS: dict[str, tuple[Defect, str, tuple[int, ...]]] = {
    "a letter in a number": (cell(3, "weight", "7o,5"), "wrong_type", (3,)),
    "a decimal point": (cell(4, "weight", "70.5"), "wrong_type", (4,)),
    "a fraction for a whole number": (cell(5, "height", "170,5"), "wrong_type", (5,)),
    "not a number": (cell(6, "weight", "NaN"), "wrong_type", (6,)),
    "infinity": (cell(6, "weight", "inf"), "wrong_type", (6,)),
    "more than 64 bits": (cell(7, "height", "9" * 20), "wrong_type", (7,)),
    "a date in another order": (cell(8, "arrived", "01.02.2012"), "wrong_type", (8,)),
    "the 30th of February": (cell(9, "arrived", "2012-02-30"), "wrong_type", (9,)),
    "neither true nor false": (cell(11, "smoker", "kanskje"), "wrong_type", (11,)),
    "a missing value": (cell(12, "Kjønn", ""), "missing_value", (12,)),
    "an unknown code": (cell(13, "Kjønn", "Q"), "unknown_code", (13,)),
    "a code in lower case": (cell(14, "Kjønn", "k"), "unknown_code", (14,)),
    "a code from another time": (cell(15, "ward", "old"), "code_not_valid_then", (15,)),
    "too light": (cell(16, "weight", "0,5"), "below_minimum", (16,)),
    "too heavy": (cell(17, "weight", "140,1"), "above_maximum", (17,)),
    "a broken row rule": (cell(18, "height", "20"), "broken_rule", (18,)),
    "no start": (cell(19, "arrived", ""), "missing_start", (19,)),
    "a stop before the start": (cell(20, "left", "2001-01-01"), "stop_before_start", (20,)),
    "before the registry": (cell(21, "arrived", "1999-12-31"), "outside_validity", (21,)),
    "in the future": (cell(22, "left", "2024-01-02"), "in_the_future", (22,)),
    "a repeated key": (same_key, "duplicate_key", (41, 42)),
    "no identifier": (cell(24, "fnr", ""), "id_missing", (24,)),
    "a lost leading zero": (cell(25, "fnr", "1234567890"), "id_length", (25,)),
    "letters in an identifier": (cell(26, "fnr", "0102031234x"), "id_length", (26,)),
    "a wrong check digit": (wrong_digit, "id_checksum", (10,)),
    "no date in an identifier": (cell(27, "fnr", "45139912345"), "id_date", (27,)),
    "a real number in a demo": (cell(28, "fnr", REAL), "id_real", (28,)),
    "a class that is not accepted": (
        cell(29, "fnr", numbers(1, month=80, day=40)[0]),
        "id_class",
        (29,),
    ),
    "an identifier in free text": (cell(30, "note", f"se {OTHER}."), "hidden_identifier", (30,)),
    "an identifier split in two": (
        cell(31, "note", f"barn:{OTHER[:6]} {OTHER[6:]}"),
        "hidden_identifier",
        (31,),
    ),
    "an identifier for a height": (cell(32, "height", OTHER), "hidden_identifier", (32,)),
    "another encoding": (latin, "wrong_encoding", (77,)),
    "one field more": (one_field_more, "ragged_rows", (33,)),
    "one field less": (one_field_less, "ragged_rows", (51,)),
}
ONLY_FNR = {"identifier": [{"name": "person", "column": "fnr", "idType": ["FNR"]}]}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_seeded_defect_is_found_by_rule_and_row_and_nothing_else(
    name: str, tmp_path: Path
) -> None:
    defect, rule, rows = DEFECTS[name]
    report = checked(tmp_path, defect(clean(ROWS)), a_contract(**ONLY_FNR), today=TODAY)

    assert found(report, rule).rows == rows
    # A date that cannot be read is also no start.
    allowed = {rule} | ({"missing_start"} if rule == "wrong_type" else set())
    assert {item.rule for item in report.findings} <= allowed
    assert report.verdict == ("stop" if found(report, rule).severity == "stop" else "warn")


@pytest.mark.parametrize("seed", range(20))
def test_twenty_clean_files_raise_no_alarm(seed: int, tmp_path: Path) -> None:
    report = checked(tmp_path, clean(200, seed=seed), today=TODAY)
    assert report.findings == ()


def test_wrong_columns_are_told_by_the_contracts_names_and_by_position(tmp_path: Path) -> None:
    frame = clean(10).rename({"weight": "vekt", "ward": OTHER})
    report = checked(tmp_path, frame)

    missing = [item.column for item in report.findings if item.rule == "missing_column"]
    assert missing == ["ward", "weight"]
    assert found(report, "unexpected_columns").detail == "5, 6"
    assert OTHER not in report.render("en")
    assert report.verdict == "stop"


def test_columns_in_another_order_are_no_defect(tmp_path: Path) -> None:
    frame = clean(30)
    assert checked(tmp_path, frame.select(reversed(frame.columns))).verdict == "pass"


def test_a_repeated_column_is_told(tmp_path: Path) -> None:
    content = text(clean(5)).replace(b";note\n", b";ward\n", 1)
    report = checked(tmp_path, content)
    assert found(report, "repeated_columns").detail == "9"


def test_a_column_that_repeats_the_local_id_is_told(tmp_path: Path) -> None:
    contract = a_contract(
        identifier=[{"name": "person", "column": "fnr", "idType": ["LOCAL"]}],
        dataset={"primaryKey": []},
    )
    ids = [f"P{place:03d}" for place in range(60)]
    frame = clean(60, ids=ids).with_columns(pl.Series("note", ids))
    finding = found(checked(tmp_path, frame, contract), "identifier_copied")
    assert (finding.column, finding.severity, finding.count) == ("note", "stop", 60)


def test_national_numbers_may_not_pass_as_local_ids(tmp_path: Path) -> None:
    contract = a_contract(identifier=[{"name": "person", "column": "fnr", "idType": ["LOCAL"]}])
    for month in (0, 80):
        frame = clean(50, ids=numbers(50, month=month))
        report = checked(tmp_path, frame, contract)
        assert found(report, "id_national").severity == "stop"


def test_long_numbers_that_are_no_identifiers_raise_no_alarm(tmp_path: Path) -> None:
    frame = clean(2000)
    accounts = [str(10_000_000_000 + place * 7_919_317) for place in range(2000)]
    frame = frame.with_columns(pl.Series("note", accounts))
    assert checked(tmp_path, frame, today=TODAY).verdict == "pass"
