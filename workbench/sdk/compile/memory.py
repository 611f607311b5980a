"""What was made of a node is made once: a plan is compiled for each of its many buckets.

By identity and not by equality: to Python the constants 1, 1.0 and True are equal.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

__all__ = ["once"]

N = TypeVar("N")
T = TypeVar("T")
MOST = 1024
"""Nodes that are remembered for each kind of making; then all are forgotten."""


def once(make: Callable[[N], T]) -> Callable[[N], T]:
    """`make`, which must depend on its node alone and give what nobody changes."""
    made: dict[int, tuple[Any, T]] = {}

    @wraps(make)
    def remembered(node: N) -> T:
        held = made.get(id(node))
        if held is not None and held[0] is node:
            return held[1]
        value = make(node)
        if len(made) >= MOST:
            made.clear()
        made[id(node)] = node, value  # the node is kept, so its identity is no other's
        return value

    return remembered
