"""Roll-ups of codes as polars."""

import polars as pl

from workbench.plan import nodes
from workbench.plan.codelists import SCHEMES
from workbench.sdk.compile.expressions import Needs, expression

__all__: list[str] = []


@expression.register
def _(node: nodes.RollUp, needs: Needs) -> pl.Expr:
    scheme = SCHEMES[node.to]
    start = expression(node.operand, needs).str.slice(0, scheme.length)
    if scheme.table is None:
        return pl.when(start.str.contains(f"^{scheme.form}$")).then(start)
    old, new = list(scheme.table), list(scheme.table.values())
    return start.replace_strict(old, new, default=None, return_dtype=pl.String)
