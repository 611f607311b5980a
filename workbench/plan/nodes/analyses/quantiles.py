"""Quantiles of a number, and the box plot that is drawn from five of them."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Boxplot", "Quantiles", "Summary"]


class Quantiles(AnalysisNode):
    """Quantiles of a number over the persons that have it, by up to two dimensions."""

    k: Literal["quantiles"] = "quantiles"
    variable: Name
    at: Annotated[tuple[float, ...], Field(min_length=1, max_length=21)] = (0.25, 0.5, 0.75)
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class Boxplot(AnalysisNode):
    """Quartiles, and whiskers at the 5th and the 95th percentile; no single value."""

    k: Literal["boxplot"] = "boxplot"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()

    @property
    def at(self) -> tuple[float, ...]:
        """The quantiles that it is drawn from."""
        return (0.05, 0.25, 0.5, 0.75, 0.95)

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class Summary(AnalysisNode):
    """Number, mean, standard deviation, median and quartiles of a number."""

    k: Literal["summary"] = "summary"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()

    @property
    def at(self) -> tuple[float, ...]:
        """The quantiles that it tells."""
        return (0.25, 0.5, 0.75)

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)
