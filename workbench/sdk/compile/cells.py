"""The persons of a checked plan with the inner cell that each falls in, and what is measured."""

from collections.abc import Mapping

import polars as pl

from workbench.plan.check import CheckedDimension, CheckedPlan
from workbench.plan.types import BOOLEANS
from workbench.sdk.compile.expressions import Needs, expression
from workbench.sdk.compile.frames import rows
from workbench.sdk.compile.memory import once
from workbench.sdk.compile.scans import PERSON, Scan

__all__ = ["CELL", "cells", "place_among"]

CELL = "_cell"
COMPARED = 6
"""Levels that a text is compared with one by one: to look it up among them takes longer."""


def cells(
    checked: CheckedPlan, scan: Scan, measured: Mapping[str, pl.Expr] | None = None
) -> pl.LazyFrame:
    """One row a person of the cohort: PERSON, CELL (Int32, C order over the dimensions' codes).

    measured: further columns by name, over the cohort's variables; only the persons that have a
    value of each stay (complete cases). A null CELL cannot be: the caller treats it as a fault.
    """
    frame = rows(checked.plan.analysis.cohort, scan)
    wanted = [pl.col(PERSON), _cell(checked)]
    if not measured:
        return frame.select(wanted)
    values = [value.alias(name) for name, value in measured.items()]
    return frame.select(*wanted, *values).drop_nulls(list(measured))


@once
def _cell(checked: CheckedPlan) -> pl.Expr:
    cell, stride = pl.lit(0, dtype=pl.Int32), 1
    for dimension in reversed(checked.dimensions):
        cell = cell + _position(dimension) * stride
        stride *= len(dimension.codes)
    return cell.cast(pl.Int32).alias(CELL)


def _position(dimension: CheckedDimension) -> pl.Expr:
    value = pl.col(dimension.name)
    if dimension.value is not None:
        value = expression(dimension.value, Needs())
    if dimension.edges:
        return _interval(value.cast(pl.Float64), dimension)
    position = place_among(value, dimension).cast(pl.Int32)
    return position.fill_null(len(dimension.levels)) if dimension.missing else position


def place_among(value: pl.Expr, dimension: CheckedDimension) -> pl.Expr:
    """Where a value stands among the levels, from 0; null for one that is none of them.

    A yes/no value is its own place and a whole number a step from it: no text is made of either.
    """
    if dimension.kind == "boolean" and dimension.levels == BOOLEANS:
        return value.cast(pl.UInt8)
    first = _consecutive(dimension)
    if first is not None:
        found = value.cast(pl.Int64) - first
        return pl.when(found.is_between(0, len(dimension.levels) - 1)).then(found).cast(pl.UInt16)
    text = value.cast(pl.String)
    if dimension.characters is not None:
        text = text.str.slice(0, dimension.characters)
    if len(dimension.levels) <= COMPARED:
        one = pl.lit(None, dtype=pl.UInt8)
        for at, level in reversed(list(enumerate(dimension.levels))):
            one = pl.when(text == level).then(pl.lit(at, dtype=pl.UInt8)).otherwise(one)
        return one
    return text.cast(pl.Enum(list(dimension.levels)), strict=False).to_physical()


def _consecutive(dimension: CheckedDimension) -> int | None:
    """The first of levels that are whole numbers one after the other; None of others."""
    levels = dimension.levels
    if dimension.kind != "integer" or dimension.characters is not None:
        return None
    if not levels or not levels[0].removeprefix("-").isdecimal():
        return None
    first = int(levels[0])
    return first if levels == tuple(map(str, range(first, first + len(levels)))) else None


def _interval(value: pl.Expr, dimension: CheckedDimension) -> pl.Expr:
    """How many edges do not exceed the value."""
    edges = pl.lit(pl.Series(dimension.edges, dtype=pl.Float64))
    position = edges.search_sorted(value, side="right").cast(pl.Int32)
    known = pl.when(value.is_not_null()).then(position)
    return known.fill_null(len(dimension.levels)) if dimension.missing else known
