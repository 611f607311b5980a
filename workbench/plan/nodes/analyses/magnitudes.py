"""Sums of a number, and the ratio of two."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Ratio", "Totals"]


class Totals(AnalysisNode):
    """Sum, mean, standard deviation and coefficient of variation of a number."""

    k: Literal["totals"] = "totals"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    margins: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class Ratio(AnalysisNode):
    """The sum of one number over the sum of another, of the persons that have both."""

    k: Literal["ratio"] = "ratio"
    numerator: Name
    denominator: Name
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.numerator, self.denominator)
