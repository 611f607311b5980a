"""Every number of a new result, less what was told before: one by one, squared, and all together.

Numbers are compared over the persons of both results, within each cell of either, and with nothing
in the place of persons outside (a number may be zero where the other has nobody). Then the new one
is explained by all earlier ones at once: Σ(x + y − z) gives z away as well as Σz does.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from disclosure.tables import Difference
from workbench.domain.release import Membership
from workbench.engine.alike import LEVELS, LOOSE, Moments, differences, explained
from workbench.engine.ledger import Ledger

__all__ = ["subtracted"]

Floats = NDArray[np.float64]
Cells = NDArray[np.integer]
CELLS = 40
"""Of a result with more cells the largest are compared by themselves."""
PRODUCTS = 6
"""Numbers of one release of which products are looked at: sums of products are told of pairs."""
TOGETHER = 100
"""Earlier numbers that are taken together, the latest first."""
DRAWN = 1000
ROUNDS = 12


def subtracted(ledger: Ledger, few: int) -> list[Difference]:
    """The differences between the new result's numbers and those of all earlier releases.

    few: groups of so many persons are no secret.
    """
    chance = np.random.default_rng(secrets.randbits(128))
    new = {name: one for name, one in ledger.numbers().items() if _varies(one, few)}
    if not new:
        return []
    found: list[Difference] = []
    before: dict[bytes, tuple[str, str, Floats]] = {}
    groups = _groups(ledger.new, ledger.cells, few)
    for release in ledger.earlier:
        old = {name: one for name, one in ledger.numbers(release).items() if _varies(one, few)}
        if not old:
            continue
        cells = [*groups, *_groups(ledger.vector(release), release.cells, few)]
        for name, one in new.items():
            squares = _products(old) if ledger.squares(release) else []
            if ledger.squares():
                found += _pairs(release, f"{name}²", one * one, old, cells, chance, few)
            found += _pairs(release, name, one, old | dict(squares), cells, chance, few)
        for name, one in old.items():
            before[_drawn(one).tobytes()] = (release.release, name, one)
    latest = list(before.values())[-TOGETHER:]
    for name, one in new.items():
        found += _together(name, one, latest, chance, few)
    return found


def _pairs(
    release: Membership,
    name: str,
    new: Floats,
    old: Mapping[str, Floats],
    cells: Sequence[NDArray[np.intp]],
    chance: np.random.Generator,
    few: int,
) -> Iterator[Difference]:
    for earlier, values in old.items():
        for moments in _of_both(new, values, cells, chance, few):
            yield _difference(release.release, name, earlier, moments)


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


def _products(old: Mapping[str, Floats]) -> list[tuple[str, Floats]]:
    squares = [(f"{name}²", one * one) for name, one in old.items()]
    if len(old) > PRODUCTS:
        return squares
    pairs = combinations(old.items(), 2)
    return squares + [(f"{one} × {other}", a * b) for (one, a), (other, b) in pairs]


def _together(
    name: str,
    new: Floats,
    before: Sequence[tuple[str, str, Floats]],
    chance: np.random.Generator,
    few: int,
) -> Iterator[Difference]:
    """What several earlier numbers leave of the new one, persons outside of each as nothing."""
    if len(before) < 2:
        return
    known = ~np.isnan(new)
    either = known | np.logical_or.reduce([~np.isnan(one) for _, _, one in before])
    some = np.concatenate([
        chance.choice(np.flatnonzero(one), min(DRAWN, int(one.sum())), replace=False)
        for one in (known, either)
    ])  # fmt: skip
    drawn = _columns(new, before, some)
    weights = _fitted(drawn[0], drawn[1:])
    if weights is None:
        return
    places = np.flatnonzero(either)
    columns = _columns(new, before, places)
    moments = explained(columns[0], weights @ columns[1:], LEVELS, few)
    if moments is not None and moments.persons:
        share = np.abs(weights[: len(before)]) * np.abs(drawn[1 : len(before) + 1]).mean(axis=1)
        release, earlier, _ = before[int(share.argmax())]
        yield _difference(release, name, earlier, moments)


def _columns(
    new: Floats, before: Sequence[tuple[str, str, Floats]], places: NDArray[np.intp]
) -> Floats:
    """(numbers, persons): the new one, the earlier ones, who is in each cohort, and one."""
    held = [new[places], *(one[places] for _, _, one in before)]
    inside = [(~np.isnan(one)).astype(np.float64) for one in held]
    return np.array([*map(np.nan_to_num, held), *inside, np.ones(places.size)])


def _fitted(new: Floats, columns: Floats) -> Floats | None:
    """Weights with which the columns add up to nearly all of the new number; None without such.

    Least absolute deviations by reweighting: a few persons who are far off do not move them.
    """
    scale = np.maximum(np.abs(columns).max(axis=1), 1e-300)
    design = (columns / scale[:, None]).T
    weight = np.ones(new.size)
    if design.shape[1] * 4 > new.size:
        return None
    spread = float(np.abs(new - np.median(new)).mean()) or 1.0
    found, off = np.zeros(design.shape[1]), new
    for _ in range(ROUNDS):
        root = np.sqrt(weight)
        found = np.linalg.lstsq(design * root[:, None], new * root, rcond=1e-10)[0]
        off = np.abs(new - design @ found)
        weight = 1 / np.maximum(off, 1e-7 * spread)
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


def _drawn(values: Floats) -> Floats:
    """The same for the same number over the same persons."""
    return values[:: max(1, values.size // DRAWN)]
