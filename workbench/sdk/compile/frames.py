"""Frames of a plan as lazy frames, keyed by the person's index and by nothing that has a name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from workbench.plan import nodes
from workbench.plan.nodes import Expression, Frame
from workbench.sdk.compile.expressions import Needs, expression
from workbench.sdk.compile.gathered import VALUE, known
from workbench.sdk.compile.memory import once
from workbench.sdk.compile.scans import EVERYBODY, PERSON, Scan

__all__ = ["aggregate", "makes", "rows", "with_needs"]

Maker = Callable[[Any, Scan], pl.LazyFrame]
_MAKERS: dict[type[Any], Maker] = {}


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
    others: tuple[tuple[nodes.Exists, Literal["anti", "semi"]], ...]
    rest: tuple[pl.Expr, ...]
    needs: Needs


def _filtered(frame: pl.LazyFrame, where: Expression, scan: Scan) -> pl.LazyFrame:
    """The rows for which the condition is true, the cheapest part of it first."""
    parts = _condition(where)
    if parts.alone:
        frame = frame.filter(*parts.alone)
    for other, how in parts.others:
        inside = known(other, scan)
        if inside is None:
            held = rows(other.frame, scan).select(PERSON)
            frame = frame.join(held, on=PERSON, how=how, maintain_order="left")
        else:
            frame = frame.filter(inside if how == "semi" else ~inside)
    if not parts.rest:
        return frame
    named = list(parts.needs.named.values())
    return with_needs(frame, parts.needs, scan).filter(*parts.rest).drop(named)


@once
def _condition(where: Expression) -> _Condition:
    alone: list[pl.Expr] = []
    others: list[tuple[nodes.Exists, Literal["anti", "semi"]]] = []
    rest: list[pl.Expr] = []
    needs = Needs()
    for one in _conjuncts(where):
        if isinstance(one, nodes.Exists):
            others.append((one, "semi"))
        elif isinstance(one, nodes.Not) and isinstance(one.operand, nodes.Exists):
            others.append((one.operand, "anti"))
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
    """The frame with one more column for each aggregate: gathered, or joined by person."""
    found = {name: known(node, scan) for node, name in needs.named.items()}
    frame = frame.with_columns(**{name: one for name, one in found.items() if one is not None})
    for node, name in needs.named.items():
        if found[name] is None:
            frame = frame.join(_joined(node, name, scan), on=PERSON, how="left")
    return frame


def _joined(node: nodes.OverRows, name: str, scan: Scan) -> pl.LazyFrame:
    """One row for each person that has any: PERSON and the aggregate under its name."""
    held = aggregate(node, scan)
    if isinstance(node, nodes.Exists):
        held = held.unique().with_columns(pl.lit(value=True).alias(VALUE))
    if isinstance(node, nodes.CountRows):
        held = held.group_by(PERSON).agg(pl.len().cast(pl.Int64).alias(VALUE))
    return held.rename({VALUE: name})


def aggregate(node: nodes.OverRows, scan: Scan) -> pl.LazyFrame:
    """PERSON and VALUE, one row for each person that has any; whoever asks who has rows, or how
    many, is given PERSON of each row."""
    below = rows(node.frame, scan)
    if isinstance(node, nodes.Exists | nodes.CountRows):
        return below.select(PERSON)
    if isinstance(node, nodes.Reduce):
        value = pl.col(VALUE)
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
        return _valued(below, node.value, (), scan).group_by(PERSON).agg(reduced)
    if not isinstance(node, (nodes.Take, nodes.Nth)):
        raise TypeError(f"{type(node).__name__} is no aggregate")
    keys, descending = _order(node.frame)
    valued = _valued(below, node.value, keys, scan)
    if not keys:
        return valued
    ordered = [f"_k{place}" for place in range(len(keys))]
    last = (node.which if isinstance(node, nodes.Take) else node.counted_from) == "last"
    down = [descending != last] * len(ordered) + [last]
    arranged = valued.drop_nulls(ordered).sort([*ordered, VALUE], descending=down, nulls_last=True)
    if isinstance(node, nodes.Nth):
        nth = pl.col(VALUE).get(node.n - 1, null_on_oob=True)
        return arranged.group_by(PERSON, maintain_order=True).agg(nth)
    return arranged.unique(subset=PERSON, keep="first").select(PERSON, VALUE)


def _valued(
    below: pl.LazyFrame, value: Expression, keys: tuple[str, ...], scan: Scan
) -> pl.LazyFrame:
    wanted, needs = _value(value)
    return with_needs(below, needs, scan).select(
        pl.col(PERSON),
        wanted.alias(VALUE),
        *(pl.col(key).alias(f"_k{place}") for place, key in enumerate(keys)),
    )


def _order(frame: Frame) -> tuple[tuple[str, ...], bool]:
    """The sort keys that hold for a frame: those of the last .sort() below filters."""
    while isinstance(frame, (nodes.Filter, nodes.Derive)):
        frame = frame.frame
    return (frame.by, frame.descending) if isinstance(frame, nodes.Sort) else ((), False)
