"""Blocks: what a result that is no plain table consists of, small tables with typed columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from disclosure.findings import Mark

__all__ = ["Block", "BlockColumn", "Value", "blocks_json"]

Value = str | int | float | None
Text = Mapping[str, str]
"""By language: en, nb."""


@dataclass(frozen=True)
class BlockColumn:
    """A column: its name, what stands in it, its label and unit.

    kind: "code" (a category of the variable of this name; "" missing, "Σ" all), "text", "persons"
    (a count of distinct persons: the second verifier looks for small ones), "integer", "number".
    """

    name: str
    kind: Literal["code", "text", "persons", "integer", "number"]
    label: Text
    unit: str = ""


@dataclass(frozen=True)
class Block:
    """A small table. None where a value is withheld or undefined; marks: (row, column) -> why."""

    name: str
    title: Text
    columns: tuple[BlockColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    marks: Mapping[tuple[int, int], Mark] = field(default_factory=dict)


def blocks_json(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Blocks as JSON, for bodies of releases."""
    return [
        {
            "name": one.name,
            "title": dict(one.title),
            "columns": [
                {"name": c.name, "kind": c.kind, "label": dict(c.label), "unit": c.unit}
                for c in one.columns
            ],
            "rows": [list(row) for row in one.rows],
            "marks": [[row, column, mark.value] for (row, column), mark in one.marks.items()],
        }
        for one in blocks
    ]
