"""A smooth curve over the intervals of a released histogram.

The histogram's own density (each interval's persons spread evenly over it) is convolved with a
normal kernel, exactly. The curve is a function of released counts, so it tells no more than they.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["Curve", "Interval"]

POINTS = 100
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Interval:
    """From low (inclusive) to high; None without end."""

    low: float | None
    high: float | None
    persons: int


@dataclass(frozen=True)
class Curve:
    """closed: low, high, persons; before, after: persons in open ends that nothing bounds, which
    are counted and not drawn; bandwidth: the kernel's standard deviation."""

    closed: tuple[tuple[float, float, int], ...]
    before: int
    after: int
    bandwidth: float

    @classmethod
    def of(
        cls,
        intervals: Sequence[Interval] | None,
        bounds: tuple[float, float] | None,
        bandwidth: float | None,
    ) -> "Curve | None":
        """None without intervals, or without persons in bounded ones.

        bounds: the least and greatest value that the contract allows, which close the ends.
        """
        least, most = bounds or (math.inf, -math.inf)
        closed, before, after = [], 0, 0
        for one in intervals or ():
            low = least if one.low is None else one.low
            high = most if one.high is None else one.high
            if low < high:
                closed.append((low, high, one.persons))
            elif one.low is None:
                before += one.persons
            else:
                after += one.persons
        curve = cls(tuple(closed), before, after, bandwidth or 0.0)
        if not sum(persons for _, _, persons in closed):
            return None
        return cls(curve.closed, before, after, bandwidth or curve.silverman())

    @property
    def persons(self) -> int:
        """All, in open ends too."""
        return self.before + self.after + sum(persons for _, _, persons in self.closed)

    def silverman(self) -> float:
        """0.9 · min(sd, IQR / 1.34) · n^(-1/5) of the histogram (Silverman 1986, 3.31)."""
        n = sum(persons for _, _, persons in self.closed)
        mean = math.fsum(c * (a + b) / 2 for a, b, c in self.closed) / n
        square = math.fsum(c * (a * a + a * b + b * b) / 3 for a, b, c in self.closed) / n
        sd = math.sqrt(max(square - mean * mean, 0.0))
        spread = (self.quantile(0.75) - self.quantile(0.25)) / 1.34
        return 0.9 * (min(sd, spread) or sd) * math.pow(n, -0.2)

    def quantile(self, p: float) -> float:
        """Where a share p of the persons lies below, within the bounded intervals."""
        wanted, held = p * self.persons, float(self.before)
        for low, high, persons in self.closed:
            if persons and held + persons >= wanted:
                return low + (high - low) * max(wanted - held, 0.0) / persons
            held += persons
        return self.closed[-1][1]

    def grid(self) -> list[float]:
        """POINTS evenly spaced from p1 to p99."""
        low, high = self.quantile(0.01), self.quantile(0.99)
        return [low + (high - low) * at / (POINTS - 1) for at in range(POINTS)]

    def at(self, x: float) -> float:
        """The density, per unit of the variable."""
        return math.fsum(
            persons
            / (self.persons * (high - low))
            * (_NORMAL.cdf((x - low) / self.bandwidth) - _NORMAL.cdf((x - high) / self.bandwidth))
            for low, high, persons in self.closed
            if persons
        )
