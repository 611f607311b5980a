"""Functions of numbers as polars."""

import polars as pl

from workbench.plan import nodes
from workbench.sdk.compile.expressions import Needs, expression, finite

__all__: list[str] = []


@expression.register
def _(node: nodes.Math, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs)
    if node.fn == "abs":
        return operand.abs()
    if node.fn in ("floor", "ceil"):
        whole = operand.floor() if node.fn == "floor" else operand.ceil()
        return whole.cast(pl.Int64, strict=False)
    number = operand.cast(pl.Float64)
    made = {
        "exp": number.exp,
        "log": number.log,
        "log10": number.log10,
        "sqrt": number.sqrt,
    }[node.fn]()
    return finite(made)


@expression.register
def _(node: nodes.Round, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs)
    return finite(operand.round(node.digits, mode="half_away_from_zero"))


@expression.register
def _(node: nodes.Clip, needs: Needs) -> pl.Expr:
    operand = expression(node.operand, needs)
    if isinstance(node.low, float) or isinstance(node.high, float):
        operand = operand.cast(pl.Float64)
    return operand.clip(node.low, node.high)


@expression.register
def _(node: nodes.Extreme, needs: Needs) -> pl.Expr:
    operands = [expression(one, needs) for one in node.operands]
    return pl.min_horizontal(operands) if node.op == "least" else pl.max_horizontal(operands)
