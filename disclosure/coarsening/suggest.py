"""Coarser tables that need nothing withheld: roll-ups, merged codes, a dimension less.

A table is safe here when no cell holds 1..t-1 persons, totals included: then there is nothing to
protect, and nothing is withheld. What is lost is told in the share of the table's own information
(the entropy of its cells, Shannon 1948), so that giving up a dimension that says little is cheap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from disclosure.linked.hierarchy import Tree
from disclosure.linked.reading import read
from disclosure.linked.table import Table
from disclosure.policy import Policy

__all__ = ["Suggestion", "suggestions"]

Int = NDArray[np.int64]
TRIED = 4000
"""Combinations of ways: those that lose least by dimension come first."""
FEW = 6
"""Of up to so many codes, all ways to join neighbours are tried; of more, the smallest first."""


@dataclass(frozen=True)
class Suggestion:
    """codes: by dimension, what each of its codes becomes; a dimension that becomes the total in
    all its codes is left out. loss: share of the table's information, 0..1. cells: how many hold
    somebody. data: the coarser table's columns (dimensions left, count).
    """

    codes: Mapping[str, Mapping[str, str]]
    loss: float
    cells: int
    data: Mapping[str, list[object]]


def suggestions(table: Table, policy: Policy, many: int = 3) -> tuple[Suggestion, ...]:
    """Up to `many` safe tables, the one that loses least first; none where not even a total is.

    No suggestion is a coarser version of another one. Refusals are those of disclosure.protect.
    """
    found = read(table)
    inner = found.count[found.leaf].reshape([tree.leaves for tree in found.trees])
    ways = [
        list(_ways(table, axis, tree.codes[: tree.leaves], inner, policy.threshold))
        for axis, tree in enumerate(found.trees)
    ]
    every = _information(inner)
    safe: list[tuple[tuple[Int, ...], Suggestion]] = []
    tried = sorted(product(*ways), key=lambda way: sum(one[2] for one in way))[:TRIED]
    measured = [(_merged(inner, [one[0] for one in way]), way) for way in tried]
    measured.sort(key=lambda one: (every - _information(one[0]), one[0].size))
    for counts, way in measured:
        if len(safe) == many:
            break
        if ((counts > 0) & (counts < policy.threshold)).any() or not counts.any():
            continue
        groups = tuple(one[0] for one in way)
        if any(_coarser(groups, other) for other, _ in safe):
            continue
        loss = 1 - _information(counts) / every if every else 0.0
        safe.append((groups, _told(table, found.trees, way, counts, loss)))
    return tuple(one for _, one in safe)


Way = tuple[Int, list[str], float]
"""The group of each leaf, the groups' names, and what it alone would lose."""


def _ways(
    table: Table, axis: int, leaves: tuple[str, ...], inner: Int, threshold: int
) -> Iterator[Way]:
    """Codes as they are, each level of the hierarchy, neighbours joined, none at all."""
    name = table.dimensions[axis]
    parent = table.hierarchies.get(name, {})
    flat = np.moveaxis(inner, axis, 0).reshape(len(leaves), -1)
    whole = _information(flat)
    seen: set[tuple[int, ...]] = set()

    def way(names: list[str]) -> Iterator[Way]:
        order = list(dict.fromkeys(names))
        group = np.array([order.index(one) for one in names], np.int64)
        if tuple(group.tolist()) not in seen:
            seen.add(tuple(group.tolist()))
            yield group, order, whole - _information(_merged(flat, [group]))

    names = list(leaves)
    while True:
        yield from way(names)
        above = [parent.get(one, one) for one in names]
        if above == names:
            break
        names = above
    for cuts in product((False, True), repeat=len(leaves) - 1) if len(leaves) <= FEW else ():
        yield from way(_cut(leaves, cuts))
    names = list(leaves)
    while len(set(names)) > 1:
        names = _joined(names, flat, parent, threshold)
        yield from way(names)
    yield from way([table.total] * len(leaves))


def _cut(leaves: tuple[str, ...], cuts: tuple[bool, ...]) -> list[str]:
    """Neighbours joined wherever there is no cut between them."""
    runs = [[leaves[0]]]
    for leaf, cut in zip(leaves[1:], cuts, strict=True):
        if cut:
            runs.append([leaf])
        else:
            runs[-1].append(leaf)
    return [" + ".join(run) for run in runs for _ in run]


def _joined(names: list[str], flat: Int, parent: Mapping[str, str], threshold: int) -> list[str]:
    """The group with most small cells joined with its smaller neighbour, kin before others."""
    order = list(dict.fromkeys(names))
    group = np.array([order.index(one) for one in names])
    counts = _merged(flat, [group])
    few = ((counts > 0) & (counts < threshold)).sum(axis=1)
    worst = int(np.lexsort((counts.sum(axis=1), -few))[0])
    kin = [
        i
        for i in range(len(order))
        if i != worst and parent.get(order[i]) == parent.get(order[worst])
    ]
    near = kin or [i for i in (worst - 1, worst + 1) if 0 <= i < len(order)]
    other = min(near, key=lambda i: (abs(i - worst) > 1, int(counts[i].sum())))
    first, last = sorted((worst, other))
    together = f"{order[first]} + {order[last]}"
    return [together if one in (order[first], order[last]) else one for one in names]


def _merged(inner: Int, groups: list[Int]) -> Int:
    for axis, group in enumerate(groups):
        size = int(group.max(initial=-1)) + 1
        moved = np.moveaxis(inner, axis, 0)
        fewer = np.zeros((size, *moved.shape[1:]), np.int64)
        np.add.at(fewer, group, moved)
        inner = np.moveaxis(fewer, 0, axis)
    return inner


def _information(counts: Int) -> float:
    """Entropy of the cells in persons × nats."""
    some = counts[counts > 0].astype(np.float64)
    return float(-(some * np.log(some / some.sum())).sum()) if some.size else 0.0


def _coarser(groups: tuple[Int, ...], other: tuple[Int, ...]) -> bool:
    """Whether `other` tells apart all that `groups` does."""
    return all(
        len({*zip(two.tolist(), one.tolist(), strict=True)}) == len(set(two.tolist()))
        for one, two in zip(groups, other, strict=True)
    )


def _told(
    table: Table, trees: tuple[Tree, ...], ways: tuple[Way, ...], counts: Int, loss: float
) -> Suggestion:
    codes, kept = {}, []
    for axis, (group, names, _) in enumerate(ways):
        leaves = trees[axis].codes
        name = table.dimensions[axis]
        codes[name] = {leaves[i]: names[g] for i, g in enumerate(group.tolist())}
        if names != [table.total]:
            kept.append(axis)
    places = np.argwhere(counts > 0)
    data: dict[str, list[object]] = {
        table.dimensions[axis]: [ways[axis][1][i] for i in places[:, axis].tolist()]
        for axis in kept
    }
    data[table.count] = [int(counts[tuple(place)]) for place in places]
    return Suggestion(codes, round(loss, 6), len(places), data)
