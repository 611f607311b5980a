"""What the monitor remembers of a question: its shape, and the constants that fill it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

__all__ = ["Asked", "Constant", "shape_of"]

Constant = float | str | tuple[str, ...]
"""A number (a date as its day), a text, or a list of values in their order."""


@dataclass(frozen=True)
class Asked:
    """A question, who asked it and when (UTC), and what came of it.

    shape: hash of the plan without its constants; constants: those that could move a cohort's edge,
    in the order of the plan (what is equal to a category only chooses one, as a table does).
    outcome: "" while it runs, "released", or the code of a refusal ("not_released": the gate's).
    """

    at: datetime
    user: str
    shape: str
    constants: tuple[Constant, ...]
    outcome: str = ""


def shape_of(plan: str) -> tuple[str, tuple[Constant, ...]]:
    """The shape and the constants of a plan (canonical JSON); ("", ()) for what is no plan."""
    try:
        found = json.loads(plan)
    except (ValueError, RecursionError):
        return "", ()
    constants: list[Constant] = []
    try:
        bare = _bare(found, constants)
    except RecursionError:
        return "", ()
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16], tuple(constants)


def _bare(node: Any, constants: list[Constant]) -> Any:
    """The plan with marks for its constants, which are collected."""
    if isinstance(node, list):
        return [_bare(one, constants) for one in node]
    if not isinstance(node, dict):
        return node
    kind = node.get("k")
    if kind == "compare" and node.get("op") == "==":
        # Choosing one category after the other is what a table would do as well.
        return {key: one if _is_value(one) else _bare(one, constants) for key, one in node.items()}
    if _is_value(node):
        constants.append(_constant(node["value"]))
        return {**node, "value": "·"}
    if kind == "dataset":
        return node
    lists = {key: one for key, one in node.items() if _is_list_of_values(key, one)}
    for key in sorted(lists):
        if key in ("values", "prefixes"):
            constants.append(tuple(map(str, lists[key])))
        else:
            constants.extend(map(_constant, lists[key]))
    return {
        key: ["·"] * (1 if key in ("values", "prefixes") else len(one))
        if key in lists
        else _bare(one, constants)
        for key, one in sorted(node.items())
    }


def _is_value(node: Any) -> bool:
    return isinstance(node, dict) and node.get("k") in ("value", "date") and "value" in node


def _is_list_of_values(key: str, node: Any) -> bool:
    return key in ("values", "prefixes", "edges", "x_edges", "y_edges", "bins") and (
        isinstance(node, list) and bool(node) and not isinstance(node[0], dict | list)
    )


def _constant(value: Any) -> Constant:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return float(value)
    for day in _days(str(value)):
        return float(day.toordinal())
    return str(value)


def _days(text: str) -> Iterator[date]:
    try:
        yield date.fromisoformat(text)
    except ValueError:
        return
