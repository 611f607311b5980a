"""Tables of persons: counts, exact or with noise, and described numbers."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, field_validator

from workbench.plan.nodes.base import AnalysisNode, Name

__all__ = ["Count", "Crosstab", "Describe", "DpCount"]


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


class DpCount(AnalysisNode):
    """Persons by up to two dimensions with calibrated noise, at the privacy cost ρ (exact)."""

    k: Literal["dp_count"] = "dp_count"
    by: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    rho: Annotated[str, Field(pattern=r"^[0-9]{1,6}(/[1-9][0-9]{0,8})?$")]

    @field_validator("rho")
    @classmethod
    def _exact(cls, value: str) -> str:
        if not 0 < Fraction(value) <= 100:
            raise ValueError("rho lies above 0 and at most at 100")
        return str(Fraction(value))

    @property
    def cost(self) -> Fraction:
        """See AnalysisNode."""
        return Fraction(self.rho)

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.by
