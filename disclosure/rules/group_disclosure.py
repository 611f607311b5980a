"""Group disclosure: a short line with everybody in one category tells something of each of them.

Whoever knows that a person belongs to the line (the municipality, the age group) would learn that
person's category, though no cell need be small. Withholding the full cell alone is no help where
the empty ones beside it are shown; so one empty cell of the line is put in doubt: withheld as if it
were small, and protected like one, until it may well hold somebody.

Lines with one small cell beside the full one are in doubt already, as that cell is withheld.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.suppression.lattice import Lattice

__all__ = ["doubtful", "finding"]

Flags = NDArray[np.bool_]


def doubtful(lattice: Lattice, sensitive: Sequence[bool], policy: Policy) -> tuple[Flags, int]:
    """Empty cells to withhold, bool of the lattice's shape, and the number of such lines.

    sensitive: for each axis, whether its distribution is guarded. A line is flagged when it holds
    1..group_rows·threshold-1 persons, at least group_share of them in one category, and no small
    cell beside it that is withheld anyway.
    """
    doubt = np.zeros(lattice.values.shape, bool)
    lines = 0
    for axis, guarded in enumerate(sensitive):
        if guarded and lattice.shape[axis] > 1:
            chosen, count = _along(lattice, axis, policy)
            doubt |= chosen
            lines += count
    return doubt, lines


def _along(lattice: Lattice, axis: int, policy: Policy) -> tuple[Flags, int]:
    codes = lattice.shape[axis]
    table = np.moveaxis(lattice.values, axis, -1)
    cells = table[..., :codes]
    total = cells.sum(axis=-1)
    fullest = cells.max(axis=-1)
    beside = (cells > 0).sum(axis=-1) > 1
    share_kept = fullest * policy.group_share.denominator >= total * policy.group_share.numerator
    short = (total > 0) & (total < policy.group_rows * policy.threshold)
    flagged = short & share_kept & ~beside
    popularity = cells.reshape(-1, codes).sum(axis=0)
    rank = np.where(cells == 0, popularity + 1, 0)
    chosen = np.zeros(table.shape, bool)
    where = np.nonzero(flagged)
    chosen[(*where, rank.argmax(axis=-1)[where])] = True
    return np.moveaxis(chosen, -1, axis), int(flagged.sum())


def finding(lines: int) -> Finding:
    """Says how many lines would have told something of everybody in them."""
    return Finding(
        "group_disclosure",
        Severity.WITHHELD,
        {
            "en": f"{lines} short rows or columns hold everybody in one category; "
            "cells of them are withheld.",
            "nb": f"{lines} korte rader eller kolonner har alle i én kategori; "
            "celler i dem er holdt tilbake.",
        },
        {
            "en": "Merge the small rows or columns with others.",
            "nb": "Slå de små radene eller kolonnene sammen med andre.",
        },
    )
