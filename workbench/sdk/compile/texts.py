"""What is asked of texts and codes as polars."""

from collections.abc import Iterable

import polars as pl

from workbench.plan import nodes
from workbench.sdk.compile.expressions import Needs, expression

__all__: list[str] = []

_FORMS = {
    "integer": r"^-?[0-9]{1,18}$",
    "float": r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}


@expression.register
def _(node: nodes.StartsWith, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs).str
    return _any(operand.starts_with(one) for one in node.prefixes)


@expression.register
def _(node: nodes.EndsWith, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs).str
    return _any(operand.ends_with(one) for one in node.suffixes)


@expression.register
def _(node: nodes.Contains, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs).str
    return _any(operand.contains(one, literal=True) for one in node.pieces)


@expression.register
def _(node: nodes.TextLength, needs: Needs) -> pl.Expr:
    return expression(node.operand, needs).str.len_chars().cast(pl.Int64)


@expression.register
def _(node: nodes.Slice, needs: Needs) -> pl.Expr:
    return expression(node.operand, needs).str.slice(node.start, node.length)


@expression.register
def _(node: nodes.ReadText, needs: Needs) -> pl.Expr:
    text = expression(node.operand, needs)
    text = pl.when(text.str.contains(_FORMS[node.to])).then(text)
    if node.to == "date":
        read = text.str.to_date("%Y-%m-%d", strict=False)
        return pl.when(read.dt.year() >= 1).then(read)
    return text.cast(pl.Int64 if node.to == "integer" else pl.Float64, strict=False)


def _any(conditions: Iterable[pl.Expr]) -> pl.Expr:
    first, *others = conditions
    for one in others:
        first = first | one
    return first
