"""What a benchmark says: one figure, against whom, the ratio and whether the target holds."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """value in `unit`; ratio = value / competitor's value (or its inverse, as `target` says)."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float
    target: str
    ok: bool
    notes: str = ""

    def line(self) -> str:
        """The one JSON line that ends a run of a single benchmark."""
        fields = asdict(self)
        fields.pop("notes")
        return json.dumps(fields | {"value": round(self.value, 6), "ratio": round(self.ratio, 3)})


def median_seconds(work: Callable[[], object], runs: int = 7) -> float:
    """Median wall time of `runs` calls, after one that does not count."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def interleaved(
    first: Callable[[], object], second: Callable[[], object], runs: int = 7
) -> tuple[float, float]:
    """Medians of two works, run in turn so that a drifting machine treats both alike."""
    first()
    second()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for work, kept in ((first, times[0]), (second, times[1])):
            start = time.perf_counter()
            work()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])
