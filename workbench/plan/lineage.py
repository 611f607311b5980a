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


class _Walk:
    def __init__(self) -> None:
        self.datasets: set[str] = set()
        self.variables: set[str] = set()
        self.filters: list[str] = []

    def frame(self, frame: nodes.Frame) -> tuple[str, frozenset[str]]:
        """Walk a frame; returns its dataset and the names that were derived in it."""
        if isinstance(frame, nodes.Dataset):
            self.datasets.add(frame.name)
            return frame.name, frozenset()
        if isinstance(frame, nodes.Persons):
            self.variables.add(EVERYBODY)
            return EVERYBODY, frozenset()
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
        else:
            derived = self.periods(frame, base, derived)
        return base, derived

    def periods(
        self,
        frame: nodes.Episodes | nodes.Spans | nodes.Split | nodes.Exposed,
        base: str,
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

    def name(self, name: str, base: str, derived: frozenset[str]) -> None:
        """Note a variable, unless it was derived (then its own parts are noted already)."""
        if name not in derived:
            self.variables.add(f"{base}.{name}")

    def expression(self, node: Node, base: str, derived: frozenset[str]) -> None:
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
