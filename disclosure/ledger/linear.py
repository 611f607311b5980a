"""The audit across releases: does any small group follow from all that was ever published?

Every published count is a 0/1 sum over atoms, the groups of persons that no release separates. A
group follows exactly iff its vector lies in the row space of these sums; sums and means over the
same cells are determined exactly when counts are. Tested: every atom below the threshold, every
pair of them (of few, every triple), every withheld cell of the new table, every inner cell of the
earlier ones.

Here all is worked out anew from the groups' sizes: of one result, of few releases. For the history
of a project see `standing` and `meeting`, which keep what they know.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from disclosure.ledger.atoms import cell_members, of_overlap, published_sums, with_everybody
from disclosure.ledger.meeting import GivenAway, Meeting
from disclosure.ledger.standing import basic, too_much
from disclosure.suppression.exact import RowSpace, small_groups
from disclosure.tables import Atoms, Overlap

__all__ = ["collides", "together"]

AT_MOST = 3000
"""Published counts, beyond those that follow from others; about ten seconds of work."""
PAIRS_UP_TO, TRIPLES_UP_TO = 20_000, 400
"""Small atoms among which pairs and triples are searched."""


def together(
    new: tuple[tuple[int, ...], ...],
    sums: sp.csr_matrix,
    threshold: int,
    overlaps: Sequence[Overlap],
    history: Atoms | Meeting | None,
    persons: int,
) -> list[GivenAway]:
    """What would follow with the counts of a new table: small groups, and from which releases.

    With a Meeting all are taken together at once; with Atoms, or nothing, pairs as well. persons:
    in the view, which every project is told. Arguments and Refusal as of `collides`.
    """
    if isinstance(history, Meeting):
        found = history.given_away(new, sums, threshold)
        return [] if found is None else [found]
    several = [] if history is None else [history]
    return [
        GivenAway(one.releases, ())
        for one in [*map(of_overlap, overlaps), *several]
        if collides(with_everybody(one, persons), new, sums, threshold)
    ]


def collides(
    atoms: Atoms, new: tuple[tuple[int, ...], ...], sums: sp.csr_matrix, threshold: int
) -> bool:
    """Whether a group of 1..threshold-1 persons follows from the new and the earlier counts.

    new: the counts that the new table would publish. sums: (cells, inner cells) of the new table,
    margins too, so that each of its withheld cells is tested. Raises
    Refusal("too_much_released") when there is more than can be audited: never a pass.
    """
    if not atoms.counts.size:
        return False
    tables = [(new, int(sums.shape[1]))]
    tables += [
        (published, 1 + max((i for cell in published for i in cell), default=-1))
        for published in atoms.earlier
    ]
    systems, targets = [], []
    for column, (published, cells) in enumerate(tables):
        inner = max(cells, int(atoms.cells[:, column].max(initial=-1)) + 1)
        members = cell_members(atoms.cells[:, column], inner)
        systems.append(published_sums(basic(published), inner) @ members)
        targets.append(sums @ members if column == 0 else members)
    system = _distinct(sp.vstack(systems, format="csr"))
    if system.shape[0] > AT_MOST:
        raise too_much()
    space = RowSpace.of(system)
    watched = sp.vstack(targets, format="csr")
    size = np.asarray(watched @ atoms.counts).ravel()
    watched = watched[np.flatnonzero((size > 0) & (size < threshold))]
    if watched.shape[0] and space.follows(watched).any():
        return True
    few = int(((atoms.counts > 0) & (atoms.counts < threshold)).sum())
    largest = 3 if few <= TRIPLES_UP_TO else 2 if few <= PAIRS_UP_TO else 1
    return bool(small_groups(space, atoms.counts, threshold, largest))


def _distinct(system: sp.csr_matrix) -> sp.csr_matrix:
    """The rows without repetition: the same count published twice says nothing new."""
    system.sort_indices()
    seen: dict[bytes, int] = {}
    for row in range(system.shape[0]):
        members = system.indices[system.indptr[row] : system.indptr[row + 1]]
        seen.setdefault(members.tobytes(), row)
    return system[sorted(seen.values())]
