"""Who was in which cell of which earlier release: sealed when recorded, compared before the next.

An earlier release is compared person by person. When the view was rebuilt meanwhile, its persons
are found again by the project pseudonyms of the view that the release was made from; when that
view is gone there is no honest comparison, and nothing exact may be released.
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import islice
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from disclosure.ledger.meeting import Meeting
from disclosure.tables import Overlap
from workbench.domain.errors import Refusal
from workbench.domain.release import Membership
from workbench.engine.entries import Entry, entry_of, packed, unpacked
from workbench.engine.placed import Placed
from workbench.engine.views import ProjectView, Views

__all__ = ["Drawn", "Ledger", "Overlaps", "Sealer"]

Vector = NDArray[np.int64]
Floats = NDArray[np.float64]
Drawn = Mapping[str, Floats]
Cells = NDArray[np.integer]
KEPT = 1 << 29
"""Bytes of opened entries that are kept, of a project."""


class Sealer(Protocol):
    """The engine's keyring, as the ledger uses it."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal bytes."""

    def unwrap(self, blob: bytes, context: bytes) -> bytes:
        """Open them again; a Refusal when they were changed."""


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
        opened: MutableMapping[str, Entry] | None = None,
    ) -> None:
        """opened: entries that were opened before, kept by the caller."""
        self.earlier = earlier
        self.cells = int(placed.n.size)
        self._project = view.project
        self._sealer = sealer
        self._opened: MutableMapping[str, Entry] = {} if opened is None else opened
        self._places: dict[str, Vector | None] = {view.version: None}
        self._back: dict[str, Vector] = {}
        self._size = placed.vector.size
        self._persons = {view.version: placed.vector.size}
        self.new = placed.vector.astype(np.int64)
        self._new = entry_of(placed)
        self._version = view.version
        others = {one.view_version for one in earlier} - {view.version}
        if others:
            self._join(view, {version: self._old(views, version) for version in sorted(others)})
        self.views = (view.version, *sorted(others))

    def membership(self, release: str, published: tuple[tuple[int, ...], ...]) -> Membership:
        """The ledger's entry of the new table, as a release that is about to be recorded."""
        sealed = self._sealer.wrap(packed(self._new), _context(self._project, release))
        return Membership(release, self._version, self.cells, published, sealed)

    def vector(self, earlier: Membership) -> Cells:
        """The inner cell of each person in an earlier release; its `cells` outside of it.

        As narrow as it was stored.
        """
        entry, place = self._entry(earlier), self._places[earlier.view_version]
        if place is None:
            return entry.vector
        moved = np.full(self._size, earlier.cells, dtype=entry.vector.dtype)
        moved[place] = entry.vector
        return moved

    def numbers(self, earlier: Membership | None = None) -> Drawn:
        """The numbers that an earlier release, or the new result, told of; NaN outside of it."""
        entry = self._new if earlier is None else self._entry(earlier)
        cells = self.cells if earlier is None else earlier.cells
        place = self._places[self._version if earlier is None else earlier.view_version]
        found = {}
        for name, number in entry.numbers.items():
            values = number.values.astype(np.float64) + number.centre
            every = np.full(entry.vector.size, np.nan)
            every[entry.vector != cells] = np.where(np.isfinite(values), values, np.nan)
            if place is not None:
                moved = np.full(self._size, np.nan)
                moved[place] = every
                every = moved
            found[name] = every
        return found

    def drawn(self, persons: NDArray[np.intp], earlier: Membership | None = None) -> Drawn:
        """The same of some persons only, without laying out all the others."""
        entry = self._new if earlier is None else self._entry(earlier)
        if not entry.numbers:
            return {}
        cells = self.cells if earlier is None else earlier.cells
        back = self._back.get(self._version if earlier is None else earlier.view_version)
        at = persons if back is None else back[persons]
        inside = entry.vector != cells
        known = (at >= 0) & inside[at]
        rank = (np.cumsum(inside) - 1)[at[known]]
        found = {}
        for name, number in entry.numbers.items():
            found[name] = np.full(persons.size, np.nan)
            values = number.values[rank].astype(np.float64) + number.centre
            found[name][known] = np.where(np.isfinite(values), values, np.nan)
        return found

    def tells(self, earlier: Membership) -> bool:
        """Whether that release told of any numbers."""
        return bool(self._entry(earlier).numbers)

    def squares(self, earlier: Membership | None = None) -> bool:
        """Whether that result tells of its numbers' squares as well."""
        entry = self._new if earlier is None else self._entry(earlier)
        return any(one.squares for one in entry.numbers.values())

    def _entry(self, earlier: Membership) -> Entry:
        held = self._opened.get(earlier.release)
        if held is None:
            context = _context(self._project, earlier.release)
            plain = self._sealer.unwrap(earlier.sealed, context)
            held = unpacked(plain, self._persons[earlier.view_version], earlier.cells)
            if len(self._opened) * max(self._size, len(plain)) < KEPT:
                self._opened[earlier.release] = held
        return held

    def _join(self, view: ProjectView, others: dict[str, ProjectView]) -> None:
        keys = {version: _pseudonyms(one) for version, one in others.items()}
        here = _pseudonyms(view)
        self._persons |= {version: one.size for version, one in keys.items()}
        everybody = np.unique(np.concatenate([here, *keys.values()]))
        self._size = everybody.size
        for version, pseudonyms in {**keys, view.version: here}.items():
            place = np.searchsorted(everybody, pseudonyms).astype(np.int64)
            self._places[version] = place
            self._back[version] = np.full(self._size, -1, np.int64)
            self._back[version][place] = np.arange(place.size)
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
    """How a new table meets each earlier release, made when asked: a joint can be large."""

    def __init__(self, ledger: Ledger, meeting: Meeting | None) -> None:
        self._ledger = ledger
        self._meeting = meeting

    def __len__(self) -> int:
        return len(self._ledger.earlier)

    @overload
    def __getitem__(self, place: int) -> Overlap: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Overlap]: ...
    def __getitem__(self, place: int | slice) -> Overlap | Sequence[Overlap]:
        if isinstance(place, slice):
            return list(self)[place]
        return next(islice(self, range(len(self))[place], None))

    def __iter__(self) -> Iterator[Overlap]:
        joints = () if self._meeting is None else self._meeting.joints()
        for one, joint in zip(self._ledger.earlier, joints, strict=True):
            yield Overlap(one.release, joint, one.published)


def _pseudonyms(view: ProjectView) -> NDArray[np.uint64]:
    parts = [view.pseudonyms(bucket).to_numpy() for bucket in range(len(view.persons))]
    return np.concatenate(parts).astype(np.uint64)


def _context(project: str, release: str) -> bytes:
    return f"ledger/{project}/{release}".encode()
