"""Dates as polars: their parts, what lies between them, and how they are moved."""

from datetime import date

import polars as pl

from workbench.plan import nodes
from workbench.sdk.compile.expressions import Needs, expression

__all__ = ["shifted", "shifted_by"]

_EPOCH = date(1970, 1, 1)
_FIRST, _LAST = (date.min - _EPOCH).days, (date.max - _EPOCH).days
_UNITS = {"days": "d", "months": "mo", "years": "y"}
_FAR = 4_000_000
"""More days than there are from the first date to the last: moved so far, a date is outside."""


@expression.register
def _(node: nodes.DatePart, needs: Needs) -> pl.Expr:
    moment = expression(node.operand, needs).dt
    part = {
        "year": moment.year,
        "quarter": moment.quarter,
        "month": moment.month,
        "day": moment.day,
        "weekday": moment.weekday,
    }[node.part]()
    return part.cast(pl.Int64)


@expression.register
def _(node: nodes.Between, needs: Needs) -> pl.Expr:
    start, end = expression(node.start, needs), expression(node.end, needs)
    if node.unit == "days":
        return (end - start).dt.total_days()
    forward, backward = _months(start, end), _months(end, start)
    if node.unit == "years":
        forward, backward = forward // 12, backward // 12
    return pl.when(end >= start).then(forward).otherwise(-backward)


@expression.register
def _(node: nodes.Shift, needs: Needs) -> pl.Expr:
    moment, by = expression(node.operand, needs), node.by
    if isinstance(by, nodes.Value) and isinstance(by.value, int):
        return shifted_by(moment, by.value, node.unit)
    return shifted(moment, expression(by, needs), node.unit)


@expression.register
def _(node: nodes.StartOf, needs: Needs) -> pl.Expr:
    every = {"month": "1mo", "quarter": "1q", "year": "1y"}[node.unit]
    return expression(node.operand, needs).dt.truncate(every)


def shifted(moment: pl.Expr, by: pl.Expr, unit: str) -> pl.Expr:
    """A date moved by whole days, months or years; null when it would leave the years 1 to 9999."""
    near = pl.when(by.is_between(-_FAR, _FAR)).then(by.cast(pl.Int64))
    if unit == "days":
        days = moment.cast(pl.Int32).cast(pl.Int64) + near
        return pl.when(days.is_between(_FIRST, _LAST)).then(days).cast(pl.Int32).cast(pl.Date)
    months = moment.dt.year().cast(pl.Int64) * 12 + moment.dt.month().cast(pl.Int64) - 1
    months = months + near * (12 if unit == "years" else 1)
    months = pl.when(months.is_between(12, 9999 * 12 + 11)).then(months)
    first = pl.date(months // 12, months % 12 + 1, 1)
    day = pl.min_horizontal(moment.dt.day(), first.dt.month_end().dt.day())
    # min_horizontal leaves nulls out; the first of the month brings them back.
    return (first.cast(pl.Int32) + day.cast(pl.Int32) - 1).cast(pl.Date)


def shifted_by(moment: pl.Expr, by: int, unit: str) -> pl.Expr:
    """The same for one number for all, which is some ten times faster."""
    if abs(by) > _FAR:
        return pl.lit(None, dtype=pl.Date)
    moved = moment.dt.offset_by(f"{by}{_UNITS[unit]}")
    return pl.when(moved.dt.year().is_between(1, 9999)).then(moved)


def _months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Completed months from start to a later end."""
    years = end.dt.year().cast(pl.Int64) - start.dt.year().cast(pl.Int64)
    months = end.dt.month().cast(pl.Int64) - start.dt.month().cast(pl.Int64)
    return years * 12 + months - (end.dt.day() < start.dt.day()).cast(pl.Int64)
