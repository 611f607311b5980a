"""From primary cells to a pattern in which no withheld number can be worked out: the audit inside.

The intruder is the strong one: sees the table with its marks, knows the threshold and hence that a
withheld small cell holds 1..t-1 and a complementary one t or more, knows which combinations of
codes exist, and is in one of the cells. Promised for every withheld cell or margin below t:

  spread   whole-number tables that look the same from outside differ in it by `spread` or more
  groups   no set of withheld cells with 1..t-1 persons together follows from what is shown

Where the intruder is declared not to know the threshold (`rule=False`, as published tools take it),
withheld cells may hold anything from nothing upwards, and `spread` is t: then no group can follow,
since each of its cells would span less than the group's sum.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.suppression.exact import RowSpace, small_groups
from disclosure.suppression.lattice import Lattice
from disclosure.suppression.pattern import Pattern, Target
from disclosure.suppression.solver import Time
from disclosure.suppression.web import web_of

__all__ = ["Primary", "Protected", "equations", "protect"]

Int = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROUNDS = 6


@dataclass(frozen=True)
class Primary:
    """What the rules want withheld, all bool and of the shape of the lattice's values.

    small: 1..t-1 persons. doubt: empty cells that shall look like small ones, so that a group
    disclosure stays in doubt. other: t persons or more, withheld by another rule (dominance).
    known: published before, so that withholding would protect nothing (of `other`, only the sums
    are secret then; small cells must stay open all the same). silent: margins that
    nobody asked to publish; withheld without loss, but for those that are known.
    """

    small: Flags
    doubt: Flags
    other: Flags
    known: Flags
    silent: Flags


@dataclass(frozen=True)
class Protected:
    """hidden: every withheld cell; primary: withheld by a rule about the cell itself."""

    hidden: Flags
    primary: Flags


def equations(lattice: Lattice, hidden: Flags) -> tuple[sp.csr_matrix, Int]:
    """What the shown margins say of the withheld inner cells: (shown margins, unknowns), 0/1.

    Also the unknowns as flat inner indices (C order).
    """
    unknown = np.flatnonzero(hidden[lattice.inner])
    sums = lattice.sums()
    shown = np.flatnonzero(~hidden.ravel() & ~lattice.inner.ravel())
    return sums[shown][:, unknown].tocsr(), unknown


def protect(
    lattice: Lattice,
    primary: Primary,
    *,
    threshold: int,
    spread: int,
    seconds: float,
    rule: bool = True,
) -> Protected:
    """Add complementary cells until every promise holds, then show again what is not needed.

    seconds: of solving. rule: whether the intruder knows the threshold; else `spread` is not used.

    Raises Refusal("cannot_be_protected") when no pattern keeps the promises, and
    Refusal("too_hard_to_protect") when the time limit ends the search.
    """
    silent = primary.silent & ~primary.known
    wanted = (primary.small | primary.doubt | primary.other) & ~silent
    start = wanted | silent
    if ((primary.small | primary.doubt) & wanted & primary.known).any():
        raise _unprotectable()
    if not wanted.any() or (start & ~primary.known)[~lattice.inner].all():
        return Protected(start, wanted)
    if start[~lattice.inner].all():
        counts = wanted & ~primary.other
        if counts.any() and _exposed(lattice, start & ~primary.known, counts, threshold, spread):
            return _known_beside(lattice, primary, wanted, threshold, spread, seconds)
        return Protected(start, wanted)
    lower, upper = _knowledge(lattice, primary, threshold, rule=rule)
    pattern = Pattern(
        web_of(lattice),
        hidden=start.ravel(),
        lower=lower.ravel(),
        upper=upper.ravel(),
        cost=_cost(lattice, primary, threshold).ravel(),
        time=Time(seconds),
    )
    width = np.where(primary.doubt, threshold - 1, spread) if rule else threshold + 0 * wanted
    targets = _targets(lattice, wanted, start, width)
    for _ in range(ROUNDS):
        if not pattern.protect(targets):
            raise _unprotectable()
        pattern.prune(pattern.hidden & ~start.ravel())
        hidden = pattern.hidden.reshape(start.shape)
        bare = hidden & ~primary.known
        if not rule and np.array_equal(bare, hidden):
            return Protected(hidden, wanted)
        exposed = _exposed(lattice, hidden, wanted, threshold, spread)
        if not exposed:
            sums = wanted & ~primary.other
            asked = np.array_equal(bare, hidden) and np.array_equal(sums, wanted)
            if not asked and _exposed(lattice, bare, sums, threshold, spread):
                return _known_beside(lattice, primary, wanted, threshold, spread, seconds)
            return Protected(hidden, wanted)
        targets = _wider(targets, exposed, threshold)
    raise _unprotectable()


def _known_beside(
    lattice: Lattice, primary: Primary, wanted: Flags, threshold: int, spread: int, seconds: float
) -> Protected:
    """Protect the counts from those that are known, then withhold what is wanted besides."""
    other = primary.other & ~primary.known
    if np.array_equal(other, primary.other):
        raise _unprotectable()
    found = protect(
        lattice,
        replace(primary, other=other),
        threshold=threshold,
        spread=spread,
        seconds=seconds,
    )
    hidden = found.hidden | wanted
    if _exposed(lattice, hidden, wanted, threshold, spread):
        raise _unprotectable()
    return Protected(hidden, wanted)


def _unprotectable() -> Refusal:
    return Refusal(
        "cannot_be_protected",
        "Some cells of this table are too small, and no choice of cells to withhold hides them.",
        "Merge categories, leave out the margins, or ask for one dimension less.",
    )


def _knowledge(
    lattice: Lattice, primary: Primary, threshold: int, *, rule: bool
) -> tuple[Int, Int]:
    """What the intruder takes each cell to hold at least and at most, once withheld."""
    open_end = lattice.values + 4 * threshold
    if not rule:
        return np.zeros_like(lattice.values), open_end
    least = np.where(primary.small, 1, np.where(primary.doubt, 0, threshold))
    lower = np.where(lattice.inner, least, np.minimum(lattice.values, 1))
    bounded = (primary.small | primary.doubt) & lattice.inner
    return lower, np.where(bounded, threshold - 1, open_end)


def _cost(lattice: Lattice, primary: Primary, threshold: int) -> NDArray[np.float64]:
    """What withholding loses: about one a cell, more for large ones and for margins."""
    size = 1 + np.log1p(lattice.values) / 8
    cost = size * np.where(lattice.inner, 1.0, 1.5 + lattice.level)
    free = (lattice.values >= threshold) & ~primary.known
    return np.where(free, cost, np.inf)


def _targets(lattice: Lattice, wanted: Flags, start: Flags, width: Int) -> list[Target]:
    """What the rules want withheld; cells with fewest withheld companions first."""
    companions = np.zeros(lattice.values.shape, np.int64)
    for axis in range(start.ndim):
        companions += start.sum(axis=axis, keepdims=True)
    flat = np.flatnonzero(wanted)
    order = flat[np.argsort(companions.ravel()[flat], kind="stable")]
    return [Target(int(cell), int(width.flat[cell])) for cell in order]


def _exposed(
    lattice: Lattice, hidden: Flags, wanted: Flags, threshold: int, spread: int
) -> set[int]:
    """Withheld cells (flat) that still follow, alone or as a group below the threshold.

    Larger groups than are looked for are ruled out by the spread: with k cells of one person at
    least and a known sum below t, none could span more than t-1-k. Groups with an empty cell are
    ruled out by its width: if that may hold t-1, then it and one other hold t.
    """
    system, unknown = equations(lattice, hidden)
    space = RowSpace.of(system)
    counts = lattice.values[lattice.inner][unknown]
    places = np.flatnonzero(lattice.inner.ravel())[unknown]
    group = max(1, min(3, threshold - 1 - spread))
    exposed = {int(places[i]) for one in small_groups(space, counts, threshold, group) for i in one}
    must = wanted.ravel()[places]
    exposed.update(int(cell) for cell in places[space.determined() & must])
    margins = np.flatnonzero(wanted.ravel() & ~lattice.inner.ravel())
    follows = space.follows(lattice.sums()[margins][:, unknown].tocsr())
    exposed.update(int(cell) for cell in margins[follows])
    return exposed


def _wider(targets: list[Target], exposed: set[int], threshold: int) -> list[Target]:
    """Ask the whole range 1..t-1 of the exposed cells: then no group they are in can follow."""
    widest = threshold - 2
    if all(t.width >= widest for t in targets if t.cell in exposed):
        raise _unprotectable()
    return [replace(t, width=max(t.width, widest)) if t.cell in exposed else t for t in targets]
