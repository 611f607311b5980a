"""A quick look whether two numbers may be alike, from pairs of persons drawn by lot.

Where x′ = a·x + b for all but a few persons, (x′ᵢ − x′ⱼ) / (xᵢ − xⱼ) is a for nearly all pairs of
persons; where b differs between a few large groups, for the pairs within one. Numbers that have
nothing to do with each other give as many ratios as there are pairs.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["EACH", "paired", "paired_within", "same_ratio"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
PAIRS, EACH = 256, 32
"""Pairs of all persons, and of those within a cell."""
SHARE, CELL_SHARE = 0.12, 0.25
"""Of the pairs that have the same ratio where two numbers are alike, at the least: of all, where
there may be several constants, and within a cell."""
NEAR = 0.03


def paired(count: int) -> Places:
    """(1, pairs, 2): of persons drawn without order, each in one pair: two that share a person
    who is far from all others would have one ratio."""
    return np.arange(2 * min(PAIRS, count // 2), dtype=np.intp).reshape(1, -1, 2)


def paired_within(cells: NDArray[np.integer]) -> Places:
    """(cells, EACH, 2): pairs of persons that are in one cell, of each cell with six or more; where
    there are not so many, a person with himself, which says nothing."""
    order = np.argsort(cells, kind="stable")
    sizes = np.bincount(cells)
    starts = np.cumsum(sizes) - sizes
    large = np.flatnonzero(sizes >= 6)
    at = np.broadcast_to(np.arange(2 * EACH), (large.size, 2 * EACH))
    at = np.where(at < (sizes[large] // 2 * 2)[:, None], at, 0) + starts[large][:, None]
    return np.asarray(order[at].reshape(large.size, EACH, 2))


def same_ratio(new: Floats, old: Floats, pairs: Places) -> NDArray[np.bool_]:
    """bool (new numbers, old numbers), from their values (numbers, persons), all known: whether
    enough of the pairs of some cell have one ratio, or too few of them say anything."""
    if not pairs.size or not new.size or not old.size:
        return np.zeros((len(new), len(old)), bool)
    rise = (new[:, pairs[..., 0]] - new[:, pairs[..., 1]])[:, None]
    step = (old[:, pairs[..., 0]] - old[:, pairs[..., 1]])[None]
    told = (step != 0) | (rise != 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where((step != 0) & (rise != 0), rise / step, np.inf)
    ratio.sort(axis=-1)
    count = told.sum(axis=-1)
    share = SHARE if len(pairs) == 1 else CELL_SHARE
    need = np.maximum(3, np.ceil(share * count)).astype(np.intp)[..., None]
    end = np.arange(ratio.shape[-1]) + need - 1
    last = np.take_along_axis(ratio, np.minimum(end, ratio.shape[-1] - 1), axis=-1)
    with np.errstate(invalid="ignore"):
        runs = (last - ratio <= NEAR * np.abs(ratio)) & np.isfinite(last)
    runs &= end < ratio.shape[-1]
    unsaid = (count > 0) & (count < 6)
    return np.asarray((runs.any(axis=-1) | unsaid).any(axis=-1))
