"""Groups that a result tells apart: none of them small, and how they are named in its blocks."""

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity
from disclosure.results.block import BlockColumn

__all__ = ["code_columns", "small_groups"]


def code_columns(by: tuple[str, ...]) -> tuple[BlockColumn, ...]:
    """A column of codes for each grouping variable; its label is the plan's own."""
    return tuple(BlockColumn(name, "code", {"en": name, "nb": name}) for name in by)


def small_groups(persons: NDArray[np.int64], threshold: int) -> Finding | None:
    """A blocking finding when a group holds 1..threshold-1 persons."""
    small = int(((persons > 0) & (persons < threshold)).sum())
    if not small:
        return None
    return Finding(
        "threshold",
        Severity.BLOCKING,
        {
            "en": f"A group has fewer than {threshold} persons.",
            "nb": f"En gruppe har færre enn {threshold} personer.",
        },
        {
            "en": "Merge groups, or leave the small ones out of the cohort.",
            "nb": "Slå sammen grupper, eller hold de små utenfor kohorten.",
        },
        small,
    )
