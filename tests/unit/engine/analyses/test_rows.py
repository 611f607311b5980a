"""Persons as arrays: buckets as one, products in blocks, sums by the levels of categories."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from workbench.engine.analyses.columns import matrix
from workbench.engine.analyses.design import every_column
from workbench.engine.analyses.regression.look import groups
from workbench.engine.analyses.regression.tallies import Tallies
from workbench.engine.analyses.rows import CHUNK, Rows, crossed, turned
from workbench.plan.check import CheckedDimension
from workbench.plan.check.design import CheckedDesign
from workbench.plan.nodes import Category, Design, Number, Term
from workbench.sdk.compile import CELL, PERSON

CHANCE = np.random.default_rng(7)


def bucket(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            PERSON: np.arange(count, dtype=np.uint32),
            CELL: np.zeros(count, dtype=np.int32),
            "y": CHANCE.poisson(2, count) * CHANCE.choice([-1.0, 0.5], count),
            "c:sex": CHANCE.integers(0, 2, count).astype(np.uint8),
            "c:place": CHANCE.integers(0, 4, count).astype(np.uint8) // 2 * 2,
            "n:age": CHANCE.normal(50, 10, count),
        }
    )


def test_the_buckets_of_a_group_are_one_without_persons_and_cells() -> None:
    frames = [bucket(10), bucket(0), bucket(7)]
    rows = Rows.of(frames)

    assert rows.height == 17
    assert PERSON not in rows
    assert CELL not in rows
    np.testing.assert_array_equal(rows["y"], pl.concat(frames)["y"].to_numpy())
    assert rows.estimated_size() == 17 * (8 + 1 + 1 + 8)


def test_chunks_are_everybody_once_and_every_third_is_kept() -> None:
    rows = Rows.of([bucket(2 * CHUNK + 5)])

    assert [one.height for one in rows.chunks()] == [CHUNK, CHUNK, 5]
    np.testing.assert_array_equal(np.concatenate([c["y"] for c in rows.chunks()]), rows["y"])
    np.testing.assert_array_equal(rows.every(3)["n:age"], rows["n:age"][::3])
    assert rows.every(3) is rows.every(3)
    assert rows.every(1) is rows


@pytest.mark.parametrize("count", [0, 1, 1023, 1024, 5000])
@pytest.mark.parametrize("width", [1, 13])
def test_products_in_blocks_are_products(count: int, width: int) -> None:
    x = np.asfortranarray(CHANCE.normal(size=(count, width)))
    y = np.asfortranarray(CHANCE.normal(size=(count, 3)))
    by = CHANCE.normal(size=(width, 2))

    np.testing.assert_allclose(crossed(x, y), x.T @ y, rtol=1e-12, atol=1e-9)
    found = turned(x, by)
    np.testing.assert_allclose(found, x @ by, rtol=1e-12, atol=1e-12)
    assert found.flags.f_contiguous


def design() -> CheckedDesign:
    sex, place, age = Category(variable="sex"), Category(variable="place"), Number(variable="age")
    terms: Any = ((sex,), (place,), (age,), (sex, place), (age, sex), (sex, place, age))
    label = {"en": "axis", "nb": "akse"}
    levels = {"sex": ("F", "M"), "place": ("a", "b", "c", "d")}
    axes = {
        name: CheckedDimension(name, one, missing=False, label=label, labels={})
        for name, one in levels.items()
    }
    return CheckedDesign(Design(terms=tuple(Term(factors=one) for one in terms)), axes, ("age",))


@pytest.mark.parametrize("joint", [True, False])
def test_sums_by_levels_are_those_of_the_columns_made_out(
    joint: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not joint:
        monkeypatch.setattr("workbench.engine.analyses.regression.tallies.JOINT", 1)
    rows = Rows.of([bucket(CHUNK + 400)])
    every, split = every_column(design()), groups(design())
    tallies = Tallies(design(), (*every, *split))
    for chunk in rows.chunks():
        tallies.add(chunk, {"persons": None, "total": chunk["y"]}, np.abs(chunk["y"]))
    x, told = matrix(rows, every), matrix(rows, split)

    np.testing.assert_allclose(tallies.powers(1, every), x.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(tallies.powers(2, every), (x * x).sum(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(tallies.of("persons", split), told.sum(axis=0))
    np.testing.assert_allclose(tallies.of("total", split), rows["y"] @ told, rtol=1e-12)
    sizes = np.sort(told * np.abs(rows["y"])[:, None], axis=0)
    np.testing.assert_array_equal(tallies.top(split), sizes[:-3:-1])
