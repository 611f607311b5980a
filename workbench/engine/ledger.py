"""Who was in which cell of which earlier release: sealed when recorded, compared before the next.

An earlier release is compared person by person. When the view was rebuilt meanwhile, its persons
are found again by the project pseudonyms of the view that the release was made from; when that
view is gone there is no honest comparison, and nothing exact may be released.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from disclosure.tables import Atoms, Overlap
from workbench.domain.errors import Refusal
from workbench.domain.release import Membership
from workbench.engine.faults import fault
from workbench.engine.placed import Placed
from workbench.engine.views import ProjectView, Views

__all__ = ["Ledger", "Overlaps", "Sealer", "membership_of"]

Vector = NDArray[np.int64]
SORTED = 1 << 22
"""Above so many possible keys they are sorted; below, a table of all of them is faster."""
KEPT = 1 << 26
"""Entries of opened vectors that are kept while a table is judged (four bytes each)."""


class Sealer(Protocol):
    """The engine's keyring, as the ledger uses it."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal bytes."""

    def unwrap(self, blob: bytes, context: bytes) -> bytes:
        """Open them again; a Refusal when they were changed."""


def membership_of(
    release: str,
    view: ProjectView,
    placed: Placed,
    published: tuple[tuple[int, ...], ...],
    sealer: Sealer,
) -> Membership:
    """The ledger's entry of a release that is about to be recorded."""
    cells = int(placed.n.size)
    plain = placed.vector.astype(_width(cells)).tobytes()
    sealed = sealer.wrap(plain, _context(view.project, release))
    return Membership(release, view.version, cells, published, sealed)


class Ledger:
    """A new table before the earlier releases of its project, person by person.

    All vectors are over the persons of every view that a release was made from: persons who have
    left the project's view since are outside the new table and still inside the earlier ones.
    """

    def __init__(
        self,
        placed: Placed,
        earlier: Sequence[Membership],
        view: ProjectView,
        views: Views,
        sealer: Sealer,
    ) -> None:
        self.earlier = earlier
        self.cells = int(placed.n.size)
        self._project = view.project
        self._sealer = sealer
        self._opened: dict[str, NDArray[np.int32]] = {}
        self._places: dict[str, Vector | None] = {view.version: None}
        self._size = placed.vector.size
        self.new = placed.vector.astype(np.int64)
        others = {one.view_version for one in earlier} - {view.version}
        if others:
            self._join(view, {version: self._old(views, version) for version in sorted(others)})

    def vector(self, earlier: Membership) -> Vector:
        """The inner cell of each person in an earlier release; its `cells` outside of it."""
        held = self._opened.get(earlier.release)
        if held is None:
            held = self._open(earlier).astype(np.int32)
            if len(self._opened) * self._size < KEPT:
                self._opened[earlier.release] = held
        return held.astype(np.int64)

    def _open(self, earlier: Membership) -> Vector:
        context = _context(self._project, earlier.release)
        plain = self._sealer.unwrap(earlier.sealed, context)
        held = np.frombuffer(plain, dtype=_width(earlier.cells)).astype(np.int64)
        place = self._places[earlier.view_version]
        fits = held.size == (self._size if place is None else place.size)
        if not fits or (held.size and (held.min() < 0 or held.max() > earlier.cells)):
            raise fault("an entry of the ledger does not fit its view")
        if place is None:
            return held
        moved = np.full(self._size, earlier.cells, dtype=np.int64)
        moved[place] = held
        return moved

    def atoms(self) -> Atoms:
        """The groups of persons that no table, this one included, separates."""
        columns = [np.where(self.new == self.cells, -1, self.new)]
        for one in self.earlier:
            held = self.vector(one)
            columns.append(np.where(held == one.cells, -1, held))
        group, groups = np.zeros(self._size, dtype=np.int64), 1
        for column in columns:
            width = int(column.max(initial=-1)) + 2
            group, groups = _numbered(group * width + column + 1, groups * width)
        counts = np.bincount(group, minlength=groups)
        first = np.zeros(groups, dtype=np.int64)
        first[group] = np.arange(self._size)
        cells = np.stack([column[first] for column in columns], axis=1)
        # Persons in no table at all bear no statistic.
        told = (cells >= 0).any(axis=1)
        return Atoms(
            tuple(one.release for one in self.earlier),
            counts[told].astype(np.int64),
            cells[told],
            tuple(one.published for one in self.earlier),
        )

    def _join(self, view: ProjectView, others: dict[str, ProjectView]) -> None:
        keys = {version: _pseudonyms(one) for version, one in others.items()}
        here = _pseudonyms(view)
        everybody = np.unique(np.concatenate([here, *keys.values()]))
        self._size = everybody.size
        for version, pseudonyms in {**keys, view.version: here}.items():
            self._places[version] = np.searchsorted(everybody, pseudonyms).astype(np.int64)
        new = np.full(self._size, self.cells, dtype=np.int64)
        new[self._places[view.version]] = self.new
        self.new = new

    def _old(self, views: Views, version: str) -> ProjectView:
        try:
            return views.get(self._project, version)
        except Refusal:
            raise Refusal(
                "ledger_unmappable",
                "An earlier release of this project was made from a view that is gone, so the new "
                "table cannot be compared with it.",
                "Ask for a count with noise (dp=...), or have the earlier view restored.",
            ) from None


class Overlaps(Sequence[Overlap]):
    """How a new table meets each earlier release, made one at a time: a joint can be large."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __len__(self) -> int:
        return len(self._ledger.earlier)

    @overload
    def __getitem__(self, place: int) -> Overlap: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Overlap]: ...
    def __getitem__(self, place: int | slice) -> Overlap | Sequence[Overlap]:
        if isinstance(place, slice):
            return [self._overlap(one) for one in self._ledger.earlier[place]]
        return self._overlap(self._ledger.earlier[place])

    def __iter__(self) -> Iterator[Overlap]:
        return (self._overlap(one) for one in self._ledger.earlier)

    def _overlap(self, earlier: Membership) -> Overlap:
        ledger, width = self._ledger, earlier.cells + 1
        pairs = ledger.new * width + ledger.vector(earlier)
        joint = np.bincount(pairs, minlength=(ledger.cells + 1) * width)
        return Overlap(
            earlier.release,
            joint.reshape(ledger.cells + 1, width).astype(np.int64),
            earlier.published,
        )


def _pseudonyms(view: ProjectView) -> NDArray[np.uint64]:
    parts = [view.pseudonyms(bucket).to_numpy() for bucket in range(len(view.persons))]
    return np.concatenate(parts).astype(np.uint64)


def _numbered(key: Vector, most: int) -> tuple[Vector, int]:
    """Keys below `most` renumbered without gaps, and how many there are."""
    if most > SORTED:
        found, numbers = np.unique(key, return_inverse=True)
        return numbers.astype(np.int64), found.size
    there = np.zeros(most, dtype=np.int64)
    there[key] = 1
    number = np.cumsum(there) - 1
    return number[key], int(there.sum())


def _width(cells: int) -> np.dtype[np.unsignedinteger]:
    """The narrowest little-endian type that holds 0..cells: one byte a person in most tables."""
    return np.dtype("<u1" if cells < 1 << 8 else "<u2" if cells < 1 << 16 else "<u4")


def _context(project: str, release: str) -> bytes:
    return f"ledger/{project}/{release}".encode()
