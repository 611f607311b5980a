"""Quantiles of a clipped number with noise: all of them read off one noisy distribution.

Persons are counted between the points of a public grid, and again between every 16th or so, every
256th: a person is in one interval of each level, so that how many do not exceed a point is a sum of
few noisy numbers (Hay et al. 2010). Any number of quantiles and groups costs the same ρ, and each
has limits in the number's own unit.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.privacy.answer import Part, Private, decided, note, private
from disclosure.privacy.evidence import DistributionEvidence
from disclosure.privacy.mechanisms import Z95, gaussian
from disclosure.results.block import Block, BlockColumn
from disclosure.results.groups import code_columns

__all__ = ["Tree", "tree_of"]

BRANCHES = 16
"""About: the least sum of variances for grids of some hundred to some thousand points."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Weights = dict[int, float]


@dataclass(frozen=True)
class Tree:
    """Intervals of all levels over a grid. sizes: how many each level has, the coarsest first.

    branches: how many of a level make one of the level above, at most.

    prefixes: (points, intervals of all levels), sparse: how many persons do not exceed a point, as
    intervals added and taken away; where it can be counted from both sides, the mean of the two
    ways, the one with less noise weighing more.
    """

    points: int
    branches: int
    sizes: tuple[int, ...]
    prefixes: Any

    @property
    def sensitivity(self) -> float:
        """A person is in one interval of each level."""
        return math.sqrt(len(self.sizes))

    def counted(self, counts: Ints) -> Ints:
        """(groups, points) as (groups, intervals of all levels)."""
        levels = []
        for level in range(len(self.sizes)):
            width = self.branches ** (len(self.sizes) - 1 - level)
            starts = np.arange(0, self.points, width)
            levels.append(np.add.reduceat(counts, starts, axis=1))
        return np.concatenate(levels, axis=1)


@lru_cache(maxsize=64)
def tree_of(points: int) -> Tree:
    """The tree over a grid of so many points, at least 1."""
    depth = max(1, round(math.log(points) / math.log(BRANCHES)))
    branches = 1
    while branches**depth < points:
        branches += 1
    sizes = tuple(-(-points // branches ** (depth - 1 - level)) for level in range(depth))
    firsts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    # For each level the first j intervals, j = 0 … size, as {interval: weight}.
    above: list[Weights] = [{}, dict.fromkeys(range(sizes[0]), 1.0)]
    for level, size in enumerate(sizes):
        own: list[Weights] = []
        for first in range(size + 1):
            parent, rest = divmod(first, branches if level else size + 1)
            start = firsts[level]
            way = above[parent] | dict.fromkeys(range(start + first - rest, start + first), 1.0)
            if level and rest:
                end = start + min((parent + 1) * branches, size)
                way = _joined(
                    way, above[parent + 1] | dict.fromkeys(range(start + first, end), -1.0)
                )
            own.append(way)
        above = own
    rows = above[1:]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in rows])])
    columns = np.array([at for one in rows for at in one], dtype=np.int64)
    weights = np.array([weight for one in rows for weight in one.values()], dtype=np.float64)
    matrix = sp.csr_matrix((weights, columns, starts), shape=(points, firsts[-1]))
    return Tree(points, branches, sizes, matrix)


def _joined(one: Weights, other: Weights) -> Weights:
    """Two ways to count the same, weighed by how little noise each has; any weights are right."""
    noise, others = (sum(weight * weight for weight in way.values()) for way in (one, other))
    share = others / (noise + others)
    found = {at: share * weight for at, weight in one.items()}
    for at, weight in other.items():
        found[at] = found.get(at, 0.0) + (1.0 - share) * weight
    return found


@private.register
def _(evidence: DistributionEvidence, rho: Fraction, policy: Policy) -> Private:
    tree = tree_of(len(evidence.points))
    noisy = gaussian(tree.counted(evidence.counts), tree.sensitivity, rho)
    found = note(
        f"Values were clipped to {evidence.points[0]:g} – {evidence.points[-1]:g}, and the "
        f"distribution carries calibrated noise at a cost of ρ = {rho}: the limits hold the "
        "quantile without noise with 95 %.",
        f"Verdiene er avgrenset til {evidence.points[0]:g} – {evidence.points[-1]:g}, og "
        f"fordelingen har kalibrert støy til en kostnad av ρ = {rho}: grensene inneholder "
        "kvantilen uten støy med 95 %.",
        len(evidence.groups),
    )
    parts = (Part("persons by interval, all levels", noisy),)
    block = _block(evidence, tree, noisy.values, noisy.scale)
    return Private(decided(parts, rho, policy, [found], (block,)), rho, parts)


def _block(evidence: DistributionEvidence, tree: Tree, values: Ints, scale: float) -> Block:
    prefixes: Floats = np.asarray(tree.prefixes @ values.T.astype(np.float64)).T
    squares = np.asarray(tree.prefixes.power(2).sum(axis=1)).ravel()
    together = np.asarray((tree.prefixes @ tree.prefixes[-1].T).todense()).ravel()
    everybody = math.ceil(Z95 * scale * math.sqrt(squares[-1]))
    columns = (
        *code_columns(evidence.by),
        BlockColumn("persons", "persons", {"en": "Persons", "nb": "Personer"}),
        BlockColumn("persons_within", "number", {"en": "± with 95 %", "nb": "± med 95 %"}),
        BlockColumn("quantile", "text", {"en": "Quantile", "nb": "Kvantil"}),
        BlockColumn("value", "number", dict(evidence.label), evidence.measure),
        BlockColumn("low", "number", {"en": "95 % from", "nb": "95 % fra"}, evidence.measure),
        BlockColumn("high", "number", {"en": "95 % to", "nb": "95 % til"}, evidence.measure),
    )
    rows: list[tuple[Any, ...]] = []
    for at, codes in enumerate(evidence.groups):
        below = prefixes[at]
        for p in sorted(evidence.at):
            spread = scale * np.sqrt(np.maximum(
                squares - 2 * p * together + p * p * squares[-1], 0.0
            ))  # fmt: skip
            place, low, high = _quantile(below, spread, p)
            value = evidence.points[place] if below[-1] > everybody else None
            rows.append(
                (*codes, round(float(below[-1])), everybody, f"p{100 * p:g}", value,
                 evidence.points[low], evidence.points[high])
            )  # fmt: skip
    title = {"en": "Quantiles", "nb": "Kvantiler"}
    return Block("quantiles", title, columns, tuple(rows))


def _quantile(below: Floats, spread: Floats, p: float) -> tuple[int, int, int]:
    """The place of the quantile and of its limits. below: persons up to each point, with noise.

    The quantile is the first point that at least p of the persons do not exceed. It lies above the
    upper limit only if the one point before it was taken for far enough, and below the lower one
    only if it itself was taken for too near: two tests at fixed points, 2.5 % each.
    """
    apart = below - p * below[-1]
    falling = np.flatnonzero(apart < Z95 * spread)
    high = min(int(falling[-1]) + 1, apart.size - 1) if falling.size else 0
    reached = np.flatnonzero(apart >= -Z95 * spread)
    low = int(reached[0]) if reached.size else apart.size - 1
    least = np.minimum.accumulate(apart[::-1])[::-1]
    most = np.maximum.accumulate(apart)
    place = int(np.argmax((least + most) / 2 >= 0)) if ((least + most) / 2 >= 0).any() else high
    return min(max(place, min(low, high)), max(low, high)), min(low, high), max(low, high)
