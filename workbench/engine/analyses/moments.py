"""Sums, squares and largest values of a number in each cell, and how they add up over buckets."""

from collections.abc import Sequence
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.rules.dominance import Contributions
from workbench.engine.analyses.computation import Parts, summed
from workbench.engine.analyses.tallies import tallied

__all__ = ["contributions_of", "merged", "moments", "rarest", "rounded_sum"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEW = 3
"""A variable with so few values in a cell may be a flag in disguise."""


def moments(value: Floats, cell: NDArray[np.int32], cells: int) -> Parts:
    """Of one bucket, arrays over the cells: Σx, Σx², the two largest |x| (float64, 0 without).

    contributors: int64, persons whose value is not zero. value_cell, value, value_count: how often
    each value occurs, kept only where a cell has few of them; many: cells that have more.
    """
    largest, second = np.zeros(cells), np.zeros(cells)
    size = np.abs(value)
    np.maximum.at(largest, cell, size)
    # Leave out one holder of the largest value in each cell; ties then show as second = largest.
    holder = np.full(cells, -1, dtype=np.int64)
    at_top = np.flatnonzero(size == largest[cell])
    holder[cell[at_top]] = at_top
    others = np.ones(value.size, dtype=bool)
    others[holder[holder >= 0]] = False
    np.maximum.at(second, cell[others], size[others])
    values, many = _few_of_rows(cell, value, cells)
    return {
        "total": np.bincount(cell, weights=value, minlength=cells).astype(np.float64),
        "total_sq": np.bincount(cell, weights=value * value, minlength=cells).astype(np.float64),
        "largest": largest,
        "second": second,
        "contributors": np.bincount(cell[value != 0], minlength=cells).astype(np.int64),
        "many": many,
        **values,
    }


def merged(parts: Sequence[Parts]) -> Parts:
    """All buckets together; sums are correctly rounded, whatever the buckets."""
    two = np.sort(np.stack([v for one in parts for v in (one["largest"], one["second"])]), axis=0)
    values, many = _few(
        np.concatenate([one["value_cell"] for one in parts]),
        np.concatenate([one["value"] for one in parts]),
        np.concatenate([one["value_count"] for one in parts]),
        np.logical_or.reduce([one["many"] for one in parts]),
    )
    return {
        "total": rounded_sum([one["total"] for one in parts]),
        "total_sq": rounded_sum([one["total_sq"] for one in parts]),
        "largest": two[-1],
        "second": two[-2],
        "contributors": summed(parts, "contributors"),
        "many": many,
        **values,
    }


def rarest(parts: Parts) -> Ints:
    """Persons that hold the rarest value of a cell; 0 where it has many values or none."""
    many = parts["many"]
    least = np.full(many.size, np.iinfo(np.int64).max)
    np.minimum.at(least, parts["value_cell"], parts["value_count"])
    least[many | (least == np.iinfo(np.int64).max)] = 0
    return least


def contributions_of(n: Ints, *several: Parts) -> Contributions:
    """What the rules need of several numbers: (numbers, cells); n: persons in each cell."""
    total, total_sq, largest, second, contributors = (
        np.stack([one[name] for one in several])
        for name in ("total", "total_sq", "largest", "second", "contributors")
    )
    whole = np.broadcast_to(n, total.shape)
    rare = np.stack([rarest(one) for one in several])
    return Contributions(whole, total, total_sq, largest, second, contributors, rare)


def rounded_sum(parts: Sequence[NDArray[Any]]) -> Floats:
    """The sum of arrays of one shape, each entry correctly rounded (Shewchuk), hence exact to
    merge: the same for any division into buckets whose own sums are exact."""
    stacked = np.stack(parts)
    flat = stacked.reshape(len(parts), -1).T.tolist()
    return np.array([fsum(one) for one in flat], dtype=np.float64).reshape(stacked.shape[1:])


def _few_of_rows(
    cell: NDArray[np.int32], value: Floats, cells: int
) -> tuple[Parts, NDArray[np.bool_]]:
    """As `_few`, from one row a person and without sorting: one value of each cell at a time."""
    found: list[tuple[Ints, Floats, Ints]] = []
    for _ in range(FEW):
        one = np.zeros(cells)
        one[cell] = value
        same = value == one[cell]
        count = np.bincount(cell[same], minlength=cells).astype(np.int64)
        some = np.flatnonzero(count)
        found.append((some, one[some], count[some]))
        cell, value = cell[~same], value[~same]
    many = np.zeros(cells, dtype=bool)
    many[cell] = True
    held, values, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _few(held, values, counts, many)


def _few(
    cell: Ints, value: Floats, count: Ints, many: NDArray[np.bool_]
) -> tuple[Parts, NDArray[np.bool_]]:
    """Counts by (cell, value), for the cells that have at most FEW values; and the others."""
    cell, value, count = tallied(cell, value, count)
    many = many | (np.bincount(cell, minlength=many.size) > FEW)
    kept = ~many[cell]
    values = {"value_cell": cell[kept], "value": value[kept], "value_count": count[kept]}
    return values, many
