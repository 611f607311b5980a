"""Analyses with calibrated noise (differential privacy): what each costs is part of the question.

Numbers are clipped to public bounds, given here or by the contract, and never chosen from data.
"""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from workbench.plan.nodes.analyses.distributions import Edges
from workbench.plan.nodes.base import AnalysisNode, Edge, Name, Node
from workbench.plan.nodes.design import Design

__all__ = [
    "DpCount",
    "DpCrosstab",
    "DpDescribe",
    "DpHistogram",
    "DpKeys",
    "DpQuantiles",
    "DpRegression",
    "DpTotals",
    "Limits",
    "Private",
]

By = Annotated[tuple[Name, ...], Field(max_length=2)]
DELTA = Fraction(1, 10**6)
"""δ of an answer that finds its own values, for each ρ that it costs."""
EXACT = r"^[0-9]{1,6}(/[1-9][0-9]{0,8})?$"


class Private(AnalysisNode):
    """A question whose answer carries noise. rho: its cost under zero-concentrated DP, exact."""

    rho: Annotated[str, Field(pattern=EXACT)]

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


class DpCount(Private):
    """Persons by up to two dimensions with calibrated noise, at the privacy cost ρ (exact)."""

    k: Literal["dp_count"] = "dp_count"
    by: By = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.by


class DpCrosstab(Private):
    """Persons by one to three dimensions with noise; margins are the sums of the noisy cells."""

    k: Literal["dp_crosstab"] = "dp_crosstab"
    by: Annotated[tuple[Name, ...], Field(min_length=1, max_length=3)]
    margins: bool = True

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.by


class DpHistogram(Private):
    """Persons by intervals of a number with noise, and by up to one dimension."""

    k: Literal["dp_histogram"] = "dp_histogram"
    variable: Name
    by: Annotated[tuple[Name, ...], Field(max_length=1)] = ()
    edges: Edges = ()
    bins: Annotated[int, Field(ge=2, le=200)] = 20

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class DpKeys(Private):
    """Persons by the values of a text of which there is no list, those that enough persons share.

    Which values there are is found with noise, too: a value that one person has is told with a
    probability of at most δ = ρ / 10⁶. characters: only the first so many tell a value. most: so
    many of the most frequent are told.
    """

    k: Literal["dp_keys"] = "dp_keys"
    variable: Name
    characters: Annotated[int, Field(ge=1, le=64)] = 64
    most: Annotated[int, Field(ge=1, le=1000)] = 100

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (self.variable,)

    @property
    def delta(self) -> Fraction:
        """What is paid besides ρ, in proportion to it: both add up, neither outgrows the other."""
        return self.cost * DELTA


class _Bounded(Private):
    """A question about one number that is clipped. low, high: the contract's range without them."""

    variable: Name
    by: By = ()
    low: Edge | None = None
    high: Edge | None = None

    @model_validator(mode="after")
    def _ascending(self) -> "_Bounded":
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low lies below high")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return (*self.by, self.variable)


class DpTotals(_Bounded):
    """Sum and mean of a clipped number with noise, over the persons that have it."""

    k: Literal["dp_totals"] = "dp_totals"


class DpDescribe(_Bounded):
    """Number, mean, variance and standard deviation of a clipped number with noise."""

    k: Literal["dp_describe"] = "dp_describe"


class DpQuantiles(_Bounded):
    """Quantiles of a clipped number with noise: of one noisy distribution over a public grid.

    steps: into how many intervals the range is divided; a whole number within a range of so many
    values keeps its values.
    """

    k: Literal["dp_quantiles"] = "dp_quantiles"
    at: Annotated[tuple[float, ...], Field(min_length=1, max_length=21)] = (0.25, 0.5, 0.75)
    steps: Annotated[int, Field(ge=4, le=4096)] = 256

    @field_validator("at")
    @classmethod
    def _probabilities(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(value)) != len(value) or not all(0 < one < 1 for one in value):
            raise ValueError("quantiles lie between 0 and 1, each named once")
        return value


class Limits(Node):
    """Between which values a variable is clipped."""

    variable: Name
    low: Edge
    high: Edge

    @model_validator(mode="after")
    def _ascending(self) -> "Limits":
        if self.low >= self.high:
            raise ValueError("low lies below high")
        return self


class DpRegression(Private):
    """Linear regression of a clipped number with noise in its moments.

    bounds: of numbers in the model; the contract's ranges hold for those that are not named.
    """

    k: Literal["dp_regression"] = "dp_regression"
    outcome: Name
    design: Design
    bounds: Annotated[tuple[Limits, ...], Field(max_length=41)] = ()

    @model_validator(mode="after")
    def _once(self) -> "DpRegression":
        if len({one.variable for one in self.bounds}) != len(self.bounds):
            raise ValueError("the bounds of a variable are given once")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return tuple(dict.fromkeys((self.outcome, *self.design.reads)))
