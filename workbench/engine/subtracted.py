"""Every number of a new result, less what was told before: one by one, squared, and all together.

Numbers are compared over the persons of both results, within each cell of either, and with nothing
in the place of persons outside (a number may be zero where the other has nobody). Then the new one
is explained by all earlier ones at once: Σ(x + y − z) gives z away as well as Σz does.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from disclosure.tables import Difference
from workbench.domain.release import Membership
from workbench.engine.alike import LEVELS, LOOSE, Moments, differences, explained
from workbench.engine.ledger import Drawn, Ledger
from workbench.engine.screen import EACH, paired, paired_within, same_ratio

__all__ = ["subtracted"]

Floats = NDArray[np.float64]
Cells = NDArray[np.integer]
CELLS = 40
"""Of a result with more cells the largest are compared by themselves."""
PRODUCTS = 6
"""Numbers of one release of which products are looked at: sums of products are told of pairs."""
TOGETHER = 50
"""Earlier numbers that are taken together, the latest first."""
NOTHING = 1e-6
"""A smaller part of a sum is no part of it."""
POOL = 600
"""Persons that are looked at before any number is laid out whole."""
ROUNDS = 12
RIDGE = 1e-13


def subtracted(ledger: Ledger, few: int) -> list[Difference]:
    """The differences between the new result's numbers and those of all earlier releases.

    few: groups of so many persons are no secret.
    """
    if not ledger.earlier:
        return []
    chance = np.random.default_rng(secrets.randbits(128))
    new = {name: one for name, one in ledger.numbers().items() if _varies(one, few)}
    if not new:
        return []
    asked = _Asked(ledger, new, few, chance)
    found: list[Difference] = []
    before: dict[bytes, _Before] = {}
    for release in ledger.earlier:
        if not ledger.tells(release):
            continue
        suspects = _suspects(asked, release)
        if suspects:
            found += _compared(asked, release, suspects)
        for name, values in ledger.drawn(asked.several, release).items():
            before.pop(values.tobytes(), None)
            before[values.tobytes()] = _Before(release, name, values)
    latest = list(before.values())[-TOGETHER:]
    for name, one in new.items():
        found += _together(asked, name, one, latest)
    return found


class _Asked:
    """The new result: its numbers, its cells' persons, and some persons drawn by lot."""

    def __init__(self, ledger: Ledger, new: Drawn, few: int, chance: np.random.Generator) -> None:
        self.ledger = ledger
        self.new = new
        self.few = few
        self.chance = chance
        self.inside = ledger.new != ledger.cells
        self.squares = ledger.squares()
        cohort = np.flatnonzero(self.inside)
        self.several = np.concatenate([
            chance.permutation(cohort)[:POOL], chance.integers(0, ledger.new.size, POOL)
        ])  # fmt: skip

    @cached_property
    def groups(self) -> list[NDArray[np.intp]]:
        """The persons of each large cell."""
        return _groups(self.ledger.new, self.ledger.cells, self.few)


@dataclass(frozen=True)
class _Before:
    """An earlier number, and its values of the persons drawn; NaN outside."""

    release: Membership
    name: str
    values: Floats


def _suspects(asked: _Asked, release: Membership) -> list[tuple[str, str, str]]:
    """Which new numbers ("") or squares of them ("²") may be like which earlier ones."""
    ledger, chance = asked.ledger, asked.chance
    vector = ledger.vector(release)
    there = vector != release.cells
    both = np.flatnonzero(asked.inside & there)
    pool = chance.choice(both, min(POOL, both.size), replace=False)
    pool = np.concatenate([
        pool,
        _scarce(ledger.new[both], both, pool, ledger.new, asked),
        _scarce(vector[both], both, pool, vector, asked),
    ])  # fmt: skip
    either = chance.permutation(np.flatnonzero(asked.inside | there))[:POOL]
    old = ledger.drawn(np.concatenate([pool, either]), release)
    single = list(old)
    if ledger.squares(release):
        old = {**old, **_products(old)}
    rows = np.array(list(old.values())).reshape(len(old), pool.size + either.size)
    mine = np.array([one[np.concatenate([pool, either])] for one in asked.new.values()])
    if asked.squares:
        mine = np.concatenate([mine, mine * mine])
    alike = np.zeros((len(mine), len(rows)), bool)
    for pairs in (
        paired(pool.size),
        paired_within(ledger.new[pool]),
        paired_within(vector[pool]),
    ):
        if pool.size:
            alike |= same_ratio(mine[:, : pool.size], rows[:, : pool.size], pairs)
    known, before = (np.nan_to_num(one[:, pool.size :]) for one in (mine, rows))
    alike |= same_ratio(known, before, paired(either.size))
    names = [*((name, "") for name in asked.new), *((name, "²") for name in asked.new)]
    return [
        (*names[at], [*old][one])
        for at, one in np.argwhere(alike).tolist()
        if not names[at][1] or [*old][one] in single
    ]


def _scarce(
    cells: NDArray[np.integer],
    both: NDArray[np.intp],
    pool: NDArray[np.intp],
    vector: Cells,
    asked: _Asked,
) -> NDArray[np.intp]:
    """More persons of those cells that are large enough to be compared and hardly drawn."""
    size = np.bincount(cells)
    drawn = np.bincount(vector[pool], minlength=size.size)[: size.size]
    scarce = np.flatnonzero((size >= 2 * asked.few) & (drawn < EACH))[:CELLS]
    more = [asked.chance.permutation(both[cells == cell])[: 2 * EACH] for cell in scarce.tolist()]
    return np.concatenate([*more, both[:0]])


def _compared(
    asked: _Asked, release: Membership, suspects: Sequence[tuple[str, str, str]]
) -> Iterator[Difference]:
    ledger, few = asked.ledger, asked.few
    old = ledger.numbers(release)
    if any(earlier not in old for _, _, earlier in suspects):
        old = {**old, **_products(old)}
    cells = [*asked.groups, *_groups(ledger.vector(release), release.cells, few)]
    for name, power, earlier in suspects:
        if _varies(old[earlier], few):
            one = asked.new[name] ** 2 if power else asked.new[name]
            for moments in _of_both(one, old[earlier], cells, asked.chance, few):
                yield _difference(release.release, name + power, earlier, moments)


def _of_both(
    new: Floats,
    old: Floats,
    cells: Sequence[NDArray[np.intp]],
    chance: np.random.Generator,
    few: int,
) -> Iterator[Moments]:
    known, before = ~np.isnan(new), ~np.isnan(old)
    both = known & before
    common = np.flatnonzero(both)
    if common.size:
        place = np.cumsum(both) - 1
        groups = [place[one[both[one]]] for one in cells]
        groups = [one for one in groups if 0 < one.size < common.size]
        yield from differences(new[common], old[common], groups, chance, few)
    if common.size < max(known.sum(), before.sum()):
        either = known | before
        zeros = [np.nan_to_num(one[either]) for one in (new, old)]
        yield from differences(zeros[0], zeros[1], [], chance, few)


def _products(old: Drawn) -> Drawn:
    squares = {f"{name}²": one * one for name, one in old.items()}
    if len(old) > PRODUCTS:
        return squares
    pairs = combinations(old.items(), 2)
    return squares | {f"{one} × {other}": a * b for (one, a), (other, b) in pairs}


def _together(
    asked: _Asked, name: str, new: Floats, before: Sequence[_Before]
) -> Iterator[Difference]:
    """What several earlier numbers leave of the new one, persons outside of each as nothing."""
    drawn = new[asked.several]
    first = _used(drawn, before)
    kept = [one for one, part in zip(before, first[0], strict=False) if part]
    share, weights = _used(drawn, kept)
    if weights is None:
        return
    whole = [asked.ledger.numbers(one.release)[one.name] for one in kept]
    either = ~np.isnan(new) | np.logical_or.reduce([~np.isnan(one) for one in whole])
    full = _columns(new[either], [one[either] for one in whole])
    moments = explained(full[0], weights @ full[1:], LEVELS, asked.few)
    if moments is not None and moments.persons:
        largest = kept[int(share.argmax())]
        yield _difference(largest.release.release, name, largest.name, moments)


def _used(drawn: Floats, before: Sequence[_Before]) -> tuple[Floats, Floats | None]:
    """How large a part of the new number each earlier one is, and the weights of `_fitted`."""
    if len(before) < 2:
        return np.zeros(0), None
    columns = _columns(drawn, [one.values for one in before])
    weights = _fitted(columns[0], columns[1:])
    if weights is None:
        return np.zeros(0), None
    moved = np.abs(weights) * np.abs(columns[1:]).mean(axis=1)
    of_each = np.maximum(moved[: len(before)], moved[len(before) + 1 : -1])
    return of_each * (of_each > NOTHING * moved.max()), weights


def _columns(new: Floats, before: Sequence[Floats]) -> Floats:
    """(numbers, persons): the new one, the earlier ones, who is in each cohort, and one."""
    held = [new, *before]
    inside = [(~np.isnan(one)).astype(np.float64) for one in held]
    return np.array([*map(np.nan_to_num, held), *inside, np.ones(new.size)])


def _fitted(new: Floats, columns: Floats) -> Floats | None:
    """Weights with which the columns add up to nearly all of the new number; None without such.

    Least absolute deviations by reweighting: a few persons who are far off do not move them.
    """
    if len(columns) * 4 > new.size:
        return None
    scale = np.maximum(np.sqrt(np.square(columns).mean(axis=1)), 1e-300)
    design = columns / scale[:, None]
    spread = float(np.abs(new - np.median(new)).mean()) or 1.0
    weight, found, off = np.ones(new.size), np.zeros(len(columns)), new
    for turn in range(ROUNDS):
        weighed = design * weight
        gram = weighed @ design.T
        gram[np.diag_indices_from(gram)] += RIDGE * np.trace(gram) / len(gram)
        found = np.linalg.solve(gram, weighed @ new)
        off = np.abs(new - found @ design)
        if turn == 1 and (off > 0.3 * spread).mean() > 0.5:
            return None
        weight = 1 / np.maximum(off, 1e-5 * spread)
    if (off > LOOSE * spread).mean() > 0.25:
        return None
    return np.asarray(found / scale)


def _difference(release: str, new: str, earlier: str, moments: Moments) -> Difference:
    return Difference(
        release, new, earlier, moments.persons, moments.total, moments.largest, moments.second
    )


def _groups(vector: Cells, cells: int, few: int) -> list[NDArray[np.intp]]:
    """The persons of each cell that is large enough to be compared, the largest first."""
    size = np.bincount(vector, minlength=cells + 1)[:cells]
    order = np.argsort(vector, kind="stable")
    ends = np.cumsum(size)
    large = [cell for cell in np.argsort(-size)[:CELLS].tolist() if size[cell] >= 2 * few]
    return [order[ends[cell] - size[cell] : ends[cell]] for cell in large]


def _varies(values: Floats, few: int) -> bool:
    """Whether a number is told of enough persons and is not one constant."""
    known = values[~np.isnan(values)]
    return known.size >= 2 * few and bool((known != known[0]).any())
