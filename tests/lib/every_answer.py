"""Asking every kind of analysis: projects of their own, plans with another variable."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from tests.lib.engine_world import World
from tests.lib.every_analysis import rich_view
from tests.lib.plain_view import PlainView
from workbench.domain.errors import Refusal
from workbench.plan import Plan, canonical

__all__ = ["Broken", "counts", "groups", "numbers", "numbers_of_people", "opened", "plain", "put",
           "told", "told_numbers"]  # fmt: skip

PROJECTS = itertools.count()


def opened(world: World) -> str:
    """A project of its own over the rich view, without any release."""
    name = f"project-{next(PROJECTS)}"
    world.add(rich_view(name))
    return name


def told(world: World, analysis: Any, project: str) -> dict[str, Any] | None:
    """What is released, if anything is."""
    try:
        return dict(world.ask(analysis, project))
    except Refusal as refusal:
        if not (refusal.reason and refusal.remedy):
            raise
        return None


def counts(body: dict[str, Any]) -> Iterator[int]:
    """Every shown number of persons."""
    for cell in body.get("cells", ()):
        if cell["values"].get("n") is not None:
            yield cell["values"]["n"]
    for block in body.get("blocks", ()):
        for at, column in enumerate(block["columns"]):
            if column["kind"] == "persons":
                yield from (row[at] for row in block["rows"] if row[at] is not None)


def plain(block: dict[str, Any]) -> list[Any]:
    """A block's rows without percentages, which follow from the counts beside them."""
    kept = [at for at, one in enumerate(block["columns"]) if one["name"] != "percent"]
    return [[row[at] for at in kept] for row in block["rows"]]


def numbers(value: Any) -> Iterator[float | int]:
    """Every number in JSON."""
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def put(analysis: Any, old: str, new: str) -> str:
    """The plan with one variable in place of another, everywhere but in the cohort."""
    tree = json.loads(canonical(Plan(analysis=analysis)))
    cohort = tree["analysis"].pop("cohort")

    def swap(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: one if key == "k" else swap(one) for key, one in value.items()}
        if isinstance(value, list):
            return [swap(one) for one in value]
        return new if value == old else value

    tree["analysis"] = swap(tree["analysis"]) | {"cohort": cohort}
    return json.dumps(tree)


def numbers_of_people(body: dict[str, Any]) -> Iterator[int]:
    """The same, and every number of events."""
    yield from counts(body)
    for block in body.get("blocks", ()):
        for at, column in enumerate(block["columns"]):
            if column["name"] in ("events", "cases", "entering", "censored", "at_risk"):
                yield from (row[at] for row in block["rows"] if row[at] is not None)


def groups(body: dict[str, Any], name: str) -> Iterator[tuple[str, list[Any]]]:
    """Of each row about a category of a variable: the category, and the numbers told."""
    axes = [one["name"] for one in body["dimensions"]]
    for cell in body.get("cells", ()):
        if name in axes:
            yield cell["codes"][axes.index(name)], [v for v in cell["values"].values() if v]
    for block in body.get("blocks", ()):
        names = [one["name"] for one in block["columns"]]
        numbers_at = [
            at
            for at, one in enumerate(block["columns"])
            if one["kind"] in ("persons", "number") and not re.search("from|to$|up_to", one["name"])
        ]
        if name in names:
            for row in block["rows"]:
                yield row[names.index(name)], [row[at] for at in numbers_at if row[at]]


def told_numbers(body: dict[str, Any]) -> list[Any]:
    """Every number in cells and blocks."""
    return [*numbers([body.get("cells"), [block["rows"] for block in body.get("blocks", ())]])]


class Broken(PlainView):
    """A view whose second bucket cannot be read until it is mended."""

    mended = False

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        def fail(rows: pl.DataFrame) -> pl.DataFrame:
            if not self.mended:
                raise pl.exceptions.ComputeError("a value: 010190-canary")
            return rows

        found = super().scan(dataset, bucket)
        return found.map_batches(fail) if bucket == 1 else found
