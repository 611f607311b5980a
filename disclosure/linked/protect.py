"""Linked, hierarchical tables protected together: the call for tables from elsewhere.

The promises are those of disclosure.suppression.protect, for cells of all tables at once, and:

  sums        a withheld sum stays open by p % of its largest contribution, and no sum of withheld
              cells that follows is made up by one or two
  singletons  nobody who is alone in a cell (or, with `coalition` n, n persons of one cell together)
              gets another withheld cell by leaving their own out

The intruder sees all tables, their hierarchies and marks. What is not promised: that a combination
of tables nobody listed here (published before, or by others) keeps these promises; coalitions of
persons in different cells; group disclosure by a row with everybody in one category.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.linked.joint import Joint, join
from disclosure.linked.reading import Read, read
from disclosure.linked.table import ProtectedTable, Table
from disclosure.linked.unions import dominated_unions
from disclosure.policy import Policy
from disclosure.suppression.exact import TOLERANCE, RowSpace, small_groups
from disclosure.suppression.pattern import Pattern, Target
from disclosure.suppression.solver import Time

__all__ = ["protect"]

Int = NDArray[np.int64]
Flags = NDArray[np.bool_]
ROUNDS = 8
STEPS = 64
"""Sums are protected in whole steps of the smallest width asked for, divided by this."""


def protect(
    tables: Sequence[Table],
    policy: Policy,
    *,
    rule: bool = True,
    coalition: int = 1,
) -> tuple[ProtectedTable, ...]:
    """The tables with what must be withheld left out, in the order given.

    rule: whether the intruder knows the threshold (see disclosure.suppression.protect). coalition:
    so many persons of one cell may put together what they know; 0 for none. Raises Refusal: a
    table is malformed, tables contradict, nothing protects them, or the time limit ended the search
    (policy.solver_seconds); then nothing may be published.
    """
    if not tables or len({one.name for one in tables}) != len(tables):
        raise Refusal("table_names", "Tables need names of their own.", "Name each table once.")
    found = [read(one) for one in tables]
    joint = join(found, policy)
    time = Time(float(policy.solver_seconds))
    hidden = _hidden(found, joint, policy, time, rule=rule, coalition=coalition)
    return tuple(
        _protected(one, cells, joint, hidden) for one, cells in zip(found, joint.at, strict=True)
    )


def _hidden(
    tables: Sequence[Read],
    joint: Joint,
    policy: Policy,
    time: Time,
    *,
    rule: bool,
    coalition: int,
) -> Flags:
    wanted = (joint.small | joint.dominated) & ~joint.silent
    kept = wanted | joint.silent
    if not wanted.any():
        return kept
    pattern = _pattern(joint, kept, policy, time, rule=rule)
    width = policy.spread if rule else policy.threshold
    targets = [Target(int(cell), width) for cell in _lonely_first(joint, wanted, kept)]
    for _ in range(ROUNDS):
        if not pattern.protect(targets):
            raise _unprotectable()
        pattern.prune(pattern.hidden & ~kept)
        _open_sums(joint, pattern, wanted, time)
        unions = dominated_unions(tables, joint, pattern.hidden, policy)
        exposed = _groups(joint, pattern.hidden, wanted, policy, rule=rule)
        tied = _tied(joint, pattern.hidden, wanted, coalition)
        if not (exposed or tied or unions):
            return pattern.hidden
        for cell in unions:
            pattern.withhold(cell)
        for known, cell in tied:
            if not pattern.protect_from(Target(cell, 1), known):
                raise _unprotectable()
        kept = pattern.hidden.copy()
        widest = policy.threshold - 2
        if exposed and all(one.width >= widest for one in targets if one.cell in exposed):
            raise _unprotectable()
        targets = [
            replace(one, width=max(one.width, widest)) if one.cell in exposed else one
            for one in targets
        ]
    raise _unprotectable()


def _pattern(joint: Joint, start: Flags, policy: Policy, time: Time, *, rule: bool) -> Pattern:
    values, t = joint.web.values, policy.threshold
    lower, upper = np.zeros_like(values), values + 4 * t
    if rule:
        least = np.where(joint.small, 1, t)
        lower = np.where(joint.leaf, least, np.minimum(values, 1))
        lower = np.where(joint.silent, 0, lower)
        upper = np.where(joint.small & joint.leaf & ~joint.silent, t - 1, upper)
    return Pattern(
        joint.web, hidden=start, lower=lower, upper=upper, cost=_cost(joint, policy), time=time
    )


def _cost(joint: Joint, policy: Policy) -> NDArray[np.float64]:
    """About one a published cell, more for totals; cells that hold nobody must be shown."""
    size = (1 + np.log1p(joint.web.values) / 8) * joint.times * np.where(joint.leaf, 1.0, 2.5)
    return np.where(joint.web.values >= policy.threshold, size, np.inf)


def _lonely_first(joint: Joint, wanted: Flags, start: Flags) -> NDArray[np.intp]:
    companions = np.abs(joint.web.ties).T @ (np.abs(joint.web.relations) @ start.astype(np.int64))
    cells = np.flatnonzero(wanted)
    return cells[np.argsort(companions[cells], kind="stable")]


def _space(joint: Joint, hidden: Flags) -> tuple[RowSpace, NDArray[np.intp]]:
    unknown = np.flatnonzero(hidden)
    return RowSpace.of(joint.web.relations[:, unknown].tocsr()), unknown


def _groups(joint: Joint, hidden: Flags, wanted: Flags, policy: Policy, *, rule: bool) -> set[int]:
    """Cells that still follow, alone or as a group of few persons (not looked for where widths of
    t or more rule them out)."""
    if not rule:
        return set()
    space, unknown = _space(joint, hidden)
    few = joint.small & joint.leaf & wanted
    counts = np.where(few, joint.web.values, 0)[unknown]
    largest = max(1, min(3, policy.threshold - 1 - policy.spread))
    found = {
        int(unknown[i])
        for group in small_groups(space, counts, policy.threshold, largest)
        for i in group
    }
    return found | {int(c) for c in unknown[space.determined() & wanted[unknown]]}


def _tied(joint: Joint, hidden: Flags, wanted: Flags, coalition: int) -> list[tuple[int, int]]:
    """Pairs of a cell that its own persons know and one that follows from it.

    One unknown follows from another iff what both leave outside the row space is parallel.
    """
    values = joint.web.values
    knowing = wanted & joint.leaf & (values > 0) & (values <= coalition)
    if not knowing.any():
        return []
    space, unknown = _space(joint, hidden)
    shadows = space.shadows()
    length = np.abs(shadows[:, 0])
    scale = TOLERANCE * max(1.0, float(np.abs(shadows).max(initial=0.0)))
    ratio = np.where(length > scale, shadows[:, 1] / np.where(length > scale, shadows[:, 0], 1), 0)
    asked = np.flatnonzero(wanted[unknown] & (length > scale))
    order = asked[np.argsort(ratio[asked], kind="stable")]
    place = {int(cell): i for i, cell in enumerate(unknown)}
    pairs = []
    for cell in np.flatnonzero(knowing & hidden).tolist():
        mine = ratio[place[cell]]
        low = np.searchsorted(ratio[order], mine - TOLERANCE, "left")
        high = np.searchsorted(ratio[order], mine + TOLERANCE, "right")
        pairs += [(cell, int(unknown[i])) for i in order[low:high] if int(unknown[i]) != cell]
    return pairs


def _open_sums(joint: Joint, pattern: Pattern, wanted: Flags, time: Time) -> None:
    """Withhold more until each withheld sum is as open as asked."""
    asked = np.flatnonzero(wanted & (joint.need > 0))
    if not asked.size:
        return
    unit = float(joint.need[asked].min()) / STEPS
    units = np.floor(np.minimum(joint.sum / unit, 1e12)).astype(np.int64)
    sums = Pattern(
        replace(joint.web, values=units),
        hidden=pattern.hidden,
        lower=np.zeros_like(units),
        upper=units + 8000,
        cost=pattern.cost,
        time=time,
    )
    steps = np.minimum(np.ceil(joint.need / unit), 4000).astype(np.int64)
    if not sums.protect([Target(int(cell), int(steps[cell])) for cell in asked]):
        raise _unprotectable()
    for cell in np.flatnonzero(sums.hidden & ~pattern.hidden).tolist():
        pattern.withhold(cell)


def _protected(one: Read, cells: NDArray[np.intp], joint: Joint, hidden: Flags) -> ProtectedTable:
    shown = np.flatnonzero((one.leaf | one.table.margins) & ((one.count > 0) | ~one.leaf))
    away = hidden[cells[shown]]
    own = ((joint.small | joint.dominated) & joint.leaf)[cells[shown]] & away
    columns: dict[str, list[object]] = {
        name: [one.places[i][axis] for i in shown.tolist()]
        for axis, name in enumerate(one.table.dimensions)
    }
    values = [(one.table.count, one.count.tolist())]
    if one.table.sum is not None and one.sum is not None:
        values.append((one.table.sum, one.sum.tolist()))
    for name, column in values:
        columns[name] = [
            None if gone else column[i] for i, gone in zip(shown.tolist(), away, strict=True)
        ]
    columns["mark"] = [
        ("primary" if mine else "complementary") if gone else ""
        for gone, mine in zip(away, own, strict=True)
    ]
    return ProtectedTable(one.table.name, columns, int(own.sum()), int((away & ~own).sum()))


def _unprotectable() -> Refusal:
    return Refusal(
        "cannot_be_protected",
        "Some cells are too small or one-sided, and no choice of cells to withhold hides them.",
        "Merge codes, publish fewer totals, or leave a table out.",
    )
