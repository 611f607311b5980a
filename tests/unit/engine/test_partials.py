"""Partials of buckets add up to the whole, whatever the buckets."""

import numpy as np
import polars as pl
import pytest

from workbench.domain.errors import Fault
from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.moments import merged, moments, rarest
from workbench.engine.placed import Placed, placed_of, together
from workbench.sdk.compile import CELL, PERSON

CELLS = 5


def people(seed: int, count: int, *, values: int = 40) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            PERSON: np.arange(count, dtype=np.uint32),
            CELL: chance.integers(0, CELLS - 1, count).astype(np.int32),
            "x": chance.integers(-values, values, count) / 4,
        }
    )


def dealt(frame: pl.DataFrame, buckets: int) -> tuple[Placed, Parts]:
    placed, parts = [], []
    for bucket in range(buckets):
        own = frame.filter(pl.col(PERSON) % buckets == bucket)
        dense = own.with_columns((pl.col(PERSON) // buckets).cast(pl.UInt32))
        placed.append(placed_of(dense, frame.height // buckets + 1, CELLS))
        parts.append(moments(dense["x"].to_numpy(), dense[CELL].to_numpy(), CELLS))
    return together(placed), merged(parts)


@pytest.mark.parametrize("buckets", [1, 2, 7])
@pytest.mark.parametrize("values", [1, 2, 40])
def test_buckets_add_up_to_brute_force(buckets: int, values: int) -> None:
    frame = people(buckets, 300, values=values)
    placed, whole = dealt(frame, buckets)
    for cell in range(CELLS):
        held = frame.filter(pl.col(CELL) == cell)["x"].to_list()
        top = [*sorted((abs(one) for one in held), reverse=True), 0.0, 0.0]
        counts = [held.count(one) for one in set(held)]
        assert placed.n[cell] == len(held)
        assert whole["total"][cell] == sum(held)
        assert whole["total_sq"][cell] == sum(one * one for one in held)
        assert (whole["largest"][cell], whole["second"][cell]) == (top[0], top[1])
        assert whole["contributors"][cell] == sum(one != 0 for one in held)
        assert rarest(whole)[cell] == (min(counts) if 0 < len(counts) <= 3 else 0)


def test_the_vector_says_where_each_person_is() -> None:
    frame = pl.DataFrame({PERSON: [2, 0], CELL: [1, 3]}).cast({PERSON: pl.UInt32, CELL: pl.Int32})

    assert placed_of(frame, 4, CELLS).vector.tolist() == [3, CELLS, 1, CELLS]


@pytest.mark.parametrize(
    ("person", "cell"),
    [
        ([0, 0], [1, 1]),
        ([9, 0], [1, 1]),
        ([0, 1], [1, CELLS]),
        ([0, 1], [1, -1]),
        ([0, 1], [1, None]),
    ],
)
def test_a_frame_that_is_not_one_row_a_person_is_a_fault(
    person: list[int], cell: list[int | None]
) -> None:
    frame = pl.DataFrame({PERSON: person, CELL: cell}).cast({PERSON: pl.UInt32, CELL: pl.Int32})

    with pytest.raises(Fault):
        placed_of(frame, 4, CELLS)
