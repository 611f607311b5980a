"""Reading owners' files: delimiters, encodings, quotes, Parquet, and what is none of them."""

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pseudonym.contract.columns import typed
from pseudonym.contract.model import ExtractFile
from pseudonym.errors import Refusal
from pseudonym.extract.checking import check_extract, examine
from pseudonym.extract.reading import read
from tests.lib.extracts import a_contract, checked, clean, found, numbers, text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "windows-1252"])
def test_any_agreed_delimiter_and_encoding_is_read_the_same(
    delimiter: str, encoding: str, tmp_path: Path
) -> None:
    frame = clean(20).with_columns(note=pl.lit('blåbær; "syltetøy",\tog |\nis'))
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    contract = a_contract(file={"delimiter": delimiter, "encoding": name})
    (tmp_path / "x").write_bytes(text(frame, delimiter).decode().encode(encoding))
    done = examine(tmp_path / "x", contract, "demo")

    assert done.report.verdict == "pass"
    assert done.content is not None
    assert done.content["note"].to_list() == frame["note"].to_list()
    assert done.content["_row"].to_list() == list(range(1, 21))


@pytest.mark.parametrize(
    ("actual", "agreed"),
    [("latin-1", "utf-8"), ("utf-8", "latin-1"), ("utf-16", "utf-8"), ("utf-8-sig", "latin-1")],
)
def test_another_encoding_than_agreed_is_told(actual: str, agreed: str, tmp_path: Path) -> None:
    frame = clean(5).with_columns(note=pl.Series(["a", "b", "å", "d", "e"]))
    frame = frame.rename({"Kjønn": "sex"})
    contract = a_contract(file={"encoding": agreed})
    report = checked(tmp_path, text(frame).decode().encode(actual), contract)

    finding = found(report, "wrong_encoding")
    assert finding.severity == "stop"
    if actual != "utf-16":
        assert finding.rows == (3,)


def test_windows_punctuation_in_a_latin_1_file_is_told(tmp_path: Path) -> None:
    frame = clean(3).with_columns(note=pl.Series(["–", "a", "b"]))
    body = text(frame).decode().encode("cp1252")
    latin = checked(tmp_path, body, a_contract(file={"encoding": "latin-1"}))
    windows = checked(tmp_path, body, a_contract(file={"encoding": "windows-1252"}))
    assert found(latin, "wrong_encoding").severity == "stop"
    assert windows.verdict == "pass"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty_file"),
        (b"\n\n \n", "empty_file"),
        (text(clean(1)).split(b"\n")[0] + b"\n", "no_rows"),
        (text(clean(50))[:-30], "cut_off"),
        (text(clean(3))[:-1] + b'"', "cut_off"),
        (b"PAR1" + bytes(40) + b"PAR1", "unreadable_file"),
    ],
)
def test_what_is_no_whole_table_is_told(content: bytes, rule: str, tmp_path: Path) -> None:
    report = checked(tmp_path, content)
    assert found(report, rule).severity == "stop"


def test_every_truncation_is_told_unless_it_falls_between_two_rows(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    clean(2).write_csv(buffer, separator=";", quote_style="always")
    whole = buffer.getvalue()
    for length in range(len(whole)):
        report = checked(tmp_path, whole[:length])
        # Cut between two rows, nothing is missing that a file could know of.
        between = whole[:length].endswith(b"\n") and whole[:length].count(b"\n") > 1
        assert (report.verdict == "pass") == between, length


def test_blank_lines_at_the_end_and_crlf_are_no_rows(tmp_path: Path) -> None:
    content = text(clean(5)).replace(b"\n", b"\r\n") + b"\r\n\r\n"
    report = checked(tmp_path, content)
    assert (report.verdict, report.rows) == ("pass", 5)


def test_a_file_that_is_not_there_is_refused_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        check_extract(tmp_path / "gone.csv", a_contract(), "demo")
    assert refused.value.code == "no_file"
    assert str(tmp_path) not in str(refused.value)


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def typed_frame() -> pl.DataFrame:
    ids = numbers(200, seed=8)
    ids = [number for number in ids if number.startswith("0")][:2] + ids[:1]
    return pl.DataFrame(
        {
            "fnr": [int(number) for number in ids],
            "arrived": pl.Series([date(2012, 1, 1), date(2013, 1, 1), date(2014, 1, 1)]).cast(
                pl.Datetime
            ),
            "left": [None, date(2013, 1, 2), None],
            "Kjønn": pl.Series(["K", "M", "K"], dtype=pl.Categorical),
            "ward": pl.Series([None, None, None], dtype=pl.Null),
            "weight": pl.Series([70.5, float("nan"), 999.0]),
            "height": [170.0, None, 180.0],
            "smoker": [True, None, False],
            "note": ["a", None, "b"],
        }
    )


PARQUET = {"file": {"format": "parquet"}, "dataset": {"primaryKey": []}}


def test_parquet_is_read_by_its_own_types(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(parquet(typed_frame()))
    done = examine(tmp_path / "x", a_contract(**PARQUET), "demo")

    assert done.report.verdict == "pass"
    assert done.identity is not None
    assert done.content is not None
    # A number cannot hold the leading zero that a national id begins with.
    assert done.identity["person"].str.len_bytes().to_list() == [11, 11, 11]
    assert done.content["weight"].to_list() == [70.5, None, None]
    assert done.content["height"].to_list() == [170, None, 180]
    assert done.content["arrived"].dtype == pl.Date


def test_parquet_values_and_types_that_do_not_fit_are_told(tmp_path: Path) -> None:
    frame = typed_frame().with_columns(
        height=pl.Series([170.5, None, 180.0]), note=pl.Series([[1], [2], [3]])
    )
    report = checked(tmp_path, parquet(frame), a_contract(**PARQUET))
    assert found(report, "wrong_type").rows == (1,)
    assert found(report, "wrong_column_type").column == "note"


def test_a_truncated_parquet_file_is_told_at_every_length(tmp_path: Path) -> None:
    whole = parquet(typed_frame())
    for length in range(1, len(whole), 97):
        report = checked(tmp_path, whole[:length], a_contract(**PARQUET))
        assert report.verdict == "stop"
        assert report.findings[0].rule == "unreadable_file"


def test_csv_for_parquet_and_the_reverse_are_told(tmp_path: Path) -> None:
    for content, contract in (
        (text(clean(3)), a_contract(**PARQUET)),
        (parquet(typed_frame()), a_contract()),
    ):
        assert found(checked(tmp_path, content, contract), "unreadable_file").severity == "stop"


def test_whole_numbers_written_as_fractions_are_whole_numbers() -> None:
    contract = a_contract(file={"decimal": "."})
    reading = read(b"height;x\n170.0;\n180;\n1.;\n", ExtractFile(delimiter=";"))
    assert reading.frame is not None
    assert typed(reading.frame, contract).frame["height"].to_list() == [170, 180, 1]
