"""The layout of CSV bytes, against Python's own csv module."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pseudonym.extract.layout as module
from pseudonym.extract.layout import lay_out

CELLS = st.text(alphabet='ab;"\n æ', max_size=4)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from([1, 3, 1 << 20]),
)
def test_records_and_fields_are_counted_as_a_csv_reader_counts(
    rows: list[list[str]], block: int
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    before = module._BLOCK
    module._BLOCK = block
    try:
        found = lay_out(buffer.getvalue().encode(), ";")
    finally:
        module._BLOCK = before

    assert found.rows == len(rows) - 1
    assert found.fields == len(rows[0])
    wrong = [place for place, row in enumerate(rows) if len(row) != len(rows[0])]
    assert found.ragged.to_list() == wrong
    assert not found.open_quote


@pytest.mark.parametrize(
    ("content", "open_quote", "short_end"),
    [
        (b"a;b\n1;2\n", False, False),
        (b"a;b\n1;2", False, False),
        (b"a;b\n1;2\n3", False, True),
        (b'a;b\n1;"2', True, False),
        (b"", False, False),
    ],
)
def test_a_file_cut_short_is_noticed(content: bytes, open_quote: bool, short_end: bool) -> None:
    found = lay_out(content, ";")
    assert (found.open_quote, found.short_end) == (open_quote, short_end)
