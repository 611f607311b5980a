"""The place of a value among public levels: the quick ways tell what the way through text tells."""

from typing import Any

import polars as pl
import pytest

from workbench.plan.check import CheckedDimension
from workbench.sdk.compile import place_among

LABEL = {"en": "axis", "nb": "akse"}


def places(kind: Any, levels: tuple[str, ...], values: pl.Series) -> list[int | None]:
    axis = CheckedDimension("axis", levels, missing=True, label=LABEL, labels={}, kind=kind)
    return values.to_frame("axis").select(place_among(pl.col("axis"), axis)).to_series().to_list()


@pytest.mark.parametrize(
    ("kind", "levels", "values"),
    [
        ("boolean", ("false", "true"), pl.Series([True, False, None])),
        ("boolean", ("true", "false"), pl.Series([True, False, None])),
        ("integer", ("0", "1", "2"), pl.Series([2, 0, -1, 3, None, 1 << 62])),
        ("integer", ("-1", "0", "1"), pl.Series([-2, -1, 0, 1, 2, None])),
        ("integer", ("1", "2", "4"), pl.Series([1, 2, 3, 4, None])),
        ("integer", ("3", "2", "1"), pl.Series([1, 2, 3, None])),
        ("integer", ("01", "02"), pl.Series([1, 2, None])),
        ("integer", (), pl.Series([1, None])),
        ("integer", tuple(map(str, range(300))), pl.Series([0, 255, 256, 299, 300])),
    ],
)
def test_numbers_and_yes_or_no_are_placed_as_their_texts_are(
    kind: Any, levels: tuple[str, ...], values: pl.Series
) -> None:
    assert places(kind, levels, values) == places("string", levels, values.cast(pl.String))


def test_a_place_is_that_of_the_level() -> None:
    assert places("integer", ("7", "8", "9"), pl.Series([9, 7, 6, None])) == [2, 0, None, None]
    assert places("boolean", ("false", "true"), pl.Series([False, True, None])) == [0, 1, None]
    assert places("string", ("a", "b"), pl.Series(["b", "c", None])) == [1, None, None]
