"""Parquet is read by plain Python, cell for cell as its writers meant it, and released as CSV."""

import contextlib
import io
import os
import zlib
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.findings import Severity
from disclosure.freeform import examine
from disclosure.freeform.parquet import UNPACKED, Unread, read_parquet

ROWS = 400
TABLE = pl.DataFrame(
    {
        "group": ["women", "men", None, "æøå"] * (ROWS // 4),
        "n": [1, None, -3, 2**40] * (ROWS // 4),
        "mean": [1.5, 2.25, None, 1e-3] * (ROWS // 4),
        "yes": [True, False, None, True] * (ROWS // 4),
        "day": [date(2020, 1, one % 28 + 1) for one in range(ROWS)],
        "time": [datetime.fromisoformat(f"2020-01-01T12:{one % 60:02d}") for one in range(ROWS)],
    }
)


def written(frame: pl.DataFrame, compression: str = "snappy", **options: int) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, compression=compression, **options)  # type: ignore[arg-type]  # names
    return out.getvalue()


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


@pytest.mark.parametrize("compression", ["uncompressed", "snappy", "gzip"])
@pytest.mark.parametrize("options", [{}, {"data_page_size": 300}, {"row_group_size": 90}])
def test_cells_are_read_as_polars_wrote_them(compression: str, options: dict[str, int]) -> None:
    header, rows = read_parquet(written(TABLE, compression, **options))

    assert header == TABLE.columns
    assert rows == [[as_text(one) for one in row] for row in TABLE.iter_rows()]


def test_cells_are_read_as_duckdb_wrote_them(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.sql(
        "copy (select i as a, i * 1.5 as b, 'x' || (i % 7) as c, i % 2 = 0 as d, "
        "date '2020-02-01' + i::int as e from range(1000) t(i)) "
        f"to '{path}' (format parquet, compression snappy)"
    )

    header, rows = read_parquet(path.read_bytes())

    assert header == ["a", "b", "c", "d", "e"]
    assert rows[3] == ["3", "4.5", "x3", "false", "2020-02-04"]
    assert len(rows) == 1000


def test_a_table_is_released_as_csv_and_checked_as_such() -> None:
    small = pl.DataFrame({"group": ["women", "men"], "n": [3, 1200]})

    made = examine("table.parquet", written(small))
    rules = {(one.rule, one.severity) for one in made.findings}

    assert made.name == "table.parquet.csv"
    assert made.content == b"group,n\nwomen,3\nmen,1200\n"
    assert ("freeform.small_counts", Severity.BLOCKING) in rules


def test_hidden_metadata_does_not_come_along() -> None:
    small = pl.DataFrame({"group": ["women", "men"], "n": [1100, 1200]})
    out = io.BytesIO()
    small.write_parquet(out, compression="snappy", metadata={"secret": "13897248098"})
    assert b"13897248098" in out.getvalue()

    assert b"13897248098" not in examine("a.parquet", out.getvalue()).content


@pytest.mark.parametrize(
    ("frame", "compression", "why"),
    [
        (TABLE, "zstd", "codec"),
        (TABLE, "lz4", "codec"),
        (pl.DataFrame({"a": [[1, 2]]}), "snappy", "nested"),
        (pl.DataFrame({"a": [{"b": 1}]}), "snappy", "nested"),
        (pl.DataFrame({"a": range(300_000)}), "snappy", "large"),
    ],
)
def test_what_is_not_read_is_said_and_blocks(
    frame: pl.DataFrame, compression: str, why: str
) -> None:
    content = written(frame, compression)
    with pytest.raises(Unread) as unread:
        read_parquet(content)

    assert unread.value.why == why
    made = examine("a.parquet", content[: 1 << 20])
    assert ("freeform.parquet", Severity.BLOCKING) in {(f.rule, f.severity) for f in made.findings}


def test_a_bomb_is_not_unpacked() -> None:
    """A million times the same letter packs into a kilobyte, many times over."""
    frame = pl.DataFrame({f"c{one}": ["a" * 600_000] for one in range(200)})
    content = written(frame, "gzip", statistics=False)
    assert 200 * 600_000 > UNPACKED > len(content)

    with pytest.raises(Unread, match="large"):
        read_parquet(content)


def test_a_gzip_page_larger_than_it_says_is_refused() -> None:
    from disclosure.freeform.parquet.pages import unpacked

    packer = zlib.compressobj(wbits=31)
    data = packer.compress(b"a" * 10_000_000) + packer.flush()

    with pytest.raises(ValueError, match="another size"):
        unpacked(data, 2, 100)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(0, 255), st.sampled_from(["snappy", "gzip"]))
def test_no_changed_byte_brings_the_reader_down(place: int, value: int, compression: str) -> None:
    content = bytearray(written(TABLE.head(40), compression))
    content[place % len(content)] = value
    with contextlib.suppress(Unread):
        read_parquet(bytes(content))


@pytest.mark.parametrize("length", [0, 4, 11, 12, 100])
def test_cut_or_random_bytes_are_no_table(length: int) -> None:
    for content in (written(TABLE)[:length], b"PAR1" + os.urandom(length) + b"PAR1"):
        with pytest.raises(Unread):
            read_parquet(content)
