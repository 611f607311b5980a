"""Functions of numbers, and the least and greatest of several values."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.base import Edge, Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Expression

__all__ = ["Clip", "Extreme", "Math", "Round"]


class Math(Node):
    """A function of a number; null when the number is or the result is not finite.

    log is the natural logarithm. floor and ceil give whole numbers, null beyond 64 bits.
    """

    k: Literal["math"] = "math"
    fn: Literal["abs", "exp", "log", "log10", "sqrt", "floor", "ceil"]
    operand: "Expression"


class Round(Node):
    """A number to so many decimals, halves away from zero; a whole number is left as it is."""

    k: Literal["round"] = "round"
    digits: Annotated[int, Field(ge=0, le=9)] = 0
    operand: "Expression"


class Clip(Node):
    """A number kept between public bounds: what lies outside becomes the bound."""

    k: Literal["clip"] = "clip"
    operand: "Expression"
    low: Edge | None = None
    high: Edge | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "Clip":
        if self.low is None and self.high is None:
            raise ValueError("there is a bound")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is at most high")
        return self


class Extreme(Node):
    """The least or greatest of several numbers, or of several dates; nulls are left out.

    Null only when all are: the earliest of three dates is that of those that happened.
    """

    k: Literal["extreme"] = "extreme"
    op: Literal["least", "greatest"]
    operands: Annotated[tuple["Expression", ...], Field(min_length=2, max_length=16)]
