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
    matrix,
)
from workbench.engine.analyses.moments import rounded_sum
from workbench.plan.check.design import CheckedDesign

__all__ = ["CHUNK", "FEW", "Scaling", "chunks", "groups", "look", "looked", "scaling"]

Floats = NDArray[np.float64]
CHUNK = 16_384
"""Rows that are worked on at a time: their columns stay in the processor's cache."""
FEW = 3
"""A number with so few different values may be a group in disguise."""


def chunks(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The frame in slices of CHUNK rows."""
    yield from frame.iter_slices(CHUNK)


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
    outcome, added = frame["y"].to_numpy(), frame["o"].to_numpy()
    sums = np.zeros((3, len(every)))
    for chunk in chunks(frame):
        x = matrix(chunk, every)
        y = chunk["y"].to_numpy()
        sums += np.stack([x.sum(axis=0), (x * x).sum(axis=0), (y > 0) @ x])
    counted = [_group(frame, one, outcome, binary=binary) for one in split]
    found: dict[str, NDArray[Any]] = {
        "sum:columns": sums,
        "sum:outcome": np.array([outcome.sum(), np.exp(added).sum(), float(outcome.size)]),
        "sum:persons": np.array([one[0] for one in counted], dtype=np.int64),
        "sum:events": np.array([one[1] for one in counted], dtype=np.int64),
        "sum:contributors": np.array([one[2] for one in counted], dtype=np.int64),
        "sum:moments": np.array([one[3] for one in counted]),
        "top:outcome": np.array([one[4] for one in counted]).T,
        "least:outcome": np.array([outcome.min() if outcome.size else np.inf]),
    }
    for name in design.numbers:
        value, count, many = _few(frame[f"n:{name}"].to_numpy())
        found |= {f"few:{name}": np.stack([value, count]), f"many:{name}": np.array([many])}
    return found


def _group(
    frame: pl.DataFrame, one: ModelColumn, outcome: Floats, *, binary: bool
) -> tuple[int, int, int, tuple[float, float], tuple[float, float]]:
    """Persons, events, contributors, (Σy, Σy²) and the two largest |y| of a group."""
    y = outcome if not one.pieces else outcome[matrix(frame, [one])[:, 0] > 0]
    events = int(np.count_nonzero(y > 0))
    if binary:
        return y.size, events, events, (float(events), float(events)), (0.0, 0.0)
    size = np.abs(y)
    top = np.zeros(2)
    top[: min(2, size.size)] = np.sort(np.partition(size, max(size.size - 2, 0))[-2:])[::-1]
    moments = (float(y.sum()), float(y @ y))
    return y.size, events, int(np.count_nonzero(y)), moments, (float(top[0]), float(top[1]))


def _few(value: Floats) -> tuple[Floats, Floats, bool]:
    values, counts = np.full(FEW, np.nan), np.zeros(FEW)
    for at in range(FEW):
        if not value.size:
            break
        same = value == value[0]
        values[at], counts[at] = value[0], np.count_nonzero(same)
        value = value[~same]
    return values, counts, bool(value.size)


def looked(parts: Sequence[Parts], design: CheckedDesign) -> dict[str, NDArray[Any]]:
    """The different values of each number in all buckets: "few:…" and "many:…"."""
    found: dict[str, NDArray[Any]] = {}
    for name in design.numbers:
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
    """A model's columns, and what takes them to mean 0 and variance 1 while it is fitted.

    centre, scale: (p,). The centre is 0 without an intercept.
    """

    coding: Coding
    centre: Floats
    scale: Floats

    def columns(self, frame: pl.DataFrame) -> Floats:
        """(rows, p), scaled."""
        x = matrix(frame, self.coding.columns)
        x -= self.centre
        x /= self.scale
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
    centre = np.where(constant, 0.0, mean) if design.node.intercept else np.zeros(len(places))
    spread = square - centre**2
    flat = np.flatnonzero(~constant & (spread <= 1e-13 * square))
    if flat.size:
        return coding.columns[int(flat[0])].name
    scale = np.where(constant, 1.0, np.sqrt(np.where(constant, 1.0, spread)))
    return Scaling(coding, centre, scale)


def merged_sums(parts: Sequence[Parts]) -> dict[str, NDArray[Any]]:
    """Arrays of all buckets by the prefix of their names: sum, top (two largest), least, most."""
    found: dict[str, NDArray[Any]] = {}
    for name in parts[0]:
        arrays = [one[name] for one in parts]
        kind = name.partition(":")[0]
        if kind == "sum":
            whole = arrays[0].dtype.kind == "i"
            found[name] = np.sum(arrays, axis=0) if whole else rounded_sum(arrays)
        elif kind == "top":
            found[name] = np.sort(np.concatenate(arrays), axis=0)[:-3:-1]
        elif kind == "least":
            found[name] = np.min(arrays, axis=0)
        elif kind == "most":
            found[name] = np.max(arrays, axis=0)
    return found
