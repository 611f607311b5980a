"""From rows to numbers: every cell of a table's tree of codes, checked against its own totals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from disclosure.errors import Refusal
from disclosure.linked.hierarchy import Tree, tree_of
from disclosure.linked.table import Table

__all__ = ["Read", "read"]

CELLS = 200_000
RELATIVE = 1e-6


@dataclass(frozen=True)
class Read:
    """A table as numbers, cells in C order over the codes of its trees.

    count: int64; sum, largest, second: float64 or None. leaf: bool, cells of leaves only. sums:
    (cells, leaf cells); ties: (relations, cells).
    """

    table: Table
    trees: tuple[Tree, ...]
    places: tuple[tuple[str, ...], ...]
    count: NDArray[np.int64]
    sum: NDArray[np.float64] | None
    largest: NDArray[np.float64] | None
    second: NDArray[np.float64] | None
    leaf: NDArray[np.bool_]
    sums: sp.csr_matrix
    ties: sp.csr_matrix

    def key(self, cell: int) -> tuple[str, frozenset[tuple[str, str]]]:
        """What the cell is about, whatever the table: shared cells have one key."""
        total = self.table.total
        codes = zip(self.table.dimensions, self.places[cell], strict=True)
        return self.table.population, frozenset(pair for pair in codes if pair[1] != total)


def read(table: Table) -> Read:
    """Check and complete one table; Refusals name the table, the column and the codes."""
    columns = _columns(table)
    rows = list(zip(*(columns[name] for name in table.dimensions), strict=True))
    for number, row in enumerate(rows):
        if not all(isinstance(code, str) and code for code in row):
            raise _bad("code", f"Row {number + 1} of {table.name} has an empty code.")
    trees = tuple(
        tree_of(
            f"{table.name}.{name}",
            tuple(sorted({row[axis] for row in rows} - {table.total})),
            table.hierarchies.get(name, {}),
            table.total,
        )
        for axis, name in enumerate(table.dimensions)
    )
    if math.prod(len(tree.codes) for tree in trees) > CELLS:
        raise Refusal(
            "table_too_large",
            f"{table.name} has more than {CELLS} cells with its totals.",
            "Use fewer dimensions or broader codes.",
        )
    places = tuple(product(*(tree.codes for tree in trees)))
    at = {place: i for i, place in enumerate(places)}
    index = np.array([at[row] for row in rows], np.int64)
    if len(set(index.tolist())) != len(rows):
        twice = next(row for i, row in enumerate(rows) if row in rows[:i])
        raise _contradiction(table, twice, "stands there twice")
    leaf = np.ones(1, bool)
    sums, ties = sp.csr_matrix(np.ones((1, 1), np.int64)), []
    for axis, tree in enumerate(trees):
        leaf = np.kron(leaf, np.arange(len(tree.codes)) < tree.leaves).astype(bool)
        sums = sp.kron(sums, tree.sums, format="csr")
        before = math.prod(len(one.codes) for one in trees[:axis])
        after = math.prod(len(one.codes) for one in trees[axis + 1 :])
        ties.append(
            sp.kron(sp.kron(sp.identity(before, np.int64), tree.ties), sp.identity(after, np.int64))
        )
    given = np.zeros(len(places), bool)
    given[index] = True
    parts = (given, index, leaf, sums)
    count = _whole(table, columns[table.count], places, parts)
    total = None
    if table.sum is not None:
        total = _completed(table, table.sum, columns[table.sum], places, parts)
    return Read(
        table=table,
        trees=trees,
        places=places,
        count=count,
        sum=total,
        largest=_top(table, table.largest, columns, parts, np.zeros(len(places))),
        second=_top(table, table.second, columns, parts, np.zeros(len(places))),
        leaf=leaf,
        sums=sums,
        ties=sp.vstack(ties, format="csr") if ties else sp.csr_matrix((0, 1), dtype=np.int64),
    )


def _columns(table: Table) -> Mapping[str, Sequence[Any]]:
    data = table.data
    columns = data if isinstance(data, Mapping) else data.to_dict(as_series=False)
    names = (*table.dimensions, table.count, table.sum, table.largest, table.second)
    for name in names:
        if name is not None and name not in columns:
            raise _bad("column", f"{table.name} has no column {name}.")
    if len(set(table.dimensions)) != len(table.dimensions):
        raise _bad("column", f"{table.name} names a dimension twice.")
    unknown = sorted(set(table.hierarchies) - set(table.dimensions))
    if unknown:
        raise _bad("column", f"{table.name} has a hierarchy for {unknown[0]}, not a dimension.")
    return columns


Parts = tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_], sp.csr_matrix]


def _whole(
    table: Table, column: Sequence[Any], places: Sequence[tuple[str, ...]], parts: Parts
) -> NDArray[np.int64]:
    for at, value in zip(parts[1].tolist(), column, strict=True):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _contradiction(table, places[at], f"has a {table.count} that counts nobody")
    found = _completed(table, table.count, column, places, parts)
    return np.rint(found).astype(np.int64)


def _completed(
    table: Table,
    name: str,
    column: Sequence[Any],
    places: Sequence[tuple[str, ...]],
    parts: Parts,
) -> NDArray[np.float64]:
    """Values of all cells from those given; totals that are given must be the sums of the rest."""
    given, index, leaf, sums = parts
    for at, value in zip(index.tolist(), column, strict=True):
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if not numeric or not math.isfinite(value) or value < 0:
            raise _contradiction(table, places[at], f"has a {name} below 0 or none at all")
    values = np.zeros(len(places))
    values[index] = np.array(column, np.float64)
    whole: NDArray[np.float64] = sums @ values[leaf]
    totals = given & ~leaf
    wrong = np.flatnonzero(totals & (np.abs(whole - values) > RELATIVE * np.maximum(whole, 1)))
    if wrong.size:
        raise _contradiction(table, places[int(wrong[0])], f"is not the sum of its parts ({name})")
    missing = np.flatnonzero(~given & ~leaf & (whole > 0))
    if totals.any() and missing.size:
        raise Refusal(
            "margin_missing",
            f"{_place(table, places[int(missing[0])])} has no row, and other totals have.",
            "Give the rows of all totals, or of none: then they are summed.",
        )
    return whole


def _top(
    table: Table,
    name: str | None,
    columns: Mapping[str, Sequence[Any]],
    parts: Parts,
    values: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    if name is None:
        return None
    for row, value in enumerate(columns[name]):
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if not numeric or not math.isfinite(value) or value < 0:
            raise _bad("value", f"Row {row + 1} of {table.name} has a {name} below 0 or none.")
    values[parts[1]] = np.array(columns[name], np.float64)
    return values


def _place(table: Table, place: tuple[str, ...]) -> str:
    codes = ", ".join(f"{d}={c}" for d, c in zip(table.dimensions, place, strict=True))
    return f"The cell {codes or 'of everybody'} of {table.name}"


def _contradiction(table: Table, place: tuple[str, ...], what: str) -> Refusal:
    return Refusal(
        "table_contradicts",
        f"{_place(table, place)} {what}.",
        "Correct the table; nothing was protected.",
    )


def _bad(what: str, reason: str) -> Refusal:
    return Refusal(f"table_{what}", reason, "Correct the table or the call.")
