"""Shares of persons: of a yes/no variable, and of the rows or columns of a table."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Proportion", "Shares"]


class Proportion(AnalysisNode):
    """The share of persons with yes, among those with yes or no, with a confidence interval."""

    k: Literal["proportion"] = "proportion"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    method: Literal["wilson", "exact"] = "wilson"
    level: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    margins: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class Shares(AnalysisNode):
    """A cross table of two dimensions in per cent of its rows, its columns or the whole."""

    k: Literal["shares"] = "shares"
    row: Name
    column: Name
    of: Literal["rows", "columns", "all"] = "rows"
    margins: Literal[True] = True

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.row, self.column)
