"""Several tables as one web: a cell that stands in more than one is one, and hidden in all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.linked.reading import Read
from disclosure.policy import Policy
from disclosure.suppression.lattice import Lattice, lattice_of
from disclosure.suppression.web import Web

__all__ = ["Joint", "concentrated", "join"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Joint:
    """Cells of all tables, each once. at: for each table, the cell of each of its own.

    leaf: a cell of leaves only in some table. small: fewer persons than the threshold. dominated:
    a few persons make up its sum. silent: published nowhere. sum, need: float64, of the magnitude,
    and how wide its interval must be. times: in how many tables a cell is published.
    """

    web: Web
    at: tuple[NDArray[np.intp], ...]
    leaf: Flags
    small: Flags
    dominated: Flags
    silent: Flags
    sum: NDArray[np.float64]
    need: NDArray[np.float64]
    times: NDArray[np.int64]


def join(tables: Sequence[Read], policy: Policy) -> Joint:
    """Raises Refusal("tables_contradict") where tables give one cell two values."""
    number: dict[object, int] = {}
    at = []
    for one in tables:
        keys = [one.key(cell) for cell in range(len(one.places))]
        at.append(np.array([number.setdefault(key, len(number)) for key in keys], np.intp))
    many = len(number)
    count = np.full(many, -1, np.int64)
    total, need = np.zeros(many), np.zeros(many)
    leaf, dominated, silent = (np.zeros(many, bool) for _ in range(3))
    silent[:] = True
    times = np.zeros(many, np.int64)
    for one, cells in zip(tables, at, strict=True):
        clash = np.flatnonzero((count[cells] >= 0) & (count[cells] != one.count))
        if clash.size:
            place = ", ".join(one.places[int(clash[0])]) or "of everybody"
            raise Refusal(
                "tables_contradict",
                f"{one.table.name} and an earlier table disagree on the cell {place}.",
                "Give tables of one population, counted from the same persons.",
            )
        count[cells] = one.count
        leaf[cells] |= one.leaf
        shown = one.leaf | one.table.margins
        silent[cells] &= ~shown
        times[cells] += shown
        if one.sum is not None and one.largest is not None:
            flagged, asked = _concentrated(one, policy)
            dominated[cells] |= flagged
            total[cells] = one.sum
            need[cells] = np.maximum(need[cells], asked)
    ties = [one.ties @ _places(cells, many) for one, cells in zip(tables, at, strict=True)]
    relations = sp.vstack(ties, format="csr").astype(np.int64)
    small = (count > 0) & (count < policy.threshold)
    web = Web(count, relations, relations.tocsc(), _lattice(tables, at))
    return Joint(web, tuple(at), leaf, small, dominated & ~small, silent, total, need, times)


def _places(cells: NDArray[np.intp], many: int) -> sp.csr_matrix:
    size = len(cells)
    return sp.csr_matrix((np.ones(size, np.int64), (np.arange(size), cells)), shape=(size, many))


def _lattice(tables: Sequence[Read], at: Sequence[NDArray[np.intp]]) -> Lattice | None:
    """One table without parents but its totals is a plain lattice, which has faster proofs."""
    if len(tables) != 1 or not 1 <= len(tables[0].trees) <= 3:
        return None
    trees = tables[0].trees
    if any(len(tree.codes) != tree.leaves + 1 for tree in trees) or (np.diff(at[0]) != 1).any():
        return None
    inner = tables[0].count[tables[0].leaf].reshape([tree.leaves for tree in trees])
    return lattice_of(inner)


def _concentrated(one: Read, policy: Policy) -> tuple[Flags, NDArray[np.float64]]:
    """(1,k), (2,k) and p% over every cell, and how wide the sums' intervals must be.

    The p% rule, as an interval: whoever knows the second largest contribution must not estimate
    the largest to within p %, so a withheld sum stays open by p % of it (Hundepool et al. 2012).
    """
    if one.sum is None or one.largest is None:
        raise ValueError("a table without contributions")
    first, second = one.largest.copy(), np.zeros_like(one.largest)
    if one.second is not None:
        second = one.second.copy()
    leaves = np.flatnonzero(one.leaf)
    for cell in np.flatnonzero(~one.leaf).tolist():
        members = leaves[one.sums[[cell]].indices]
        ranked = np.sort(np.concatenate([first[members], second[members]]))
        if ranked.size:
            first[cell] = ranked[-1]
            second[cell] = ranked[-2] if ranked.size > 1 else 0.0
    flagged = concentrated(one.sum, first, second, policy) & (one.count > 0)
    return flagged, float(policy.p_percent) * first


def concentrated(
    total: NDArray[np.float64],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    policy: Policy,
) -> Flags:
    """bool: (1,k), (2,k) and p% of sums of nothing negative, by their two largest contributions."""
    one, two = float(policy.dominance_one), float(policy.dominance_two)
    flagged = (first > one * total) | (first + second > two * total)
    flagged |= total - first - second < float(policy.p_percent) * first
    found: Flags = flagged & (first > 0)
    return found
