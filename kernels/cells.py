"""A notebook run as a whole: its code cells in one text, each after a line `# %% cell N`.

Known to both sides of the wall: the server's side joins, the sandbox runs cell after cell, and the
host checks that a place which the sandbox names exists in the code at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Cell", "exists", "joined", "parted"]

_MARK = re.compile(r"# %% cell ([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Cell:
    """One cell's code. number: 1 for the notebook's first; None for a text without marks."""

    number: int | None
    code: str


def joined(cells: Sequence[str]) -> str:
    """The cells' codes as one text, to be parted again by `parted`."""
    return "\n".join(f"# %% cell {number}\n{code}" for number, code in enumerate(cells, 1))


def parted(code: str) -> list[Cell]:
    """The cells of a text; one without a number when it does not begin with the first mark.

    A line counts as a mark only where its number is the next one.
    """
    lines = code.split("\n")
    if lines[0] != "# %% cell 1":
        return [Cell(None, code)]
    found: list[tuple[int, list[str]]] = []
    for line in lines:
        mark = _MARK.fullmatch(line)
        if mark and int(mark[1]) == len(found) + 1:
            found.append((len(found) + 1, []))
        else:
            found[-1][1].append(line)
    return [Cell(number, "\n".join(body)) for number, body in found]


def exists(code: str, number: int | None, line: int) -> bool:
    """Whether the text has this line (1 for the first) in the cell of this number."""
    return any(
        cell.number == number and 1 <= line <= cell.code.count("\n") + 1 for cell in parted(code)
    )
