"""Tables of persons: counts and described numbers."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Count", "Crosstab", "Describe"]


class Crosstab(AnalysisNode):
    """Persons by one to three dimensions."""

    k: Literal["crosstab"] = "crosstab"
    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=3)]
    margins: bool = True

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.by


class Count(AnalysisNode):
    """How many persons, in all or by up to two dimensions."""

    k: Literal["count"] = "count"
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.by


class Describe(AnalysisNode):
    """Number, mean and standard deviation of a numeric variable over the persons that have it."""

    k: Literal["describe"] = "describe"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    margins: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)
