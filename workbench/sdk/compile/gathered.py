"""One value a person, looked up by the person's number instead of joined.

Persons of a bucket are numbered densely from 0. So what an aggregate says of each of them is an
array, and a row finds its person's value by one access; a join would build and probe a table of
hashes. Whoever knows how many persons a bucket has reads aggregates first, stage by stage, inner
ones before the ones that are made of them, and compiles with `Gathered`; without it they are
joined, which means the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import polars as pl

from workbench.plan import nodes
from workbench.plan.nodes import Node
from workbench.plan.nodes.base import OverRows, walk
from workbench.sdk.compile.memory import once
from workbench.sdk.compile.scans import PERSON, Scan

__all__ = ["VALUE", "Gathered", "Misnumbered", "aggregate_key", "known", "of_each", "stages"]

VALUE = "_value"
"""The aggregate's column beside PERSON."""


class Misnumbered(Exception):
    """Rows name a person outside the bucket, or a person frame names one twice."""


@dataclass(frozen=True)
class Gathered:
    """A scan, and of each aggregate by its `aggregate_key` the persons' values in their order."""

    scan: Scan
    values: Mapping[str, pl.Series]

    def __call__(self, name: str) -> pl.LazyFrame:
        """See Scan."""
        return self.scan(name)


def known(node: OverRows, scan: Scan) -> pl.Expr | None:
    """The aggregate of a row's person as an expression; None when it has to be joined."""
    held = scan.values.get(aggregate_key(node)) if isinstance(scan, Gathered) else None
    return None if held is None else pl.lit(held).gather(pl.col(PERSON))


@once
def aggregate_key(node: OverRows) -> str:
    """The same for the same aggregate, wherever it stands in a plan; JSON tells 1, 1.0 and true."""
    return sha256(node.model_dump_json().encode()).hexdigest()


@once
def stages(node: Node) -> tuple[tuple[OverRows, ...], ...]:
    """The aggregates below a node, each once: those of a stage need only those of stages before."""
    found: dict[str, tuple[int, OverRows]] = {}
    above: list[int] = []
    """By depth: the stages that the nodes of that depth need, below the parent now looked at."""
    for one, depth in reversed(list(_compiled(node))):
        above += [0] * (depth + 2 - len(above))
        stage, above[depth + 1] = above[depth + 1], 0
        if isinstance(one, OverRows):
            found.setdefault(aggregate_key(one), (stage, one))
            stage += 1
        above[depth] = max(above[depth], stage)
    return tuple(
        tuple(one for at, one in found.values() if at == stage) for stage in range(above[0])
    )


def _compiled(node: Node) -> Iterator[tuple[Node, int]]:
    """See walk; without what lies below frames whose rows have been settled."""
    below: int | None = None
    for one, depth in walk(node):
        if below is not None and depth > below:
            continue
        below = depth if isinstance(one, nodes.Linked | nodes.Back) else None
        yield one, depth


def of_each(node: OverRows, rows: pl.DataFrame, count: int) -> pl.Series:
    """The value of each of a bucket's `count` persons, null or what stands for none.

    rows: as `frames.aggregate` reads them. Raises Misnumbered.
    """
    person = rows[PERSON].to_numpy()
    if person.size and person.max() >= count:
        raise Misnumbered
    if isinstance(node, nodes.CountRows):
        return pl.Series(np.bincount(person, minlength=count).astype(np.int64, copy=False))
    if isinstance(node, nodes.Exists):
        inside = np.zeros(count, dtype=np.bool_)
        inside[person] = True
        return pl.Series(inside)
    nobody = np.uint32(person.size)
    place = np.full(count, nobody, dtype=np.uint32)
    place[person] = np.arange(person.size, dtype=np.uint32)
    if np.count_nonzero(place != nobody) != person.size:
        raise Misnumbered
    value = rows[VALUE]
    return value.extend_constant(None, 1).gather(pl.Series(place))
