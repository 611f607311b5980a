"""Expressions of a plan as polars expressions, null semantics included."""

from functools import singledispatch
from operator import add, and_, eq, floordiv, ge, gt, le, lt, mul, ne, or_, sub, truediv

import polars as pl

from workbench.plan import nodes
from workbench.plan.nodes import Node
from workbench.plan.words import bin_labels

__all__ = ["Needs", "expression", "finite"]

_COMPARE = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_ARITHMETIC = {"+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv}


class Needs:
    """The per-person aggregates that an expression refers to, each under a name of its own."""

    def __init__(self) -> None:
        self.named: dict[nodes.OverRows, str] = {}

    def name(self, node: nodes.OverRows) -> str:
        """The column that will hold the aggregate; variables never begin with an underscore."""
        return self.named.setdefault(node, f"_a{len(self.named)}")


@singledispatch
def expression(node: Node, needs: Needs) -> pl.Expr:  # noqa: ARG001 - each kind of node uses it
    """A checked expression as polars; aggregates are noted in `needs`, to be joined first."""
    raise TypeError(f"{type(node).__name__} is no expression")


@expression.register
def _(node: nodes.Column, _needs: Needs) -> pl.Expr:
    return pl.col(node.name)


@expression.register
def _(node: nodes.Value, _needs: Needs) -> pl.Expr:
    return _literal(node.value)


@expression.register
def _(node: nodes.DateValue, _needs: Needs) -> pl.Expr:
    return pl.lit(node.value, dtype=pl.Date)


@expression.register
def _(node: nodes.Compare, needs: Needs) -> pl.Expr:
    compared = _COMPARE[node.op](expression(node.left, needs), expression(node.right, needs))
    return _expr(compared)


@expression.register
def _(node: nodes.Arithmetic, needs: Needs) -> pl.Expr:
    left, right = expression(node.left, needs), expression(node.right, needs)
    if node.op == "/":
        left, right = left.cast(pl.Float64), right.cast(pl.Float64)
    return finite(_expr(_ARITHMETIC[node.op](left, right)))


@expression.register
def _(node: nodes.Logic, needs: Needs) -> pl.Expr:
    join = and_ if node.op == "and" else or_
    first, *others = (expression(one, needs) for one in node.operands)
    for one in others:
        first = join(first, one)
    return first


@expression.register
def _(node: nodes.Not, needs: Needs) -> pl.Expr:
    return ~expression(node.operand, needs)


@expression.register
def _(node: nodes.IsIn, needs: Needs) -> pl.Expr:
    return expression(node.operand, needs).is_in(list(node.values))


@expression.register
def _(node: nodes.IsNull, needs: Needs) -> pl.Expr:
    return expression(node.operand, needs).is_null()


@expression.register
def _(node: nodes.FillNull, needs: Needs) -> pl.Expr:
    return pl.coalesce(expression(node.operand, needs), expression(node.value, needs))


@expression.register
def _(node: nodes.When, needs: Needs) -> pl.Expr:
    result = pl.lit(None) if node.otherwise is None else expression(node.otherwise, needs)
    for one in reversed(node.cases):
        result = (
            pl.when(expression(one.when, needs)).then(expression(one.then, needs)).otherwise(result)
        )
    return result


@expression.register
def _(node: nodes.Bins, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs).cast(pl.Float64)
    labels = bin_labels(node.edges)
    result = pl.lit(labels[-1])
    for edge, label in reversed(list(zip(node.edges, labels[:-1], strict=True))):
        result = pl.when(operand < float(edge)).then(pl.lit(label)).otherwise(result)
    return pl.when(operand.is_not_null()).then(result)


@expression.register
def _(node: nodes.AsCode, needs: Needs) -> pl.Expr:
    text = expression(node.operand, needs).cast(pl.String)
    return pl.when(text.is_in(list(node.codes))).then(text)


@expression.register
def _(node: nodes.Coalesce, needs: Needs) -> pl.Expr:
    return pl.coalesce(*(expression(one, needs) for one in node.operands))


@expression.register
def _(node: nodes.Cast, needs: Needs) -> pl.Expr:
    kinds = {"integer": pl.Int64, "float": pl.Float64, "string": pl.String}
    return expression(node.operand, needs).cast(kinds[node.to], strict=False)


@expression.register(nodes.Exists)
@expression.register(nodes.CountRows)
@expression.register(nodes.Take)
@expression.register(nodes.Nth)
@expression.register(nodes.Reduce)
def _(node: nodes.OverRows, needs: Needs) -> pl.Expr:
    held = pl.col(needs.name(node))
    if isinstance(node, nodes.Exists):
        return held.fill_null(value=False)
    if isinstance(node, nodes.CountRows):
        return held.fill_null(0)
    if isinstance(node, nodes.Reduce):
        if node.op in ("any", "all"):
            return held.fill_null(value=node.op == "all")
        return finite(held.fill_null(0)) if node.op in ("sum", "n_unique") else held
    return held


def finite(value: pl.Expr) -> pl.Expr:
    """The number, null when it is infinite or none at all."""
    return pl.when(value.is_finite()).then(value)


def _literal(value: nodes.Scalar) -> pl.Expr:
    if isinstance(value, bool):
        return pl.lit(value, dtype=pl.Boolean)
    if isinstance(value, int):
        return pl.lit(value, dtype=pl.Int64)
    return pl.lit(value, dtype=pl.Float64 if isinstance(value, float) else pl.String)


def _expr(value: object) -> pl.Expr:
    if not isinstance(value, pl.Expr):
        raise TypeError("an operator of polars gave no expression")
    return value
