"""Attackers who know nothing of the gate's code: they enumerate, and they solve linear programs.

A published table is what anyone sees: counts of cells and margins (None where withheld) and, for
each withheld cell, its mark. The intruder knows the threshold, what the marks mean, and which
combinations exist.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import linprog

from disclosure.findings import Decision, Mark


@dataclass(frozen=True)
class Seen:
    """Everything that is public: shape of the inner table, cells by position (None: margin)."""

    shape: tuple[int, ...]
    counts: dict[tuple[int | None, ...], int]
    withheld: dict[tuple[int | None, ...], Mark]


def see(decision: Decision, shape: tuple[int, ...], *, margins: bool, key: str = "n") -> Seen:
    """Read a decision as a stranger would."""
    axes = [[*range(n), None] if margins else list(range(n)) for n in shape]
    counts, withheld = {}, {}
    for position, cell in zip(product(*axes), decision.cells, strict=True):
        value = cell.values[key]
        if value is None:
            withheld[position] = cell.mark
        else:
            counts[position] = int(value)
    return Seen(shape, counts, withheld)


def _unknowns(seen: Seen) -> list[tuple[int, ...]]:
    return [p for p in seen.withheld if None not in p]


def _equations(seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    unknown = {p: j for j, p in enumerate(_unknowns(seen))}
    rows, right = [], []
    for position, shown in seen.counts.items():
        if None not in position:
            continue
        count = shown
        row = np.zeros(len(unknown))
        for cell in product(*(range(n) for n in seen.shape)):
            if all(p is None or p == c for p, c in zip(position, cell, strict=True)):
                if cell in unknown:
                    row[unknown[cell]] = 1
                else:
                    count -= seen.counts[cell]
        rows.append(row)
        right.append(count)
    return np.array(rows).reshape(len(rows), len(unknown)), np.array(right, float)


def _bounds(
    seen: Seen, threshold: int, exists: set[tuple[int, ...]]
) -> list[tuple[int, int | None]]:
    bounds: list[tuple[int, int | None]] = []
    for position in _unknowns(seen):
        if seen.withheld[position] is Mark.PRIMARY:
            bounds.append((1 if position in exists else 0, threshold - 1))
        else:
            bounds.append((threshold, None))
    return bounds


def intervals(
    seen: Seen, threshold: int, exists: set[tuple[int, ...]]
) -> dict[tuple[int, ...], tuple[float, float]]:
    """For each withheld inner cell the interval that linear programming leaves."""
    matrix, right = _equations(seen)
    bounds = _bounds(seen, threshold, exists)
    found = {}
    for j, position in enumerate(_unknowns(seen)):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(bounds))
            goal[j] = sign
            solved = linprog(goal, A_eq=matrix if len(right) else None,
                             b_eq=right if len(right) else None, bounds=bounds)  # fmt: skip
            ends.append(np.inf * -sign if solved.status == 3 else sign * solved.fun)
        found[position] = (ends[0], ends[1])
    return found


def consistent(
    seen: Seen, threshold: int, exists: set[tuple[int, ...]], limit: int = 200_000
) -> np.ndarray:
    """All whole-number fillings of the withheld inner cells, (fillings, cells), by search.

    An open upper end is cut at what the visible margins allow, or at 3 thresholds.
    Raises OverflowError when there are more than `limit` nodes to visit.
    """
    matrix, right = _equations(seen)
    bounds = _bounds(seen, threshold, exists)
    caps = [threshold * 3 if high is None else high for _, high in bounds]
    for row, total in zip(matrix, right, strict=True):
        low = sum(bounds[j][0] for j in np.flatnonzero(row))
        for j in np.flatnonzero(row):
            if bounds[j][1] is None:
                caps[j] = max(caps[j], int(total) - low + bounds[j][0])
    lows = np.array([low for low, _ in bounds])
    highs = np.array(caps)
    found: list[list[int]] = []
    visited = 0

    def extend(filling: list[int]) -> None:
        nonlocal visited
        visited += 1
        if visited > limit:
            raise OverflowError
        k = len(filling)
        done = matrix[:, :k] @ np.array(filling, float) if k else np.zeros(len(right))
        left = right - done
        if (left < matrix[:, k:] @ lows[k:] - 1e-9).any():
            return
        if (left > matrix[:, k:] @ highs[k:] + 1e-9).any():
            return
        if k == len(bounds):
            found.append(filling)
            return
        for value in range(int(lows[k]), int(highs[k]) + 1):
            extend([*filling, value])

    extend([])
    return np.array(found, int).reshape(len(found), len(bounds))


def unknowns(seen: Seen) -> list[tuple[int, ...]]:
    """Positions of the withheld inner cells, in the order of `consistent`'s columns."""
    return _unknowns(seen)
