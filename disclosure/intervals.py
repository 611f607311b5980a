"""Intervals that hold few persons are joined with their neighbours before a table is judged.

The tails of a distribution are the persons whom others recognise. Joined, they are shown as one
interval of the threshold or more, where suppression would hide them and something else besides.
What is joined is told by the intervals' own names, and the ledger still knows the finer cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Decision
from disclosure.ledger.meeting import Meeting
from disclosure.tables import Atoms, Dimension, Overlap, TableEvidence

__all__ = ["Joined", "joined"]

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Joined:
    """A table with fewer cells. place: int64, the new inner cell of each former one (C order)."""

    evidence: TableEvidence
    place: Int

    def overlaps(self, overlaps: Sequence[Overlap]) -> Sequence[Overlap]:
        """How the new cells meet those of earlier releases, one at a time."""
        return _Overlaps(self, overlaps)

    def overlap(self, one: Overlap) -> Overlap:
        """The rows of former cells added up."""
        joint = np.zeros((self.evidence.n.size + 1, one.joint.shape[1]), np.int64)
        np.add.at(joint, np.append(self.place, self.evidence.n.size), one.joint)
        return Overlap(one.release, joint, one.earlier)

    def history(self, atoms: Atoms | Meeting | None) -> Atoms | Meeting | None:
        """Groups that only the former cells told apart are one."""
        if atoms is None:
            return None
        if isinstance(atoms, Meeting):
            return atoms.joined(self.place, self.evidence.n.size)
        cells = atoms.cells.copy()
        inside = cells[:, 0] >= 0
        cells[inside, 0] = self.place[cells[inside, 0]]
        found, group = np.unique(cells, axis=0, return_inverse=True)
        counts = np.zeros(len(found), np.int64)
        np.add.at(counts, group.ravel(), atoms.counts)
        return Atoms(atoms.releases, counts, found, atoms.earlier)

    def spread(self, decision: Decision) -> Decision:
        """The decision with each published count as the former cells that it sums."""
        members: list[list[int]] = [[] for _ in range(self.evidence.n.size)]
        for former, new in enumerate(self.place.tolist()):
            members[new].append(former)
        published = tuple(
            tuple(sorted(one for new in cells for one in members[new]))
            for cells in decision.published
        )
        return replace(decision, published=published)


class _Overlaps(Sequence[Overlap]):
    def __init__(self, table: Joined, overlaps: Sequence[Overlap]) -> None:
        self._table = table
        self._overlaps = overlaps

    def __len__(self) -> int:
        return len(self._overlaps)

    @overload
    def __getitem__(self, place: int) -> Overlap: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Overlap]: ...
    def __getitem__(self, place: int | slice) -> Overlap | Sequence[Overlap]:
        if isinstance(place, slice):
            return [self._table.overlap(one) for one in self._overlaps[place]]
        return self._table.overlap(self._overlaps[place])


def joined(evidence: TableEvidence, threshold: int) -> Joined | None:
    """The table with its small intervals joined; None where nothing is to be joined.

    Tails are judged by an interval's persons over all other dimensions; where all small intervals
    are joined, by each line. Tables with described numbers are left as they are.
    """
    if evidence.magnitudes or evidence.further:
        return None
    groups = [
        _groups(one, evidence.n, axis, threshold) for axis, one in enumerate(evidence.dimensions)
    ]
    if all(len(cuts) == len(one.codes) for cuts, one in zip(groups, evidence.dimensions,
                                                            strict=True)):  # fmt: skip
        return None
    n = evidence.n
    for axis, cuts in enumerate(groups):
        n = np.add.reduceat(n, cuts, axis=axis)
    places = [
        np.repeat(np.arange(len(cuts)), np.diff([*cuts, len(one.codes)]))
        for cuts, one in zip(groups, evidence.dimensions, strict=True)
    ]
    grid = np.meshgrid(*places, indexing="ij")
    place = np.ravel_multi_index(tuple(one.ravel() for one in grid), n.shape)
    dimensions = tuple(
        replace(one, codes=_codes(one, cuts), edges=_edges(one, cuts), merge="")
        for one, cuts in zip(evidence.dimensions, groups, strict=True)
    )
    return Joined(
        replace(evidence, dimensions=dimensions, n=n.astype(np.int64)), place.astype(np.int64)
    )


def _groups(dimension: Dimension, n: Int, axis: int, threshold: int) -> list[int]:
    """The first code of each group of codes that stay or become one."""
    every = list(range(len(dimension.codes)))
    if not dimension.merge or not dimension.edges:
        return every
    intervals = len(dimension.edges) + 1
    lines = np.moveaxis(n, axis, -1).reshape(-1, len(every))[:, :intervals]
    tails = dimension.merge == "tails"
    found = _tails(lines.sum(axis=0), threshold) if tails else _all(lines, threshold)
    return found + every[intervals:]


def _tails(persons: Int, threshold: int) -> list[int]:
    low, high = _tail(persons, threshold), _tail(persons[::-1], threshold)
    last = persons.size - 1 - high
    if low >= last:
        return list(range(persons.size))
    return [0, *range(low + 1, last), *([last] if last > low else [])]


def _tail(persons: Int, threshold: int) -> int:
    """The last interval of the joined tail from the left; 0 when none need be joined."""
    some = np.flatnonzero(persons)
    if not some.size or persons[some[0]] >= threshold:
        return 0
    enough = np.flatnonzero(np.cumsum(persons) >= threshold)
    return int(enough[0]) if enough.size else persons.size - 1


def _all(lines: Int, threshold: int) -> list[int]:
    """From the left, each group as short as it may be: of nobody or enough in every line that has
    enough at all. What is left over joins those before it."""
    lines = lines[lines.sum(axis=1) >= threshold]
    sums = np.concatenate([np.zeros((len(lines), 1), np.int64), lines.cumsum(axis=1)], axis=1)

    def enough(start: int, end: int) -> bool:
        held = sums[:, end] - sums[:, start]
        return bool(((held == 0) | (held >= threshold)).all())

    starts, last = [0], lines.shape[1]
    for at in range(1, last):
        if enough(starts[-1], at):
            starts.append(at)
    while len(starts) > 1 and not enough(starts[-1], last):
        starts.pop()
    return starts


def _codes(dimension: Dimension, cuts: list[int]) -> tuple[str, ...]:
    if not dimension.edges or len(cuts) == len(dimension.codes):
        return dimension.codes
    ends = [*cuts[1:], len(dimension.codes)]
    return tuple(
        dimension.codes[start] if end == start + 1 else _name(dimension.edges, start, end - 1)
        for start, end in zip(cuts, ends, strict=True)
    )


def _name(edges: tuple[str, ...], first: int, last: int) -> str:
    """What the intervals first..last are called together."""
    if first == 0:
        return f"<{edges[last]}" if last < len(edges) else "all"
    return f"≥{edges[first - 1]}" if last == len(edges) else f"{edges[first - 1]}–<{edges[last]}"


def _edges(dimension: Dimension, cuts: list[int]) -> tuple[str, ...]:
    inside = [one for one in cuts if 0 < one <= len(dimension.edges)]
    return tuple(dimension.edges[one - 1] for one in inside) if dimension.edges else ()
