"""How well the registries of a view link: rows, persons, id classes, overlaps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Linkage", "for_researcher"]

SMALL = 5


class Linkage:
    """Counts of a view, gathered bucket by bucket."""

    def __init__(self, datasets: Sequence[str]) -> None:
        self._names = list(datasets)
        self._together = np.zeros((len(datasets), len(datasets)), np.int64)
        self._persons = 0

    def add(self, present: NDArray[np.bool_]) -> None:
        """Count a bucket: `present` is (persons, datasets), true where a person has rows."""
        self._together += present.T.astype(np.int64) @ present.astype(np.int64)
        self._persons += len(present)

    def full(
        self,
        rows: Mapping[str, int],
        classes: Mapping[str, Mapping[str, int]],
        linked: Mapping[str, Mapping[str, int]] | None = None,
    ) -> dict[str, Any]:
        """Exact counts, for registry owners and case handlers.

        rows: by dataset, in the view. classes: by dataset, rows by class of identifier. linked: by
        dataset and link, rows that name a person of the view.
        """
        links = {"links": {name: dict(counts) for name, counts in linked.items()}} if linked else {}
        return links | {
            "persons": self._persons,
            "datasets": {
                name: {
                    "rows": rows[name],
                    "persons": int(self._together[place, place]),
                    "classes": dict(classes[name]),
                }
                for place, name in enumerate(self._names)
            },
            "overlap": {
                name: {
                    other: int(self._together[place, across])
                    for across, other in enumerate(self._names)
                    if across != place
                }
                for place, name in enumerate(self._names)
            },
        }


def for_researcher(report: Mapping[str, Any]) -> dict[str, Any]:
    """The same with counts below five withheld (null) and all others rounded to fives.

    Rounding keeps a withheld count from being found as the difference of two others.
    """
    return {key: _rounded(value) for key, value in report.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if 0 < value < SMALL:
        return None
    return SMALL * ((value + SMALL // 2) // SMALL)
