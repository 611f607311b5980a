"""How an analysis is computed: what a bucket contributes, how it merges, whether to go on.

The same computation runs in the engine's threads and in the workers of a cluster; only JSON goes
to it and only named arrays come back. Buckets partition the persons, so merging is exact.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, TypedDict, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disclosure.privacy.evidence import PrivateEvidence
from disclosure.results import Block, ResultEvidence
from disclosure.tables import TableEvidence
from workbench.engine.placed import Placed
from workbench.engine.released import Released
from workbench.plan import CheckedDimension, CheckedPlan
from workbench.plan.nodes import AnalysisNode
from workbench.sdk.compile import Scan, cells

__all__ = [
    "Computation", "Evidence", "Parts", "State", "Whom", "codes_of", "computation_of", "computes",
    "own", "summed", "under",
]  # fmt: skip

Parts = Mapping[str, NDArray[Any]]
"""Named arrays of plain numbers, never objects."""
State = Mapping[str, Any]
"""JSON: what a round needs to know of the rounds before it."""
Evidence = TableEvidence | ResultEvidence | PrivateEvidence


class Whom(TypedDict):
    """What every ResultEvidence says of the persons: see there."""

    groups: tuple[tuple[str, ...], ...]
    n: NDArray[np.int64]
    population: int
    view_population: int


class Computation(ABC):
    """One kind of analysis over one checked plan. Holds no data."""

    rounds = False
    """Whether it may take several rounds; a session then keeps what is held, memory allowing."""
    joined = False
    """Whether the buckets of a group are worked on as one, and so contribute one part."""

    squares = False
    """Whether sums of the numbers' squares and products can be read from the result."""

    def __init__(self, checked: CheckedPlan) -> None:
        self.checked = checked

    def measured(self) -> Mapping[str, pl.Expr]:
        """The columns that `partial` reads, by name; who lacks one of them takes no part."""
        return {}

    def numbers(self) -> Sequence[str]:
        """The measured columns whose values the ledger remembers; of text it knows the cells."""
        return tuple(self.measured())

    def frame(self, scan: Scan) -> pl.LazyFrame:
        """One row a person of a bucket's cohort: PERSON, CELL and what is measured."""
        return cells(self.checked, scan, self.measured())

    def held(self, frames: Sequence[pl.DataFrame]) -> list[Any]:
        """What `partial` reads of a group's buckets: their frames, or one thing made of them all.

        It tells its bytes by `estimated_size`, as a frame does.
        """
        return list(frames)

    def start(self) -> State:
        """The state of the first round."""
        return {}

    @abstractmethod
    def partial(self, frame: Any, state: State) -> Parts:
        """What one of the things held contributes in this round; no trace of one person."""

    @abstractmethod
    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together, the same whatever the buckets."""

    def advance(self, merged: Parts, state: State) -> State | None:  # noqa: ARG002 - one round
        """The state of the next round; None when this was the last.

        Raises Refusal when there is no answer (no convergence, separation, no rank), with the term
        that is to blame where naming it is safe, and what to do.
        """
        return None

    @abstractmethod
    def evidence(
        self, placed: Placed, merged: Parts, state: State, view_population: int
    ) -> Evidence:
        """What the gate judges, from the last round: aggregates, never rows."""

    def whom(self, placed: Placed, view_population: int) -> Whom:
        """The persons of the evidence, by the plan's inner cells."""
        return {
            "groups": codes_of(self.checked.dimensions),
            "n": placed.n,
            "population": placed.population,
            "view_population": view_population,
        }

    def follows(self, released: Released) -> tuple[Block, ...]:  # noqa: ARG002 - most tell no more
        """What follows from a released table, worked out from its shown cells and nothing else."""
        return ()


Maker = Callable[[CheckedPlan], Computation]
Made = TypeVar("Made", bound=Maker)
_KINDS: dict[type[AnalysisNode], Maker] = {}


def computes(*kinds: type[AnalysisNode]) -> Callable[[Made], Made]:
    """Register the computation of some kinds of analyses."""

    def register(made: Made) -> Made:
        for kind in kinds:
            _KINDS[kind] = made
        return made

    return register


def computation_of(checked: CheckedPlan) -> Computation:
    """The computation of a checked plan."""
    return _KINDS[type(checked.plan.analysis)](checked)


def summed(parts: Sequence[Parts], name: str) -> NDArray[np.int64]:
    """Whole numbers of all buckets, added."""
    total: NDArray[np.int64] = np.stack([one[name] for one in parts]).sum(axis=0, dtype=np.int64)
    return total


def codes_of(dimensions: Sequence[CheckedDimension]) -> tuple[tuple[str, ...], ...]:
    """The codes of each cell over some dimensions, C order."""
    return tuple(product(*(one.codes for one in dimensions)))


def under(name: str, parts: Parts) -> dict[str, NDArray[Any]]:
    """Parts of one of several numbers, to stand beside those of the others: "name.key"."""
    return {f"{name}.{key}": values for key, values in parts.items()}


def own(parts: Parts, name: str) -> dict[str, NDArray[Any]]:
    """The parts of one of several numbers again."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): values for key, values in parts.items() if key.startswith(prefix)
    }
