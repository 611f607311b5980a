"""An intruder over published tables of counts: scipy's whole-number programmes, no gate's code.

Every table is given as rows (codes, count or None, mark); what a code sums is told anew from the
hierarchies. Cells that stand in several tables are one unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Cell = frozenset[tuple[str, str]]


@dataclass
class Intruder:
    """What is published, what is known besides; `threshold` None for who does not know it."""

    threshold: int | None
    number: dict[Cell, int] = field(default_factory=dict)
    rows: list[dict[int, float]] = field(default_factory=list)
    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)
    primary: set[int] = field(default_factory=set)

    def cell(self, dimensions: Sequence[str], codes: Sequence[str]) -> int:
        """The unknown of a cell."""
        key = frozenset(pair for pair in zip(dimensions, codes, strict=True) if pair[1] != "Σ")
        return self.number.setdefault(key, len(self.number))

    def sees(
        self,
        columns: Mapping[str, Sequence[object]],
        dimensions: Sequence[str],
        parents: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Take in one published table (columns: dimensions, n, mark)."""
        children: list[dict[str, set[str]]] = []
        for name in dimensions:
            tree: dict[str, set[str]] = {"Σ": set()}
            for code in {str(code) for code in columns[name]} - {"Σ"}:
                tree.setdefault(parents.get(name, {}).get(code, "Σ"), set()).add(code)
            children.append(tree)
        codes = [
            sorted({*tree, *(code for below in tree.values() for code in below)})
            for tree in children
        ]
        listed = {}
        for at in range(len(columns["n"])):
            place = tuple(str(columns[name][at]) for name in dimensions)
            listed[place] = (columns["n"][at], columns["mark"][at])
        for place in product(*codes):
            leaf = all(code not in tree for code, tree in zip(place, children, strict=True))
            number = self.cell(dimensions, place)
            value, mark = listed.get(place, (0 if leaf else None, ""))
            self._bound(number, value, str(mark), leaf=leaf)
            for axis, tree in enumerate(children):
                if place[axis] in tree:
                    row = {number: -1.0}
                    for child in tree[place[axis]]:
                        below = (*place[:axis], child, *place[axis + 1 :])
                        row[self.cell(dimensions, below)] = 1.0
                    self.rows.append(row)

    def _bound(self, number: int, value: object, mark: str, *, leaf: bool) -> None:
        low, high = 0.0, np.inf
        if value is not None:
            low = high = float(value)  # type: ignore[arg-type]  # counts
        elif mark == "primary":
            self.primary.add(number)
            if self.threshold is not None:
                low, high = 1.0, self.threshold - 1.0
        elif leaf and self.threshold is not None:
            low = float(self.threshold)
        self.lower[number] = max(self.lower.get(number, 0.0), low)
        self.upper[number] = min(self.upper.get(number, np.inf), high)

    def interval(
        self, cells: Sequence[int], known: Mapping[int, int] | None = None
    ) -> tuple[int, int]:
        """The least and the most that the cells hold together, in whole numbers."""
        many = len(self.number)
        matrix = np.zeros((len(self.rows), many))
        for at, row in enumerate(self.rows):
            for number, weight in row.items():
                matrix[at, number] = weight
        low = np.array([self.lower.get(i, 0.0) for i in range(many)])
        high = np.array([self.upper.get(i, np.inf) for i in range(many)])
        for number, value in (known or {}).items():
            low[number] = high[number] = value
        goal = np.zeros(many)
        goal[list(cells)] = 1.0
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * goal,
                constraints=LinearConstraint(matrix, 0, 0),
                bounds=Bounds(low, np.minimum(high, 100_000)),
                integrality=np.ones(many),
            )
            if found.status != 0:
                raise AssertionError(f"no table looks like this: {found.message}")
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]
