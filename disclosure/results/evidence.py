"""What every family's evidence holds; each adds what its own rules need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ResultEvidence"]


@dataclass(frozen=True, kw_only=True)
class ResultEvidence:
    """Aggregates about the persons that were analysed, never a row.

    groups: the codes of each inner cell, C order over the plan's dimensions ((),) without any.
    n: int64, (groups,), distinct persons in each. population: their sum, the persons analysed.
    view_population: persons in the whole view.
    """

    groups: tuple[tuple[str, ...], ...]
    n: NDArray[np.int64]
    population: int
    view_population: int
