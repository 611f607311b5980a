"""Who was in which cell of which earlier release: sealed when recorded, compared before the next.

An earlier release is compared person by person. When the view was rebuilt meanwhile, its persons
are found again by the project pseudonyms of the view that the release was made from; when that
view is gone there is no honest comparison, and nothing exact may be released.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from disclosure.tables import Overlap
from workbench.domain.errors import Fault, Refusal
from workbench.domain.release import Membership
from workbench.engine.partials import Partial
from workbench.engine.views import ProjectView, Views

__all__ = ["Overlaps", "Sealer", "membership_of"]

Vector = NDArray[np.int32]


class Sealer(Protocol):
    """The engine's keyring, as the ledger uses it."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal bytes."""

    def unwrap(self, blob: bytes, context: bytes) -> bytes:
        """Open them again; a Refusal when they were changed."""


def membership_of(
    release: str,
    view: ProjectView,
    partial: Partial,
    published: tuple[tuple[int, ...], ...],
    sealer: Sealer,
) -> Membership:
    """The ledger's entry of a release that is about to be recorded."""
    plain = zlib.compress(partial.vector.astype("<i4").tobytes(), 1)
    sealed = sealer.wrap(plain, _context(view.project, release))
    return Membership(release, view.version, int(partial.n.size), published, sealed)


class Overlaps(Sequence[Overlap]):
    """How a new table meets each earlier release, made one at a time: a joint can be large."""

    def __init__(
        self,
        partial: Partial,
        earlier: Sequence[Membership],
        view: ProjectView,
        views: Views,
        sealer: Sealer,
    ) -> None:
        self._partial = partial
        self._earlier = earlier
        self._view = view
        self._views = views
        self._sealer = sealer
        self._maps: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        for version in {one.view_version for one in earlier} - {view.version}:
            self._maps[version] = self._mapping(version)

    def __len__(self) -> int:
        return len(self._earlier)

    @overload
    def __getitem__(self, place: int) -> Overlap: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Overlap]: ...
    def __getitem__(self, place: int | slice) -> Overlap | Sequence[Overlap]:
        if isinstance(place, slice):
            return [self._overlap(one) for one in self._earlier[place]]
        return self._overlap(self._earlier[place])

    def __iter__(self) -> Iterator[Overlap]:
        return (self._overlap(one) for one in self._earlier)

    def _overlap(self, earlier: Membership) -> Overlap:
        new, cells = self._partial.vector, int(self._partial.n.size)
        old = self._vector(earlier)
        gone = np.empty(0, dtype=np.int32)
        if earlier.view_version != self._view.version:
            here, there = self._maps[earlier.view_version]
            moved = np.full(new.size, earlier.cells, dtype=np.int32)
            moved[here] = old[there]
            kept = np.zeros(old.size, dtype=bool)
            kept[there] = True
            old, gone = moved, old[~kept]
        if old.size != new.size:
            raise Fault("an entry of the ledger does not fit its view", "ledger-size")
        width = earlier.cells + 1
        joint = np.bincount(new.astype(np.int64) * width + old, minlength=(cells + 1) * width)
        joint = joint.reshape(cells + 1, width).astype(np.int64)
        # Persons who left the view are outside the new table, and still in the earlier one.
        joint[cells] += np.bincount(gone, minlength=width)
        return Overlap(earlier.release, joint, earlier.published)

    def _vector(self, earlier: Membership) -> Vector:
        plain = self._sealer.unwrap(earlier.sealed, _context(self._view.project, earlier.release))
        vector = np.frombuffer(zlib.decompress(plain), dtype="<i4").astype(np.int32)
        if vector.size and (vector.min() < 0 or vector.max() > earlier.cells):
            raise Fault("an entry of the ledger names a cell that is not there", "ledger-cell")
        return vector

    def _mapping(self, version: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(positions in this view, positions in the old one) of the persons in both."""
        try:
            old = self._views.get(self._view.project, version)
        except Refusal:
            raise Refusal(
                "ledger_unmappable",
                "An earlier release of this project was made from a view that is gone, so the new "
                "table cannot be compared with it.",
                "Ask for a count with noise (dp=...), or have the earlier view restored.",
            ) from None
        _, here, there = np.intersect1d(
            _pseudonyms(self._view), _pseudonyms(old), assume_unique=True, return_indices=True
        )
        return here, there


def _pseudonyms(view: ProjectView) -> NDArray[np.uint64]:
    parts = [view.pseudonyms(bucket).to_numpy() for bucket in range(len(view.persons))]
    return np.concatenate(parts).astype(np.uint64)


def _context(project: str, release: str) -> bytes:
    return f"ledger/{project}/{release}".encode()
