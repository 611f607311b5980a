"""What a plan touches: datasets, variables and filters, by walking the tree."""

from dataclasses import dataclass
from typing import Literal

from workbench.plan import nodes
from workbench.plan.nodes import Node, Plan
from workbench.plan.types import EVERYBODY
from workbench.plan.words import say

__all__ = ["Lineage", "lineage"]


@dataclass(frozen=True)
class Lineage:
    """datasets and variables ("dataset.variable"), sorted; filters in words, in reading order.

    "persons()" stands among the variables when it is asked who is in the view at all.
    """

    datasets: tuple[str, ...]
    variables: tuple[str, ...]
    filters: tuple[str, ...]
    unit: Literal["person"] = "person"


def lineage(plan: Plan) -> Lineage:
    """The lineage of a plan; needs no schema: a name is a variable unless the frame derived it."""
    found = _Walk()
    analysis = plan.analysis
    base, derived = found.frame(analysis.cohort)
    for name in analysis.reads:
        found.name(name, base, derived)
    return Lineage(
        tuple(sorted(found.datasets)),
        tuple(sorted(found.variables)),
        tuple(dict.fromkeys(found.filters)),
    )


@dataclass(frozen=True)
class _Both:
    """Where the rows of a matched frame come from."""

    cases: "tuple[Base, frozenset[str]]"
    controls: "tuple[Base, frozenset[str]]"

    def __str__(self) -> str:
        return f"{self.cases[0]} and matched {self.controls[0]}"


Base = str | _Both
"""A dataset, or two frames that persons were matched from."""


class _Walk:
    def __init__(self) -> None:
        self.datasets: set[str] = set()
        self.variables: set[str] = set()
        self.filters: list[str] = []

    def frame(self, frame: nodes.Frame) -> "tuple[Base, frozenset[str]]":
        """Walk a frame; returns where its rows come from and the names that were derived in it."""
        if isinstance(frame, nodes.Dataset):
            self.datasets.add(frame.name)
            return frame.name, frozenset()
        if isinstance(frame, nodes.Persons):
            self.variables.add(EVERYBODY)
            return EVERYBODY, frozenset()
        if isinstance(frame, nodes.Matched):
            return self.matched(frame)
        base, derived = self.frame(frame.frame)
        if isinstance(frame, nodes.Filter):
            self.filters.append(f"{base}: {say(frame.where)}")
            self.expression(frame.where, base, derived)
        elif isinstance(frame, nodes.Sort):
            for name in frame.by:
                self.name(name, base, derived)
        elif isinstance(frame, nodes.Derive):
            for column in frame.columns:
                self.expression(column.value, base, derived)
            derived |= {column.name for column in frame.columns}
        elif isinstance(frame, nodes.Linked | nodes.Back):
            if isinstance(frame, nodes.Linked):
                self.name(frame.link, base, frozenset())
            for name in frame.keep:
                self.name(name, base, derived)
            derived = frozenset(frame.keep)
        else:
            derived = self.periods(frame, base, derived)
        return base, derived

    def matched(self, frame: nodes.Matched) -> "tuple[Base, frozenset[str]]":
        """Note what is matched on and carried; a name may come from the cases or the controls."""
        both = _Both(self.frame(frame.cases), self.frame(frame.controls))
        for name in frame.by:
            self.name(name, both, frozenset())
        for name in frame.carry:
            self.name(name, *both.cases)
        return both, frozenset({"case", "sets", *frame.carry})

    def periods(
        self,
        frame: nodes.Episodes | nodes.Spans | nodes.Split | nodes.Exposed,
        base: "Base",
        derived: frozenset[str],
    ) -> frozenset[str]:
        """Note what periods are made of; returns the names that they have."""
        if isinstance(frame, nodes.Episodes):
            read: tuple[str, ...] = (frame.start, frame.end or frame.start)
            made = {"start", "end", "days", "rows", "covered"}
        elif isinstance(frame, nodes.Spans):
            read = (frame.start, frame.end, *frame.keep)
            made = {"start", "end", "days", *frame.keep}
        else:
            if isinstance(frame, nodes.Exposed):
                self.frame(frame.by)
            elif frame.origin is not None:
                self.expression(frame.origin, base, derived)
            return derived | {frame.name}
        for name in dict.fromkeys(read):
            self.name(name, base, derived)
        return frozenset(made)

    def name(self, name: str, base: "Base", derived: frozenset[str]) -> None:
        """Note a variable, unless it was derived (then its own parts are noted already)."""
        if name in derived:
            return
        if isinstance(base, _Both):
            self.name(name, *base.cases)
            self.name(name, *base.controls)
        else:
            self.variables.add(f"{base}.{name}")

    def expression(self, node: Node, base: "Base", derived: frozenset[str]) -> None:
        """Walk an expression that stands in a frame of `base`."""
        if isinstance(node, nodes.Column):
            self.name(node.name, base, derived)
        elif isinstance(node, nodes.OverRows):
            base, derived = self.frame(node.frame)
            if node.read is not None:
                self.expression(node.read, base, derived)
        else:
            for field in type(node).model_fields:
                value = getattr(node, field)
                for part in value if isinstance(value, tuple) else (value,):
                    if isinstance(part, Node):
                        self.expression(part, base, derived)
