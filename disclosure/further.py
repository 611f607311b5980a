"""Further statistics of a table's cells: each family's own rule decides which values are shown.

Where a cell of the table is withheld, so is everything about it. Where it is shown, a statistic
may still be withheld by itself, for it tells more than a count.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from disclosure.findings import Finding
from disclosure.policy import Policy
from disclosure.statistics import Judged

__all__ = ["Further", "Told"]


@dataclass(frozen=True)
class Told:
    """values: for each cell of the lattice in C order, margins too, by statistic; None withheld.

    Every cell has the same statistics. findings: what the rule said.
    """

    values: Sequence[Mapping[str, float | int | None]]
    findings: tuple[Finding, ...] = ()


class Further(ABC):
    """Evidence of one statistic, or of several that belong together."""

    @abstractmethod
    def judged(self, judged: Sequence[Judged], policy: Policy) -> Told:
        """What may be shown, given how the counts and described numbers were judged."""
