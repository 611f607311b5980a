"""How a number is distributed: histogram, density, and two numbers at once as a heat map."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from workbench.plan.nodes.base import AnalysisNode, Edge, Name

__all__ = ["Density", "Edges", "Heatmap", "Histogram"]


def _ascending(edges: tuple[int | float, ...]) -> tuple[int | float, ...]:
    if any(b <= a for a, b in pairwise(edges)):
        raise ValueError("edges ascend")
    return edges


Edges = Annotated[tuple[Edge, ...], Field(max_length=200), AfterValidator(_ascending)]
"""Public ascending edges; none: chosen from the range that the contract allows."""
Bins = Annotated[int, Field(ge=2, le=200)]


class Histogram(AnalysisNode):
    """Persons by intervals of a number, and by up to one dimension."""

    k: Literal["histogram"] = "histogram"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()
    edges: Edges = ()
    bins: Bins = 20

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class Density(AnalysisNode):
    """The smoothed distribution of a number, drawn from its released histogram.

    bandwidth: the kernel's standard deviation in units of the variable; Silverman's rule without.
    """

    k: Literal["density"] = "density"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()
    edges: Edges = ()
    bins: Bins = 100
    bandwidth: Annotated[float, Field(gt=0)] | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class Heatmap(AnalysisNode):
    """Persons by intervals of two numbers."""

    k: Literal["heatmap"] = "heatmap"
    x: Name
    y: Name
    x_edges: Edges = ()
    y_edges: Edges = ()
    bins: Annotated[int, Field(ge=2, le=40)] = 10

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.x, self.y)
