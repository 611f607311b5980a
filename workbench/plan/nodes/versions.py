"""Which version of the language a node is of.

A version adds nodes and words and takes none away, and no node's fields or meaning ever change: so
an older plan runs as it always did, under the hash that it always had.
"""

from collections.abc import Mapping

from workbench.plan.nodes.base import Node, walk

__all__ = ["NEWEST", "least", "since"]

NEWEST = 2

_FIRST = frozenset({
    "arithmetic", "as_code", "between", "bins", "column", "compare", "count", "count_rows",
    "crosstab", "dataset", "date", "date_part", "derive", "describe", "dp_count", "exists",
    "fill_null", "filter", "is_in", "is_null", "logic", "not", "persons", "reduce", "sort",
    "starts_with", "take", "value", "when",
})  # fmt: skip
"""The kinds of version 1."""
_FIRST_WORDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "date_part": ("part", frozenset({"year", "month", "day"})),
    "between": ("unit", frozenset({"days", "years"})),
    "reduce": ("op", frozenset({"sum", "mean", "min", "max"})),
}
"""Nodes of version 1 that have learnt words since: the field, and the words of version 1."""


def since(node: Node) -> int:
    """The first version of the language that has the node; 1 for a part without a kind."""
    kind = getattr(node, "k", None)
    if kind is None:
        return 1
    if kind not in _FIRST:
        return 2
    field, words = _FIRST_WORDS.get(kind, ("", frozenset()))
    return 2 if field and getattr(node, field) not in words else 1


def least(node: Node) -> int:
    """The least version of the language that has the node and all below it."""
    return max(since(one) for one, _ in walk(node))
