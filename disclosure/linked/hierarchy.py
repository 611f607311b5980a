"""Codes of one dimension as a tree under its total: which codes are sums of which others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from disclosure.errors import Refusal

__all__ = ["Tree", "tree_of"]


@dataclass(frozen=True)
class Tree:
    """codes: leaves first, then parents, the total last. leaves: how many codes are leaves.

    sums: (codes, leaves) of 0 and 1. ties: (parents, codes), +1 a child, -1 its parent.
    """

    codes: tuple[str, ...]
    leaves: int
    sums: sp.csr_matrix
    ties: sp.csr_matrix


def tree_of(place: str, seen: tuple[str, ...], parent: Mapping[str, str], total: str) -> Tree:
    """The tree over the codes that a table holds (`seen`, without the total).

    Raises Refusal("hierarchy_overlaps") where a code lies under itself or under a code that is also
    its part, and Refusal("hierarchy_unknown_code") where a parent has no part in the table.
    """
    for code in parent:
        up, steps = code, 0
        while up in parent:
            up, steps = parent[up], steps + 1
            if up == code or steps > len(parent):
                raise Refusal(
                    "hierarchy_overlaps",
                    f"In the hierarchy of {place}, code {code} lies under itself.",
                    "Give each code one parent, on the way to the total.",
                )
    if total in parent:
        raise Refusal(
            "hierarchy_overlaps",
            f"In the hierarchy of {place}, the total {total} has a parent.",
            "Leave the total out, or name it otherwise.",
        )
    codes = set(seen) | {up for code in seen for up in _line(code, parent)}
    parents = {parent[code] for code in codes if code in parent} - {total}
    empty = sorted((set(parent.values()) - {total}) & set(seen) - parents)
    if empty:
        raise Refusal(
            "hierarchy_unknown_code",
            f"In {place}, the parent {empty[0]} has a row, and none of its codes has.",
            "Give the rows of its codes, or take it out of the hierarchy.",
        )
    leaves = sorted(codes - parents)
    order = [*leaves, *sorted(parents), total]
    at = {code: i for i, code in enumerate(order)}
    sums = sp.lil_matrix((len(order), len(leaves)), dtype=np.int64)
    ties = sp.lil_matrix((len(order) - len(leaves), len(order)), dtype=np.int64)
    for leaf in leaves:
        for code in {leaf, *_line(leaf, parent), total}:
            sums[at[code], at[leaf]] = 1
    for code in order[:-1]:
        ties[at[parent.get(code, total)] - len(leaves), at[code]] = 1
    for i in range(len(leaves), len(order)):
        ties[i - len(leaves), i] = -1
    return Tree(tuple(order), len(leaves), sums.tocsr(), ties.tocsr())


def _line(code: str, parent: Mapping[str, str]) -> list[str]:
    found = []
    while code in parent:
        code = parent[code]
        found.append(code)
    return found
