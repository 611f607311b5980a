"""Sums of withheld cells that follow from what is shown, and that one or two make up.

The defect of published tools (sdcTools' open issue 160): each withheld cell is protected, and the
sum of several, which total and shown cells give, is dominated all the same.
"""

from collections.abc import Sequence

import numpy as np

from disclosure.linked.joint import Joint, concentrated
from disclosure.linked.reading import Read
from disclosure.policy import Policy
from disclosure.suppression.exact import RowSpace, derived_unions

__all__ = ["dominated_unions"]

Flags = np.ndarray


def dominated_unions(
    tables: Sequence[Read], joint: Joint, hidden: Flags, policy: Policy
) -> list[int]:
    """One total a table to withhold as well (cells of the joint web); none where all is well."""
    found = []
    for one, cells in zip(tables, joint.at, strict=True):
        if one.sum is None or one.largest is None:
            continue
        away = hidden[cells]
        leaves = np.flatnonzero(one.leaf)
        unknown = np.flatnonzero(away[leaves])
        shown = np.flatnonzero(~away & ~one.leaf)
        system = one.sums[shown][:, unknown].tocsr()
        second = np.zeros_like(one.largest) if one.second is None else one.second
        for union in derived_unions(RowSpace.of(system)):
            members = leaves[unknown[union]]
            ranked = np.sort(np.concatenate([one.largest[members], second[members], [0.0]]))
            flagged = concentrated(
                one.sum[members].sum(keepdims=True), ranked[-1:], ranked[-2:-1], policy
            )
            if flagged.any():
                touching = shown[np.flatnonzero(np.diff(system[:, union].tocsr().indptr))]
                found.append(int(cells[touching[int(np.argmin(one.count[touching]))]]))
                break
    return found
