"""Designs of models in words."""

from workbench.plan.nodes.design import Category, Design, Hinges, Number, Powers, Spline, Term
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: Number) -> str:
    return node.variable


@say.register
def _(node: Category) -> str:
    against = "" if node.reference is None else f" (against “{node.reference}”)"
    return node.variable + against


@say.register
def _(node: Powers) -> str:
    return f"{node.variable} with powers up to {node.degree}"


@say.register
def _(node: Spline) -> str:
    return f"{node.variable} as a smooth curve with knots at {_knots(node.knots)}"


@say.register
def _(node: Hinges) -> str:
    return f"{node.variable} as a line that bends at {_knots(node.knots)}"


@say.register
def _(node: Term) -> str:
    return " × ".join(say(one) for one in node.factors)


@say.register
def _(node: Design) -> str:
    terms = listed_by(tuple(say(one) for one in node.terms)) or "a constant alone"
    return terms if node.intercept or not node.terms else f"{terms}, without a constant"


def _knots(knots: tuple[int | float, ...]) -> str:
    return ", ".join(f"{knot:g}" for knot in knots)
