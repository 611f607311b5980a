"""Frames of a plan as lazy frames, keyed by the person's index and by nothing that has a name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from workbench.plan import nodes
from workbench.plan.nodes import Expression, Frame
from workbench.plan.schema import ColumnType, DatasetSchema
from workbench.plan.types import EVERYBODY
from workbench.sdk.compile.expressions import Needs, expression
from workbench.sdk.compile.memory import once

__all__ = ["EVERYBODY", "PERSON", "Scan", "everybody", "makes", "rows", "source", "with_needs"]

PERSON = "_person"
"""The dense index of the person in the bucket (UInt32); no plan can name it."""
Scan = Callable[[str], pl.LazyFrame]
"""All rows of a dataset in one bucket, as `source` gives them; of EVERYBODY, as `everybody`."""

Maker = Callable[[Any, Scan], pl.LazyFrame]
_MAKERS: dict[type[Any], Maker] = {}
_TYPES: dict[ColumnType, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
}


def source(frame: pl.LazyFrame, dataset: DatasetSchema, *others: str) -> pl.LazyFrame:
    """The stored rows in the five types of the plan; NaN and infinities read as null.

    others: further columns, which are left as they are.
    """
    return frame.select(*_columns(dataset), *others)


@once
def _columns(dataset: DatasetSchema) -> list[pl.Expr]:
    columns = [pl.col(PERSON)]
    for column in dataset.columns.values():
        value = pl.col(column.name).cast(_TYPES[column.type])
        if column.type == "float":
            value = pl.when(value.is_finite()).then(value)
        columns.append(value.alias(column.name))
    return columns


def everybody(count: int) -> pl.LazyFrame:
    """The persons of a bucket that holds `count` of them, each once: PERSON alone."""
    return pl.LazyFrame({PERSON: pl.int_range(count, dtype=pl.UInt32, eager=True)})


def makes(kind: type[Any]) -> Callable[[Maker], Maker]:
    """Register what makes a kind of frame that has a module of its own."""

    def register(maker: Maker) -> Maker:
        _MAKERS[kind] = maker
        return maker

    return register


def rows(frame: Frame, scan: Scan) -> pl.LazyFrame:
    """The rows of a checked frame: PERSON and its variables; the order of rows means nothing."""
    if isinstance(frame, nodes.Dataset):
        return scan(frame.name)
    if isinstance(frame, nodes.Persons):
        return scan(EVERYBODY)
    if not isinstance(frame, nodes.Filter | nodes.Sort | nodes.Derive):
        return _MAKERS[type(frame)](frame, scan)
    below = rows(frame.frame, scan)
    if isinstance(frame, nodes.Sort):
        return below
    if isinstance(frame, nodes.Filter):
        return _filtered(below, frame.where, scan)
    derived, needs = _derived(frame)
    return with_needs(below, needs, scan).with_columns(derived).drop(list(needs.named.values()))


@dataclass(frozen=True)
class _Condition:
    """A condition in parts that hold together: on the row alone; who has, or has not, rows in
    other frames, for which no column is joined; and what needs aggregates."""

    alone: tuple[pl.Expr, ...]
    others: tuple[tuple[Frame, Literal["anti", "semi"]], ...]
    rest: tuple[pl.Expr, ...]
    needs: Needs


def _filtered(frame: pl.LazyFrame, where: Expression, scan: Scan) -> pl.LazyFrame:
    """The rows for which the condition is true, the cheapest part of it first."""
    parts = _condition(where)
    if parts.alone:
        frame = frame.filter(*parts.alone)
    for other, how in parts.others:
        held = rows(other, scan).select(PERSON)
        frame = frame.join(held, on=PERSON, how=how, maintain_order="left")
    if not parts.rest:
        return frame
    named = list(parts.needs.named.values())
    return with_needs(frame, parts.needs, scan).filter(*parts.rest).drop(named)


@once
def _condition(where: Expression) -> _Condition:
    alone: list[pl.Expr] = []
    others: list[tuple[Frame, Literal["anti", "semi"]]] = []
    rest: list[pl.Expr] = []
    needs = Needs()
    for one in _conjuncts(where):
        if isinstance(one, nodes.Exists):
            others.append((one.frame, "semi"))
        elif isinstance(one, nodes.Not) and isinstance(one.operand, nodes.Exists):
            others.append((one.operand.frame, "anti"))
        else:
            own = Needs()
            condition = expression(one, own)
            if own.named:
                rest.append(expression(one, needs))
            else:
                alone.append(condition)
    return _Condition(tuple(alone), tuple(others), tuple(rest), needs)


@once
def _derived(frame: nodes.Derive) -> tuple[list[pl.Expr], Needs]:
    needs = Needs()
    return [expression(one.value, needs).alias(one.name) for one in frame.columns], needs


@once
def _value(value: Expression) -> tuple[pl.Expr, Needs]:
    needs = Needs()
    return expression(value, needs), needs


def _conjuncts(where: Expression) -> list[Expression]:
    """The conditions that all have to hold; together they are true just when `where` is."""
    if isinstance(where, nodes.Logic) and where.op == "and":
        return [part for one in where.operands for part in _conjuncts(one)]
    return [where]


def with_needs(frame: pl.LazyFrame, needs: Needs, scan: Scan) -> pl.LazyFrame:
    """The frame with one more column for each aggregate, joined by person."""
    for node, name in needs.named.items():
        frame = frame.join(_aggregate(node, name, scan), on=PERSON, how="left")
    return frame


def _aggregate(node: nodes.OverRows, name: str, scan: Scan) -> pl.LazyFrame:
    """One row for each person that has any: PERSON and the aggregate."""
    below = rows(node.frame, scan)
    if isinstance(node, nodes.Exists):
        return below.select(PERSON).unique().with_columns(pl.lit(value=True).alias(name))
    if isinstance(node, nodes.CountRows):
        return below.group_by(PERSON).agg(pl.len().cast(pl.Int64).alias(name))
    if isinstance(node, nodes.Reduce):
        value = pl.col(name)
        reduced = {
            "sum": value.sum,
            "mean": value.mean,
            "min": value.min,
            "max": value.max,
            "median": value.median,
            "std": value.std,
            "n_unique": value.drop_nulls().n_unique,
            "any": value.any,
            "all": value.all,
        }[node.op]()
        if node.op == "n_unique":
            reduced = reduced.cast(pl.Int64)
        return _valued(below, node.value, (), name, scan).group_by(PERSON).agg(reduced)
    if not isinstance(node, (nodes.Take, nodes.Nth)):
        raise TypeError(f"{type(node).__name__} is no aggregate")
    keys, descending = _order(node.frame)
    valued = _valued(below, node.value, keys, name, scan)
    if not keys:
        return valued
    ordered = [f"_k{place}" for place in range(len(keys))]
    last = (node.which if isinstance(node, nodes.Take) else node.counted_from) == "last"
    down = [descending != last] * len(ordered) + [last]
    arranged = valued.drop_nulls(ordered).sort([*ordered, name], descending=down, nulls_last=True)
    if isinstance(node, nodes.Nth):
        nth = pl.col(name).get(node.n - 1, null_on_oob=True)
        return arranged.group_by(PERSON, maintain_order=True).agg(nth)
    return arranged.unique(subset=PERSON, keep="first").select(PERSON, name)


def _valued(
    below: pl.LazyFrame, value: Expression, keys: tuple[str, ...], name: str, scan: Scan
) -> pl.LazyFrame:
    wanted, needs = _value(value)
    return with_needs(below, needs, scan).select(
        pl.col(PERSON),
        wanted.alias(f"{name}"),
        *(pl.col(key).alias(f"_k{place}") for place, key in enumerate(keys)),
    )


def _order(frame: Frame) -> tuple[tuple[str, ...], bool]:
    """The sort keys that hold for a frame: those of the last .sort() below filters."""
    while isinstance(frame, (nodes.Filter, nodes.Derive)):
        frame = frame.frame
    return (frame.by, frame.descending) if isinstance(frame, nodes.Sort) else ((), False)
