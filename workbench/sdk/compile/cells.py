"""The persons of a checked plan with the inner cell that each falls in, and the measured value."""

import polars as pl

from workbench.plan import nodes
from workbench.plan.check import CheckedDimension, CheckedPlan
from workbench.sdk.compile.frames import PERSON, Scan, rows

__all__ = ["CELL", "MEASURE", "cells"]

CELL = "_cell"
MEASURE = "_x"


def cells(checked: CheckedPlan, scan: Scan) -> pl.LazyFrame:
    """One row a person of the cohort: PERSON, CELL (Int32, C order over the dimensions' codes).

    With a measure also MEASURE (Float64), and only the persons that have a value. A null CELL
    cannot be: the caller treats it as a fault.
    """
    analysis = checked.plan.analysis
    frame = rows(analysis.cohort, scan)
    cell, stride = pl.lit(0, dtype=pl.Int32), 1
    for dimension in reversed(checked.dimensions):
        cell = cell + _position(dimension) * stride
        stride *= len(dimension.codes)
    wanted = [pl.col(PERSON), cell.cast(pl.Int32).alias(CELL)]
    if isinstance(analysis, nodes.Describe):
        value = pl.col(analysis.variable).cast(pl.Float64)
        return frame.select(*wanted, value.alias(MEASURE)).drop_nulls(MEASURE)
    return frame.select(wanted)


def _position(dimension: CheckedDimension) -> pl.Expr:
    levels = pl.Enum(list(dimension.levels))
    text = pl.col(dimension.name).cast(pl.String)
    position = text.cast(levels, strict=False).to_physical().cast(pl.Int32)
    return position.fill_null(len(dimension.levels)) if dimension.missing else position
