"""Drawn tables: what a reader sees in a chapter of the manual is what the gate gets and gives.

A drawing has one row a line, cells separated by spaces and `|` before the margins:

             F     M   |   Σ
      A     40    50   |  90
      B      3    47   |  50
      -----------------------
      Σ     43    97   | 140

Only inner cells are read; margins may be drawn and are then checked. In the gate's answer `·` is a
primary cell, `×` a complementary one.
"""

import numpy as np

from disclosure.findings import Decision, Mark
from disclosure.tables import MARGIN, Dimension, TableEvidence

SIGNS = {Mark.PRIMARY: "·", Mark.COMPLEMENTARY: "×"}


def _rows(drawing: str) -> list[list[str]]:
    lines = [line.replace("|", " ").split() for line in drawing.splitlines()]
    return [line for line in lines if line and set("".join(line)) != {"-"}]


def read(drawing: str, *, view: int = 1_000_000, outside: int = 0) -> TableEvidence:
    """A drawn two-dimensional table as evidence; margins are published iff they are drawn."""
    head, *body = _rows(drawing)
    margins = head[-1] == MARGIN
    columns = head[:-1] if margins else head
    rows = [line for line in body if line[0] != MARGIN]
    counts = np.array([[int(cell) for cell in line[1 : len(columns) + 1]] for line in rows])
    if margins:
        drawn = [[int(cell) for cell in line[1:]] for line in body]
        total = np.append(counts, counts.sum(0, keepdims=True), 0)
        total = np.append(total, total.sum(1, keepdims=True), 1)
        assert np.array_equal(np.array(drawn), total), "the drawing's margins do not add up"
    return TableEvidence(
        (Dimension("row", tuple(line[0] for line in rows)), Dimension("column", tuple(columns))),
        counts.astype(np.int64),
        int(counts.sum()) + outside,
        view,
        margins,
    )


def draw(decision: Decision, statistic: str = "n") -> str:
    """The gate's answer in the same form."""
    rows = list(dict.fromkeys(cell.codes[0] for cell in decision.cells))
    columns = list(dict.fromkeys(cell.codes[1] for cell in decision.cells))
    lines = [["", *columns]]
    cells = iter(decision.cells)
    for row in rows:
        shown = [next(cells) for _ in columns]
        lines.append([row, *(SIGNS.get(c.mark, f"{c.values[statistic]}") for c in shown)])
    return "\n".join(" ".join(line).strip() for line in lines)


def same(drawing: str, decision: Decision) -> bool:
    """Whether the gate's answer is the drawing, spacing and rules aside."""
    return _rows(drawing) == _rows(draw(decision))
