"""A second engine: plain Python over lists of dicts, one person and one row at a time.

It shares nothing with the compiler but the plan's nodes, and follows docs/reference/plan.md.
"""

import math
from collections import defaultdict
from typing import Any

from tests.lib.slow_links import Links
from tests.lib.slow_matching import Matching
from tests.lib.slow_periods import Periods
from tests.lib.slow_values import Values, finite, reduced, sortable, text
from workbench.plan import nodes
from workbench.plan.check import CheckedPlan

Row = dict[str, Any]


class SlowEngine(Values, Periods, Matching, Links):
    """data: dataset -> rows, each with its "person"; persons: how many the view has."""

    def __init__(self, data: dict[str, list[Row]], persons: int) -> None:
        self.data = data
        self.persons = persons
        self.keys = {person: (person + 1) * 7919 for person in range(persons)}
        self.memo: dict[Any, Any] = {}

    def table(self, checked: CheckedPlan) -> dict[tuple[str, ...], list[float | None]]:
        """Codes of an inner cell -> measured values (describe) or Nones (counts) of its persons."""
        analysis = checked.plan.analysis
        cells: dict[tuple[str, ...], list[float | None]] = defaultdict(list)
        for row in self.rows(analysis.cohort):
            codes = tuple(
                code if (code := text(row[one.name])) in one.levels else ""
                for one in checked.dimensions
            )
            if isinstance(analysis, nodes.Describe):
                if row[analysis.variable] is not None:
                    cells[codes].append(float(row[analysis.variable]))
            else:
                cells[codes].append(None)
        return dict(cells)

    def rows(self, frame: nodes.Frame) -> list[Row]:
        if frame in self.memo:
            return self.memo[frame]
        if isinstance(frame, nodes.Dataset):
            found = self.data[frame.name]
        elif isinstance(frame, nodes.Persons):
            found = [{"person": person} for person in range(self.persons)]
        elif isinstance(frame, nodes.Filter):
            below = self.rows(frame.frame)
            found = [row for row in below if self.read(frame.where, row) is True]
        elif isinstance(frame, nodes.Sort):
            found = self.rows(frame.frame)
        elif isinstance(frame, nodes.Derive):
            found = [
                row | {one.name: self.read(one.value, row) for one in frame.columns}
                for row in self.rows(frame.frame)
            ]
        else:
            found = getattr(self, f"rows_{type(frame).__name__.lower()}")(frame)
        self.memo[frame] = found
        return found

    def of(self, frame: nodes.Frame, person: int) -> list[Row]:
        key = ("by person", frame)
        if key not in self.memo:
            grouped: dict[int, list[Row]] = defaultdict(list)
            for row in self.rows(frame):
                grouped[row["person"]].append(row)
            self.memo[key] = grouped
        return self.memo[key].get(person, [])

    def on_compare(self, node: Any, row: Row) -> Any:
        left, right = self.read(node.left, row), self.read(node.right, row)
        if left is None or right is None:
            return None
        if isinstance(left, str):
            left, right = left.encode(), right.encode()
        return {
            "==": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[node.op]

    def on_arithmetic(self, node: Any, row: Row) -> Any:
        left, right = self.read(node.left, row), self.read(node.right, row)
        if left is None or right is None or (right == 0 and node.op in ("/", "//")):
            return None
        if node.op == "/":
            return finite(lambda: float(left) / float(right))
        if isinstance(left, int) and isinstance(right, int):
            exact = {
                "+": lambda: left + right,
                "-": lambda: left - right,
                "*": lambda: left * right,
                "//": lambda: left // right,
            }[node.op]()
            return (exact + 2**63) % 2**64 - 2**63
        a, b = float(left), float(right)
        return finite(
            {
                "+": lambda: a + b,
                "-": lambda: a - b,
                "*": lambda: a * b,
                "//": lambda: float(math.floor(a / b)),
            }[node.op]
        )

    def on_logic(self, node: Any, row: Row) -> Any:
        found = [self.read(one, row) for one in node.operands]
        decisive = node.op == "or"
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    def on_not(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else not found

    def on_isin(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return None if found is None else found in node.values

    def on_isnull(self, node: Any, row: Row) -> Any:
        return self.read(node.operand, row) is None

    def on_fillnull(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        return self.read(node.value, row) if found is None else found

    def on_when(self, node: Any, row: Row) -> Any:
        for one in node.cases:
            if self.read(one.when, row) is True:
                return self.read(one.then, row)
        return None if node.otherwise is None else self.read(node.otherwise, row)

    def on_bins(self, node: Any, row: Row) -> Any:
        found = self.read(node.operand, row)
        if found is None:
            return None
        edges = [f"{edge:g}" for edge in node.edges]
        below = sum(float(found) >= float(edge) for edge in node.edges)
        if below == 0:
            return f"<{edges[0]}"
        if below == len(edges):
            return f"≥{edges[-1]}"
        return f"{edges[below - 1]}–<{edges[below]}"

    def on_ascode(self, node: Any, row: Row) -> Any:
        found = text(self.read(node.operand, row))
        return found if found in node.codes else None

    def on_exists(self, node: Any, row: Row) -> Any:
        return bool(self.of(node.frame, row["person"]))

    def on_countrows(self, node: Any, row: Row) -> Any:
        return len(self.of(node.frame, row["person"]))

    def on_take(self, node: Any, row: Row) -> Any:
        return self.nth(node, row, node.which, 1)

    def on_nth(self, node: Any, row: Row) -> Any:
        return self.nth(node, row, node.counted_from, node.n)

    def nth(self, node: Any, row: Row, end: str, n: int) -> Any:
        found = [
            one | {"": self.read(node.value, one)} for one in self.of(node.frame, row["person"])
        ]
        by, descending = order(node.frame)
        found = [one for one in found if all(one[key] is not None for key in by)]
        # By value, then stably by each key from the last to the first.
        missing = [one for one in found if one[""] is None]
        found = [one for one in found if one[""] is not None]
        found.sort(key=lambda one: sortable(one[""]), reverse=end == "last")
        found += missing
        for key in reversed(by):
            down = descending != (end == "last")
            found.sort(key=lambda one, key=key: sortable(one[key]), reverse=down)
        return found[n - 1][""] if len(found) >= n else None

    def on_reduce(self, node: Any, row: Row) -> Any:
        rows = self.of(node.frame, row["person"])
        values = [v for one in rows if (v := self.read(node.value, one)) is not None]
        return reduced(node.op, values)

    def read(self, node: Any, row: Row) -> Any:
        if isinstance(node, nodes.Column):
            return row[node.name]
        if isinstance(node, (nodes.Value, nodes.DateValue)):
            return node.value
        return getattr(self, f"on_{type(node).__name__.lower()}")(node, row)


def order(frame: Any) -> tuple[tuple[str, ...], bool]:
    while isinstance(frame, (nodes.Filter, nodes.Derive)):
        frame = frame.frame
    return (frame.by, frame.descending) if isinstance(frame, nodes.Sort) else ((), False)
