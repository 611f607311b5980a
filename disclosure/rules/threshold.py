"""Threshold: a cell with 1..t-1 persons is withheld."""

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity, cells_are

__all__ = ["finding", "small"]


def small(counts: NDArray[np.int64], threshold: int) -> NDArray[np.bool_]:
    """bool, shape of counts: 1..threshold-1 distinct persons."""
    return (counts > 0) & (counts < threshold)


def finding(cells: int, threshold: int) -> Finding:
    """Says how many inner cells were withheld as too small (or to look like it)."""
    return Finding(
        "threshold",
        Severity.WITHHELD,
        {
            "en": f"{cells_are(cells)['en']} withheld: fewer than {threshold} persons, or a "
            "short row or column with everybody in one category.",
            "nb": f"{cells_are(cells)['nb']} holdt tilbake: færre enn {threshold} personer, eller "
            "en kort rad eller kolonne med alle i én kategori.",
        },
        {
            "en": "Merge categories so that each holds more persons.",
            "nb": "Slå sammen kategorier slik at hver rommer flere personer.",
        },
        cells,
    )
