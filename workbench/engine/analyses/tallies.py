"""How often pairs occur, counted by bucket and added up: the same whatever the buckets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["tallied"]

Array = NDArray[Any]


def tallied(major: Array, minor: Array, count: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Each different pair once, ascending by major and then minor, and the sum of its counts."""
    order = np.lexsort((minor, major))
    major, minor, count = major[order], minor[order], count[order]
    starts = np.ones(major.size, dtype=bool)
    starts[1:] = (major[1:] != major[:-1]) | (minor[1:] != minor[:-1])
    first = np.flatnonzero(starts)
    held = np.add.reduceat(count, first) if first.size else count
    return major[first], minor[first], held.astype(np.int64)
