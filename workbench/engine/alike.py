"""Whether a number that is to be told is one that was told before, but for what a few persons add.

Σx and Σx′ over the same persons are subtracted by anybody. Where x′ = a·x + b for all but a few,
what is left is a number about those few. It is searched, not known: the asker may have scaled and
moved the one, moved it otherwise for some large groups, changed others by next to nothing, or
squared it; any of the cells of the two results may be where the two are alike. What is found is
told to the rules as the moments of the difference (`disclosure.tables.Difference`), which judge it
as they judge any other number.

A few dozen persons drawn by lot decide whether two numbers may be alike; most pairs end there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moments", "differences", "explained"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

DRAWN = 64
BEST = 3
"""Of the factors that the drawn persons suggest, those that fit them best."""
LEVELS = 4
"""The difference may be one of so many constants, each in a group that is no secret."""
LOOSE = 1e-2
"""Differences of this share of a number's usual spread do not hide that two are alike."""
TIGHT = 4e-7
"""Of the distance from the centre: numbers are remembered in float32."""
STEPPED = 16
"""A number needs so many values a level: with fewer the levels are its values and nothing else."""


@dataclass(frozen=True)
class Moments:
    """A difference: persons for whom there is one, Σ|δ| over them, the two largest |δ|."""

    persons: int
    total: float
    largest: float
    second: float


def differences(
    new: Floats, old: Floats, groups: list[Places], chance: np.random.Generator, few: int
) -> Iterator[Moments]:
    """What is left of one number after the other, wherever they are alike but not the same.

    new, old: (persons,), all known. groups: places of persons among whom they are also compared by
    themselves. few: so many persons and more are no secret; groups have twice as many.
    """
    everybody = np.arange(new.size)
    if new.size < 2 * few or _same(new, old):
        return
    for places, levels in [(everybody, LEVELS), *((one, 1) for one in groups)]:
        if places.size < 2 * few:
            continue
        drawn = places[chance.integers(0, places.size, DRAWN)]
        for slope in _slopes(new[drawn], old[drawn], levels, few / places.size):
            found = explained(new[places], slope * old[places], levels, few)
            if found is not None and found.persons:
                yield found


def explained(new: Floats, old: Floats, levels: int, few: int) -> Moments | None:
    """The difference of two numbers that may be alike, up to a factor near 1 and constants."""
    for _ in range(2):
        level = _level(new - old, levels, LOOSE * _spread(new))
        agree = np.abs(new - old - level) <= LOOSE * _spread(new)
        if not agree.any():
            break
        shift = old[agree] - np.mean(old[agree])
        size = float(shift @ shift)
        slope = float(shift @ (new[agree] - level[agree])) / size if size else np.nan
        if not np.isfinite(slope) or abs(slope - 1) > LOOSE:
            break
        old = slope * old
    exact = TIGHT * (np.abs(new - np.median(new)) + np.abs(old - np.median(old)))
    exact += 1e-6 * TIGHT * np.abs(new) + 1e-3 * TIGHT * _spread(new)
    level = _level(new - old, levels, float(np.median(exact)) * 2)
    apart = np.abs(new - old - level)
    differs = apart > exact + np.median(exact)
    if _constant(new[~differs], few) and _constant(_but_few(new, apart, few), few):
        return None
    if levels > 1 and np.unique(level).size > 1 and _values(new) < STEPPED * np.unique(level).size:
        return None
    top = np.sort(apart[differs])[-2:]
    return Moments(
        int(differs.sum()),
        float(apart[differs].sum()),
        float(top[-1]) if top.size else 0.0,
        float(top[-2]) if top.size > 1 else 0.0,
    )


def _same(new: Floats, old: Floats) -> bool:
    some = slice(None, None, max(1, new.size // DRAWN))
    if (np.abs(new[some] - old[some]) > LOOSE * np.abs(new[some])).sum() > DRAWN // 4:
        return False
    near = TIGHT * (np.abs(new - np.median(new)) + np.abs(old - np.median(old)))
    return bool((np.abs(new - old) <= near + 1e-6 * TIGHT * np.abs(new)).all())


def _slopes(new: Floats, old: Floats, levels: int, share: float) -> list[float]:
    """Factors by which the drawn persons' values may agree. share: of persons, that may differ."""
    order = np.argsort(old, kind="stable")
    low, high = order[:16:2], order[::-1][:16:2]
    step, rise = old[high] - old[low], new[high] - new[low]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = rise / step
    found = found[np.isfinite(found) & (found != 0)]
    spread = _spread(new)
    kept: list[tuple[float, float]] = []
    for slope in (1.0, *found.tolist()):
        if any(abs(slope - one) <= LOOSE / 10 * abs(one) for _, one in kept):
            continue
        left = new - slope * old
        off = np.abs(left - _level(left, levels, LOOSE * spread))
        if (off > LOOSE * spread).mean() <= max(0.25, min(0.45, share)):
            kept.append((float(np.minimum(off, LOOSE * spread).sum()), slope))
    return [slope for _, slope in sorted(kept)[:BEST]]


def _level(left: Floats, levels: int, near: float) -> Floats:
    """Of each difference the constant it is nearest to: those that most of them are near to."""
    ranked = np.sort(left if left.size <= 4096 else left[:: left.size // 4096 + 1])
    if levels == 1:
        return np.full(left.size, ranked[ranked.size // 2])
    found: list[float] = []
    while ranked.size and len(found) < levels:
        ends = np.searchsorted(ranked, ranked + 2 * near, side="right")
        run = ends - np.arange(ranked.size)
        first = int(run.argmax())
        if found and run[first] < max(4, ranked.size // 4):
            break
        found.append(float(ranked[first : first + run[first]].mean()))
        ranked = np.concatenate([ranked[:first], ranked[ends[first] :]])
    every = np.array(found)
    return np.asarray(every[np.abs(left[:, None] - every).argmin(axis=1)])


def _spread(values: Floats) -> float:
    """How far from the median values usually are; never nothing where they vary at all."""
    away = np.abs(values - np.median(values))
    return float(np.median(away) or away.mean())


def _constant(values: Floats, few: int) -> bool:
    """Whether all but a few have one value."""
    if values.size < few:
        return True
    first = values[values.size // 2]
    middle = np.median(values)
    return min(int((values != first).sum()), int((values != middle).sum())) < few


def _but_few(values: Floats, apart: Floats, few: int) -> Floats:
    """Without the few whose values are furthest apart."""
    if values.size <= few:
        return values[:0]
    return values[np.argpartition(apart, values.size - few)[: values.size - few]]


def _values(values: Floats) -> int:
    return int(np.unique(values[:: max(1, values.size // 4096)]).size)
