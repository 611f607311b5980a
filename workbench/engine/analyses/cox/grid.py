"""The days of events, by stratum: where a person enters and leaves the risk sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.analyses.rows import Rows
from workbench.plan.nodes.analyses.survival import LONGEST

__all__ = ["Grid"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WIDTH = LONGEST + 1
SPREAD = 8
"""Bins that those who outlive all events are dealt over: a processor waits for each sum that the
one before went into, and half of a cohort may be there. A power of two."""


@dataclass(frozen=True)
class Grid:
    """stratum, day: (G,) each day with an event in its stratum, in that order; deaths: (G,) how
    many persons had it. A person is at risk on the days after entry up to the last one."""

    stratum: Ints
    day: Ints
    deaths: Ints
    strata: int

    @classmethod
    def read(cls, seen: Mapping[str, Any], strata: int) -> "Grid":
        """From the state of a round: lists code, day, count as lifetimes.merged has them."""
        code, day, count = (np.array(seen[one], dtype=np.int64) for one in ("code", "day", "count"))
        return cls(code, day, count, strata)

    @cached_property
    def starts(self) -> Ints:
        """(strata + 1,): where each stratum's days begin."""
        return np.searchsorted(self.stratum, np.arange(self.strata + 1))

    @cached_property
    def _until(self) -> NDArray[np.intp]:
        """(strata, last day + 2): bins by stratum and day, see `bins`."""
        last = int(self.day.max(initial=0)) + 1
        keys = self.stratum * WIDTH + self.day
        asked = np.arange(self.strata)[:, None] * WIDTH + np.arange(last + 1)[None, :]
        place = np.searchsorted(keys, asked, side="right")
        found: NDArray[np.intp] = (place + np.arange(self.strata)[:, None]).astype(np.intp)
        return found

    def bins(self, stratum: NDArray[Any] | int, day: NDArray[Any]) -> NDArray[np.intp]:
        """Days of events up to `day`, one more bin a stratum than it has days."""
        table = self._until
        place = np.minimum(day, table.shape[1] - 1)
        found: NDArray[np.intp] = table[0][place] if self.strata == 1 else table[stratum, place]
        return found

    @property
    def size(self) -> int:
        """How many bins there are."""
        return int(self.day.size + self.strata)

    @property
    def codes(self) -> int:
        """How many codes there are: see `code`."""
        return 2 * (self.size + SPREAD)

    @cached_property
    def bin_of(self) -> NDArray[np.intp]:
        """(G,): the bin of the persons whose last day is this one."""
        return np.arange(self.day.size) + self.stratum + 1

    def code(self, rows: Rows) -> NDArray[np.intp]:
        """The bin in which a person leaves the risk sets; of those with an event, after all bins of
        the others."""
        code = self.bins(rows.get("s", 0), rows["day"])
        event = rows["y"] > 0
        last = np.flatnonzero((code == self.size - 1) & ~event)
        code[last] += 1 + (last & (SPREAD - 1))
        code += event * (self.codes // 2)
        return code

    def placed(self, rows: Rows) -> None:
        """Have rows hold `code`, and `entered` where they enter late."""
        rows.keep("code", self.code)
        if "entry" in rows:
            rows.keep("entered", self.entered)

    def entered(self, rows: Rows) -> NDArray[np.intp]:
        """The bin after which a person is at risk."""
        return self.bins(rows.get("s", 0), rows["entry"])

    def told_apart(self, sums: Floats) -> tuple[Floats, Floats]:
        """(…, codes) summed by code -> (…, bins) of everybody and (…, G) of those with an event."""
        both = sums.reshape(*sums.shape[:-1], 2, -1)
        found = both[..., : self.size].copy()
        found[..., -1] += both[..., self.size :].sum(axis=-1)
        return found.sum(axis=-2), found[..., 1, :][..., self.bin_of]

    def by_code(self, each: Floats, of_event: Floats) -> Floats:
        """(bins, …) and (G, …) -> (codes, …): the first, and of events what it exceeds the second
        on their day by."""
        spread = np.repeat(each[-1:], SPREAD, axis=0)
        own = each.copy()
        own[self.bin_of] -= of_event
        return np.concatenate([each, spread, own, spread])

    def at_risk(self, left: Floats) -> Floats:
        """(bins, …) summed by the bin of leaving (less entering) -> (G, …), over risk sets."""
        found = np.empty((self.day.size, *left.shape[1:]))
        for one in range(self.strata):
            start, end = int(self.starts[one]), int(self.starts[one + 1])
            own = left[start + one : end + one + 1]
            found[start:end] = np.cumsum(own[::-1], axis=0)[::-1][1:]
        return found

    def so_far(self, each: Floats) -> Floats:
        """(G, …) -> (bins, …): the sum over the days up to the bin, within each stratum."""
        found = np.zeros((self.size, *each.shape[1:]))
        for one in range(self.strata):
            start, end = int(self.starts[one]), int(self.starts[one + 1])
            found[start + one + 1 : end + one + 1] = np.cumsum(each[start:end], axis=0)
        return found
