"""One statistic of a table on its way through the rules: which of its cells stay, and why.

A table of counts is one statistic; a described variable is one too (its n, mean and sd stand and
fall together, so that the pattern which hides a count hides the sum as well).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.policy import Policy
from disclosure.rules import dominance, group_disclosure, threshold
from disclosure.rules.dominance import Contributions
from disclosure.suppression.exact import RowSpace, derived_unions
from disclosure.suppression.lattice import Lattice, lattice_of
from disclosure.suppression.protect import Primary, equations, protect
from disclosure.tables import Magnitude, TableEvidence, margins_of

__all__ = ["Judged", "judge"]

Flags = NDArray[np.bool_]
ROUNDS = 40


@dataclass(frozen=True)
class Judged:
    """The outcome for one statistic, bool arrays of the lattice's shape.

    hidden: all withheld cells. silent: margins that nobody asked for (withheld, unless known).
    small, doubt, dominated, close: why a cell itself is withheld (threshold, group disclosure,
    dominance, ledger).
    """

    name: str
    lattice: Lattice
    silent: Flags
    hidden: Flags
    small: Flags
    doubt: Flags
    dominated: Flags
    close: Flags
    cells: Contributions | None

    @property
    def shown(self) -> Flags:
        """Cells with persons whose number is published."""
        found: Flags = ~self.hidden & ~self.silent & (self.lattice.values > 0)
        return found


def judge(
    evidence: TableEvidence,
    magnitude: Magnitude | None,
    policy: Policy,
    known: Flags | None = None,
    close: Flags | None = None,
) -> Judged:
    """Apply the cell rules and suppression to the counts, or to one described variable.

    known: counts that an earlier release shows; close: cells that the ledger wants withheld;
    both of the lattice's shape. Raises Refusal when the table cannot be protected.
    """
    lattice = lattice_of(evidence.n if magnitude is None else magnitude.n)
    nothing = np.zeros(lattice.values.shape, bool)
    guarded = [policy.is_sensitive(d.name, evidence.sensitive) for d in evidence.dimensions]
    small = threshold.small(lattice.values, policy.threshold)
    doubt = group_disclosure.doubtful(lattice, guarded, policy)
    cells, dominated = None, nothing
    if magnitude is not None:
        cells = dominance.contributions(magnitude)
        dominated = dominance.concentrated(cells, policy) & ~small
        marked = 0 if cells.contributors is None else int(cells.contributors.flat[-1])
        if 0 < marked < policy.threshold:
            # A number that is nothing but a mark on a few persons: that one cell is withheld and
            # the others are not would tell which cell they are in.
            dominated = (lattice.values > 0) & ~small
    close = nothing if close is None else close & (lattice.values >= policy.threshold)
    known = nothing if known is None or (magnitude and not small.any()) else known
    known = known & (lattice.values == margins_of(evidence.n))
    known.flat[-1] |= lattice.values.flat[-1] == evidence.view_population
    if magnitude is not None and not (small | doubt | close).any():
        known = nothing  # a known count says nothing of a sum, and no count is a secret here
    judged = Judged(
        name="n" if magnitude is None else magnitude.variable,
        lattice=lattice,
        silent=nothing if evidence.margins else ~lattice.inner,
        hidden=nothing,
        small=small,
        doubt=doubt,
        dominated=dominated,
        close=close,
        cells=cells,
    )
    return _protected(judged, known, policy)


def _protected(judged: Judged, known: Flags, policy: Policy) -> Judged:
    inner = None
    if judged.cells is not None:
        inner = _inner(judged)
    for _ in range(ROUNDS):
        other = judged.dominated | judged.close
        primary = Primary(judged.small, judged.doubt, other, known, judged.silent)
        found = protect(
            judged.lattice,
            primary,
            threshold=policy.threshold,
            spread=policy.spread,
            seconds=policy.solver_seconds,
        )
        judged = replace(judged, hidden=found.hidden)
        if inner is None:
            return judged
        exposed = _dominated_unions(judged, inner, policy)
        if not exposed.any():
            return judged
        judged = replace(judged, dominated=judged.dominated | exposed)
    raise _dominated_for_good()


def _inner(judged: Judged) -> Contributions:
    """The contributions of the inner cells alone, flat."""
    if judged.cells is None:
        raise ValueError("a table of counts has no contributions")
    return judged.cells.at(judged.lattice.inner)


def _dominated_unions(judged: Judged, inner: Contributions, policy: Policy) -> Flags:
    """Margins to withhold as well: what they say of a union that a few persons would dominate."""
    system, unknown = equations(judged.lattice, judged.hidden)
    rows = np.flatnonzero(~judged.hidden.ravel() & ~judged.lattice.inner.ravel())
    exposed = np.zeros(judged.lattice.size, bool)
    for union in derived_unions(RowSpace.of(system)):
        if _unsafe(inner, unknown[union], policy):
            touching = rows[np.flatnonzero(np.diff(system[:, union].tocsr().indptr))]
            persons = judged.lattice.values.ravel()[touching]
            exposed[touching[int(np.argmin(persons))]] = True
            break
    return exposed.reshape(judged.lattice.values.shape)


def _unsafe(inner: Contributions, members: NDArray[np.int64], policy: Policy) -> bool:
    union = dominance.joined(inner, members)
    few = threshold.small(union.n, policy.threshold)
    return bool((few | dominance.concentrated(union, policy)).any())


def _dominated_for_good() -> Refusal:
    return Refusal(
        "cannot_be_protected",
        "A few persons make up most of some values, and no choice of cells to withhold hides it.",
        "Merge categories, leave out the margins, or cap the variable's highest values.",
    )
