"""What needs everybody at once: whom a matching chose, whose rows a link leads to.

Each bucket *offers* rows, `settle` deals them out again over all buckets, and a scan then gives
each bucket its share by `settled_name`. The engine settles inner frames before outer ones.
"""

from collections.abc import Sequence
from functools import singledispatch
from hashlib import sha256

import polars as pl

from workbench.plan import nodes
from workbench.plan.nodes import Node
from workbench.plan.nodes.base import walk
from workbench.sdk.compile.scans import Scan

__all__ = ["Settling", "offer", "settle", "settled_name", "settlings"]

Settling = nodes.Matched | nodes.Linked | nodes.Back


def settlings(node: Node) -> list[Settling]:
    """The frames of a plan or a frame that must be settled, inner ones first."""
    found = [one for one, _ in walk(node) if isinstance(one, Settling)]
    return list(dict.fromkeys(reversed(found)))


def settled_name(frame: Settling) -> str:
    """What a scan calls the settled rows of a bucket; no dataset can have this name."""
    return f"settled({sha256(frame.model_dump_json().encode()).hexdigest()})"


@singledispatch
def offer(frame: Node, scan: Scan) -> pl.LazyFrame:  # noqa: ARG001 - each kind uses it
    """What a bucket offers of a frame, its inner frames being settled."""
    raise TypeError(f"{type(frame).__name__} needs nobody else")


@singledispatch
def settle(
    frame: Node,
    offers: Sequence[pl.DataFrame],  # noqa: ARG001 - see offer
    keys: Sequence[pl.Series],  # noqa: ARG001 - see offer
) -> list[pl.DataFrame]:
    """What each bucket gets, from the offers of all, the same however persons are dealt out.

    keys: the pseudonym (UInt64) of each person, by bucket.
    """
    raise TypeError(f"{type(frame).__name__} needs nobody else")
