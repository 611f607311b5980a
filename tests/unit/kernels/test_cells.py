"""A notebook as one text, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.cells import Cell, exists, joined, parted

code = st.text(alphabet="ab \n#%", max_size=40)


@given(st.lists(code, min_size=1, max_size=8))
def test_what_was_joined_parts_into_the_same_cells(cells: list[str]) -> None:
    assert [cell.code for cell in parted(joined(cells))] == cells
    assert [cell.number for cell in parted(joined(cells))] == list(range(1, len(cells) + 1))


@pytest.mark.parametrize("text", ["", "x = 1\n# %% cell 1", "# %%\nx", "# %% cell 2\nx"])
def test_a_text_that_does_not_begin_with_the_first_mark_is_one_script(text: str) -> None:
    assert parted(text) == [Cell(None, text)]


def test_a_mark_out_of_turn_is_a_comment() -> None:
    assert parted("# %% cell 1\n# %% cell 3\nx\n# %% cell 2") == [
        Cell(1, "# %% cell 3\nx"),
        Cell(2, ""),
    ]


@given(st.lists(code, min_size=1, max_size=8))
def test_there_are_not_more_places_than_lines(cells: list[str]) -> None:
    text = joined(cells)
    numbers = [None, *range(len(cells) + 2)]
    places = [(n, line) for n in numbers for line in range(60) if exists(text, n, line)]
    assert len(places) <= text.count("\n") + 1
