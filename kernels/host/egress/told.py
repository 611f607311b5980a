"""When something of a sealed cell or run is told: coarser, the longer it took.

A time on a grid of seconds says about twelve bits an hour-long run; a time known to within a
quarter of itself says about five, and nobody waits a quarter longer than they had to.
"""

import math
from collections.abc import Iterator

__all__ = ["moments", "told_after"]

_EVEN = 4
"""The first moments are one grid apart."""
_GROWTH = 1.25


def told_after(took: float, grid: float) -> float:
    """Seconds after its beginning at which the end of what took `took` seconds is told."""
    return next(moment for moment in _moments(grid) if moment > took)


def moments(limit: float, grid: float) -> int:
    """How many different moments there are for an end within `limit` seconds."""
    count = 0
    for moment in _moments(grid):
        count += 1
        if moment > limit:
            break
    return count


def _moments(grid: float) -> Iterator[float]:
    """Multiples of the grid: 1, 2, 3, 4 of them, then each a quarter later than the one before."""
    steps = 0
    while True:
        steps = steps + 1 if steps < _EVEN else math.ceil(steps * _GROWTH)
        yield steps * grid
