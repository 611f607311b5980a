"""Words over several expressions: the first that is there, the earliest, the latest."""

from __future__ import annotations

from workbench.plan import nodes
from workbench.sdk.expressions import Expr, lit
from workbench.sdk.words import moment

__all__ = ["coalesce", "earliest", "latest", "max_horizontal", "min_horizontal"]


def coalesce(*values: object) -> Expr:
    """The first value that is not missing."""
    return Expr.joined(nodes.Coalesce, [lit(one) for one in values])


def min_horizontal(*values: object) -> Expr:
    """The least of several numbers, or dates; missing ones are left out."""
    return Expr.joined(nodes.Extreme, [lit(one) for one in values], op="least")


def max_horizontal(*values: object) -> Expr:
    """The greatest of several numbers, or dates; missing ones are left out."""
    return Expr.joined(nodes.Extreme, [lit(one) for one in values], op="greatest")


def earliest(*dates: object) -> Expr:
    """The earliest of several dates: wb.earliest(death, emigrated, "2020-12-31")."""
    return min_horizontal(*(moment(one) for one in dates))


def latest(*dates: object) -> Expr:
    """The latest of several dates."""
    return max_horizontal(*(moment(one) for one in dates))
