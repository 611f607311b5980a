"""Drawn registries: tables in the text of a chapter, and one expression over them in each engine.

person | age | sex
1      | 40  | F
2      | ·   | M          a dot is a missing value
"""

from datetime import date
from typing import Any

from tests.lib.plain_view import SCHEMA, PlainView, frame
from tests.lib.slow_engine import SlowEngine
from workbench.engine.settle import scan_of
from workbench.plan import Schema, frame_type, nodes
from workbench.sdk.compile import PERSON, rows
from workbench.sdk.compile.settled import offer, settle, settled_name, settlings

MISSING = "·"


def drawn(dataset: str, text: str) -> list[dict[str, Any]]:
    """The rows of a drawn table; `person` counts from 0."""
    head, *lines = [
        [cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()
    ]
    types = {name: one["type"] for name, one in SCHEMA[dataset]["columns"].items()}
    found = []
    for line in lines:
        row = {
            name: _read(cell, types.get(name, "integer"))
            for name, cell in zip(head, line, strict=True)
        }
        found.append(row)
    return found


def values(expression: Any, person: str, visit: str = "person | day") -> list[Any]:
    """The value of a person-level expression for each person, the same in all three engines."""
    data = {"person": drawn("person", person), "visit": drawn("visit", visit)}
    cohort = nodes.Derive(
        frame=nodes.Dataset(name="person"),
        columns=(nodes.Derived(name="asked", value=expression),),
    )
    return _column(cohort, data, "asked")


def persons(cohort: nodes.Frame, person: str, visit: str = "person | day") -> list[int]:
    """Who is in a person frame, the same in all three engines."""
    data = {"person": drawn("person", person), "visit": drawn("visit", visit)}
    return _column(cohort, data, "person")


def table(
    wanted: nodes.Frame, names: tuple[str, ...], person: str, visit: str = "person | day"
) -> list[tuple[Any, ...]]:
    """The rows of a frame (person and some variables), sorted, the same in all three engines."""
    data = {"person": drawn("person", person), "visit": drawn("visit", visit)}
    return _rows(wanted, data, names)


def _column(cohort: nodes.Frame, data: dict[str, list[dict[str, Any]]], name: str) -> list[Any]:
    names = () if name == "person" else (name,)
    return [row[-1] for row in _rows(cohort, data, names)]


def _rows(
    wanted: nodes.Frame, data: dict[str, list[dict[str, Any]]], names: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    frames = {key: frame(key, lines) for key, lines in data.items()}
    count = 1 + max((row["person"] for lines in data.values() for row in lines), default=0)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for label, buckets in (("polars whole", 1), ("polars by bucket", 3)):
        view = PlainView(frames, count, buckets)
        schema = Schema.from_view(view.describe())
        frame_type(wanted, schema)
        found[label] = []
        known: dict[str, list[Any]] = {}
        for one in settlings(wanted):
            every = [scan_of(view, schema, bucket, known) for bucket in range(buckets)]
            offers = [offer(one, scan).collect() for scan in every]
            keys = [view.pseudonyms(bucket) for bucket in range(buckets)]
            known[settled_name(one)] = settle(one, offers, keys)
        for bucket in range(buckets):
            told = rows(wanted, scan_of(view, schema, bucket, known)).collect()
            who = [int(view._members[bucket][at]) for at in told[PERSON]]
            found[label] += zip(who, *(told[name].to_list() for name in names), strict=True)
    full = {
        key: [dict.fromkeys(frames[key].columns) | row for row in lines]
        for key, lines in data.items()
    }
    slow = SlowEngine(full, count).rows(wanted)
    found["plain Python"] = [(row["person"], *(row[name] for name in names)) for row in slow]
    ordered = [sorted(one, key=lambda row: (row[0], repr(row))) for one in found.values()]
    assert all(one == ordered[0] for one in ordered), found
    return ordered[0]


def _read(cell: str, kind: str) -> Any:
    if cell == MISSING:
        return None
    if kind == "integer":
        return int(cell)
    if kind == "float":
        return float(cell)
    if kind == "boolean":
        return {"yes": True, "no": False}[cell]
    return date.fromisoformat(cell) if kind == "date" else cell


def col(name: str) -> nodes.Column:
    """A variable."""
    return nodes.Column(name=name)


def val(value: Any) -> nodes.Value | nodes.DateValue:
    """A constant."""
    return nodes.DateValue(value=value) if isinstance(value, date) else nodes.Value(value=value)


def compare(left: Any, op: Any, right: Any) -> nodes.Compare:
    """left op right, names and constants as they are."""
    return nodes.Compare(op=op, left=_node(left), right=_node(right))


def _node(value: Any) -> Any:
    return value if isinstance(value, nodes.Node) else val(value)


PERSON_FRAME = nodes.Dataset(name="person")
VISITS = nodes.Dataset(name="visit")
