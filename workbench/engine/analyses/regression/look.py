"""The first round of a model: who is in it, which categories occur, where its numbers lie.

Everything that the rules need of groups of persons is counted here, before any model is fitted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.design import (
    INTERCEPT,
    Coding,
    ModelColumn,
    Piece,
    coded,
    every_column,
    matrix_of,
)
from workbench.plan.check.design import CheckedDesign

__all__ = [
    "CHUNK",
    "FEW",
    "Chunk",
    "Scaling",
    "chunks",
    "groups",
    "largest_two",
    "look",
    "looked",
    "scaling",
]

Floats = NDArray[np.float64]
CHUNK = 16_384
"""Rows that are worked on at a time: their columns stay near the processor."""
FEW = 3
"""A number with so few different values may be a group in disguise."""


class Chunk:
    """Some rows of a frame, as arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], rows: slice) -> None:
        self._arrays = arrays
        self._rows = rows

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name][self._rows]

    def matrix(self, columns: Sequence[ModelColumn]) -> Floats:
        """See design.matrix."""
        return matrix_of(self._arrays, self._rows, columns)


def chunks(frame: pl.DataFrame) -> Iterator[Chunk]:
    """The frame in slices of CHUNK rows."""
    arrays = {name: frame[name].to_numpy() for name in frame.columns}
    for start in range(0, frame.height, CHUNK):
        yield Chunk(arrays, slice(start, min(start + CHUNK, frame.height)))


def groups(design: CheckedDesign) -> tuple[ModelColumn, ...]:
    """Everybody, each level of each category, and each combination that a term is about."""
    levels = tuple(
        ModelColumn(name, level, (Piece("level", name, at),))
        for name, one in design.categories.items()
        for at, level in enumerate(one.levels)
    )
    known = {one.pieces for one in levels} | {()}
    crossed = [one for one in every_column(design) if one.indicator and one.pieces not in known]
    return (ModelColumn(INTERCEPT, "", ()), *levels, *crossed)


def look(frame: pl.DataFrame, design: CheckedDesign, *, binary: bool) -> Parts:
    """Of one bucket, sums over `every_column` and `groups`.

    y, o (outcome, what is added to η) stand in the frame. "few:…" hold the different values of
    each number while there are at most FEW.
    """
    every, split = every_column(design), groups(design)
    columns = tuple(dict.fromkeys((*every, *split)))
    place = {one: at for at, one in enumerate(columns)}
    wide, narrow = [place[one] for one in every], [place[one] for one in split]
    sums, squares = np.zeros((5, len(columns))), np.zeros(len(every))
    top, totals, least = np.zeros((2, len(split))), np.zeros(3), np.inf
    for chunk in chunks(frame):
        x, y = chunk.matrix(columns), chunk["y"]
        told = [np.ones_like(y), y > 0]
        if not binary:
            told += [y, y * y, y != 0]
            top = largest_two(top, x[:, narrow] * np.abs(y)[:, None])
        sums[: len(told)] += np.stack(told) @ x
        squares += np.einsum("ij,ij->j", x[:, wide], x[:, wide])
        totals += [y.sum(), np.exp(chunk["o"]).sum(), y.size]
        least = min(least, y.min())
    if binary:
        sums[2:] = sums[1]
    counts = np.rint(sums[:, narrow]).astype(np.int64)
    found: dict[str, NDArray[Any]] = {
        "sum:columns": np.stack([sums[0, wide], squares]),
        "sum:outcome": totals,
        "sum:persons": counts[0],
        "sum:events": counts[1],
        "sum:contributors": counts[4],
        "sum:moments": sums[2:4, narrow].T,
        "top:outcome": top,
        "least:outcome": np.array([least]),
    }
    for name in design.numbers:
        value, count, many = _few(frame[f"n:{name}"].to_numpy())
        found |= {f"few:{name}": np.stack([value, count]), f"many:{name}": np.array([many])}
    return found


def largest_two(known: Floats, more: Floats) -> Floats:
    """The two largest of each column of both, (2, columns), the largest first."""
    if len(more) > 2:
        more = np.partition(more, len(more) - 2, axis=0)[-2:]
    both = np.sort(np.concatenate([known, more]), axis=0)
    return both[:-3:-1]


def _few(value: Floats) -> tuple[Floats, Floats, bool]:
    values, counts = np.full(FEW, np.nan), np.zeros(FEW)
    for at in range(FEW):
        if not value.size:
            break
        same = value == value[0]
        values[at], counts[at] = value[0], np.count_nonzero(same)
        value = value[~same]
    return values, counts, bool(value.size)


def looked(parts: Sequence[Parts]) -> dict[str, NDArray[Any]]:
    """The different values of each number in all buckets: "few:…" and "many:…"."""
    found: dict[str, NDArray[Any]] = {}
    names = [name.partition(":")[2] for name in parts[0] if name.startswith("few:")]
    for name in names:
        stacked = np.concatenate([one[f"few:{name}"] for one in parts], axis=1)
        stacked = stacked[:, stacked[1] > 0]
        values, place = np.unique(stacked[0], return_inverse=True)
        counts = np.bincount(place, weights=stacked[1], minlength=values.size)
        many = values.size > FEW or any(one[f"many:{name}"][0] for one in parts)
        found[f"few:{name}"] = np.zeros((2, 0)) if many else np.stack([values, counts])
        found[f"many:{name}"] = np.array([many])
    return found


@dataclass(frozen=True)
class Scaling:
    """A model's columns, and what takes its numbers to mean 0 and variance 1 while it is fitted.

    centre, scale: (p,), 0 and 1 of 0/1 columns. The centre is 0 without an intercept.
    """

    coding: Coding
    centre: Floats
    scale: Floats

    def columns(self, chunk: Chunk) -> Floats:
        """(rows, p), scaled."""
        x = chunk.matrix(self.coding.columns)
        for at in np.flatnonzero(self.scale != 1.0):
            x[:, at] -= self.centre[at]
            x[:, at] *= 1.0 / self.scale[at]
        return x

    @property
    def unscaled(self) -> Floats:
        """(p, p): takes coefficients of the scaled columns to those of the columns themselves."""
        back = np.diag(1.0 / self.scale)
        if self.centre.any():
            back[0] -= self.centre / self.scale
        return back


def scaling(design: CheckedDesign, seen: Mapping[str, Any]) -> Scaling | str:
    """From the sums of all buckets; the name of a number that does not vary. Raises as `coded`."""
    persons = dict(zip((one.pieces for one in groups(design)), seen["persons"], strict=True))
    levels = {
        name: [persons[Piece("level", name, at),] for at in range(len(one.levels))]
        for name, one in design.categories.items()
    }
    ones, squares = (np.array(seen["columns"][at]) for at in (0, 1))
    coding = coded(design, levels, ones.tolist())
    places = list(coding.places)
    n = float(seen["persons"][0])
    mean, square = ones[places] / n, squares[places] / n
    constant = np.array([not one.pieces for one in coding.columns], dtype=bool)
    flag = np.array([one.indicator for one in coding.columns], dtype=bool)
    spread = square - (mean**2 if design.node.intercept else 0.0)
    flat = np.flatnonzero(~constant & (spread <= 1e-13 * square))
    if flat.size:
        return coding.columns[int(flat[0])].name
    centre = np.where(flag | (not design.node.intercept), 0.0, mean)
    scale = np.where(flag, 1.0, np.sqrt(np.where(flag, 1.0, spread)))
    return Scaling(coding, centre, scale)


def merged_sums(parts: Sequence[Parts]) -> dict[str, NDArray[Any]]:
    """Arrays of all buckets by the prefix of their names: sum, top (two largest), least, most."""
    found: dict[str, NDArray[Any]] = {}
    for name in parts[0]:
        arrays = [one[name] for one in parts]
        kind = name.partition(":")[0]
        if kind == "sum":
            found[name] = np.sum(arrays, axis=0)
        elif kind == "top":
            found[name] = np.sort(np.concatenate(arrays), axis=0)[:-3:-1]
        elif kind == "least":
            found[name] = np.min(arrays, axis=0)
        elif kind == "most":
            found[name] = np.max(arrays, axis=0)
    return found
