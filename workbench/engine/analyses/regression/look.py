"""The first round of a model: who is in it, which categories occur, where its numbers lie.

Everything that the rules need of groups of persons is counted here, before any model is fitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.columns import matrix
from workbench.engine.analyses.computation import Parts
from workbench.engine.analyses.design import (
    INTERCEPT,
    NUMBER,
    Coding,
    ModelColumn,
    Piece,
    coded,
    every_column,
)
from workbench.engine.analyses.regression.tallies import Tallies
from workbench.engine.analyses.rows import Rows
from workbench.plan.check.design import CheckedDesign

__all__ = [
    "FEW",
    "Scaling",
    "groups",
    "largest_two",
    "look",
    "looked",
    "merged_sums",
    "scaling",
]

Floats = NDArray[np.float64]
FEW = 3
"""A number with so few different values may be a group in disguise."""
GLANCE = 64
"""Persons among whom most numbers show already that they have more."""


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


def look(rows: Rows, design: CheckedDesign, *, binary: bool) -> Parts:
    """Of some buckets, sums over `every_column` and `groups`.

    y (outcome) and, where something is added to η, o stand in the rows. "few:…" hold the different
    values of each number while there are at most FEW.
    """
    every, split = every_column(design), groups(design)
    tallies = Tallies(design, (*every, *split))
    totals, least = np.zeros(3), np.inf
    for chunk in rows.chunks():
        y = chunk["y"]
        told = {"persons": None, "events": y if binary else (y > 0).astype(np.float64)}
        if not binary:
            told |= {"total": y, "squares": y * y, "others": (y != 0).astype(np.float64)}
        tallies.add(chunk, told, None if binary else np.abs(y))
        added = np.exp(chunk["o"]).sum() if "o" in chunk else y.size
        totals += [y.sum(), added, y.size]
        least = min(least, y.min())
    persons, events = (tallies.of(name, split) for name in ("persons", "events"))
    moments = [tallies.of(name, split) for name in ("total", "squares", "others") if not binary]
    found: dict[str, NDArray[Any]] = {
        "sum:columns": np.stack([tallies.powers(one, every) for one in (1, 2)]),
        "sum:outcome": totals,
        "sum:persons": np.rint(persons).astype(np.int64),
        "sum:events": np.rint(events).astype(np.int64),
        "sum:contributors": np.rint(events if binary else moments[2]).astype(np.int64),
        "sum:moments": np.stack([events, events] if binary else moments[:2], axis=1),
        "top:outcome": tallies.top(split),
        "least:outcome": np.array([least]),
    }
    for name in design.numbers:
        value, count, many = _few(rows[NUMBER.format(name)])
        found |= {f"few:{name}": np.stack([value, count]), f"many:{name}": np.array([many])}
    return found


def largest_two(known: Floats, more: Floats) -> Floats:
    """The two largest of each column of both, (2, columns), the largest first."""
    more = more[(more > known[1]).any(axis=1)]
    if len(more) > 2:
        more = np.partition(more, len(more) - 2, axis=0)[-2:]
    both = np.sort(np.concatenate([known, more]), axis=0)
    return both[:-3:-1]


def _few(value: Floats) -> tuple[Floats, Floats, bool]:
    """The different values and how many persons have each, of as many as FEW; and whether there
    are more."""
    values, counts = np.full(FEW, np.nan), np.zeros(FEW)
    if np.unique(value[:GLANCE]).size > FEW:
        return values, counts, True
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

    def columns(self, rows: Rows) -> Floats:
        """(rows, p), scaled, column by column in memory."""
        return matrix(rows, self.coding.columns, self.centre, self.scale)

    def without_intercept(self) -> "Scaling":
        """The same columns but the first."""
        coding = self.coding
        rest = replace(coding, columns=coding.columns[1:], places=coding.places[1:])
        return Scaling(rest, self.centre[1:], self.scale[1:])

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
