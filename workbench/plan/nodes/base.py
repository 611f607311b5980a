"""What every node of the plan language is made of."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression, Frame

__all__ = ["AnalysisNode", "Edge", "Name", "Node", "OverRows", "Scalar", "Text", "Whole", "walk"]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Text = Annotated[str, Field(max_length=128)]
Whole = Annotated[int, Field(ge=-(1 << 53), le=1 << 53)]
Scalar = bool | Whole | float | Text
Edge = Whole | float


class Node(BaseModel):
    """A closed, frozen node; unknown fields, NaN and infinities are refused.

    A kind's schema holds the whole language (half a MiB, some milliseconds): it is made when the
    first node of the kind is, as a notebook uses few of them.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True
    )


class OverRows(Node):
    """From the person's rows in a frame to one value a person."""

    frame: "Frame"

    @property
    def read(self) -> "Expression | None":
        """What is read of each row: an expression that stands in `frame`."""
        return getattr(self, "value", None)


class AnalysisNode(Node):
    """One question about the persons of a cohort: a frame of one row a person."""

    cohort: "Frame"

    @property
    def reads(self) -> tuple[str, ...]:
        """The variables of the cohort that the answer depends on, each once.

        Lineage, pruning and the permit's check know an analysis by this alone.
        """
        raise NotImplementedError(type(self).__name__)

    @property
    def cost(self) -> Fraction:
        """The privacy cost ρ that the project's account pays; 0 for an exact answer."""
        return Fraction(0)


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node below and including `node` with its depth, parents first; needs no recursion."""
    pending: list[tuple[Node, int]] = [(node, 0)]
    while pending:
        current, depth = pending.pop()
        yield current, depth
        below: list[tuple[Node, int]] = []
        for field in type(current).model_fields:
            value = getattr(current, field)
            parts = value if isinstance(value, tuple) else (value,)
            below += [(part, depth + 1) for part in parts if isinstance(part, Node)]
        pending += reversed(below)
