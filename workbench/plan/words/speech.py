"""A node in words: the one function, and what its arms share."""

from functools import singledispatch
from itertools import pairwise

from workbench.plan import nodes
from workbench.plan.nodes import Node

__all__ = [
    "bin_bounds",
    "bin_labels",
    "constant",
    "edge_text",
    "inner",
    "listed_by",
    "say",
    "some",
]


@singledispatch
def say(node: Node) -> str:
    """A node in words; every kind of node has its own."""
    raise TypeError(f"{type(node).__name__} has no words")


def bin_labels(edges: tuple[int | float, ...]) -> tuple[str, ...]:
    """The categories that edges make, in order: <40, 40–<60, ≥60."""
    text = [edge_text(edge) for edge in edges]
    inner = [f"{low}–<{high}" for low, high in pairwise(text)]
    return (f"<{text[0]}", *inner, f"≥{text[-1]}")


def bin_bounds(code: str) -> tuple[float | None, float | None]:
    """From where (inclusive) to where a category of bin_labels goes; None without end."""
    if code.startswith("<"):
        return None, float(code[1:])
    if code.startswith("≥"):
        return float(code[1:]), None
    low, _, high = code.partition("–<")
    return (float(low), float(high)) if high else (None, None)


def edge_text(edge: int | float) -> str:
    """An edge as it is written in a category."""
    return f"{edge:g}" if float(f"{edge:g}") == edge else repr(edge)


def inner(node: Node) -> str:
    """A part in words, in parentheses where it is compound."""
    text = say(node)
    compound = isinstance(
        node,
        nodes.Compare | nodes.Arithmetic | nodes.Logic | nodes.Not | nodes.Split | nodes.Exposed,
    )
    return f"({text})" if compound else text


def listed_by(names: tuple[str, ...]) -> str:
    """Names in a row: a, b and c."""
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def some(values: tuple[nodes.Scalar, ...], most: int = 6) -> str:
    """The first few constants, and how many more there are."""
    shown = ", ".join(constant(value) for value in values[:most])
    more = len(values) - most
    return shown if more <= 0 else f"{shown} and {more} more"


def constant(value: nodes.Scalar) -> str:
    """A constant as it is read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”" if isinstance(value, str) else f"{value:g}"
