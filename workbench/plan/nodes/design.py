"""The design of a model: the right side of a formula, as terms of factors."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.base import Edge, Name, Node, Text

__all__ = ["Category", "Design", "Factor", "Hinges", "Number", "Powers", "Spline", "Term"]


class Number(Node):
    """A number as it is."""

    k: Literal["number"] = "number"
    variable: Name


class Category(Node):
    """A category of a public list, compared with a reference (the first one that occurs)."""

    k: Literal["category"] = "category"
    variable: Name
    reference: Text | None = None


class Powers(Node):
    """A number and its powers up to `degree`."""

    k: Literal["powers"] = "powers"
    variable: Name
    degree: Annotated[int, Field(ge=2, le=5)]


class _Knotted(Node):
    variable: Name

    @model_validator(mode="after")
    def _ascending(self) -> "_Knotted":
        knots: tuple[Edge, ...] = getattr(self, "knots", ())
        if any(b <= a for a, b in pairwise(knots)):
            raise ValueError("knots ascend")
        return self


class Spline(_Knotted):
    """A restricted cubic spline (Harrell): smooth, straight outside the first and last knot."""

    k: Literal["spline"] = "spline"
    knots: Annotated[tuple[Edge, ...], Field(min_length=3, max_length=10)]


class Hinges(_Knotted):
    """A broken line: the number, and how far it lies above each knot."""

    k: Literal["hinges"] = "hinges"
    knots: Annotated[tuple[Edge, ...], Field(min_length=1, max_length=10)]


Factor = Annotated[
    Number | Category | Powers | Spline | Hinges,
    Field(discriminator="k"),
]


class Term(Node):
    """A factor, or the interaction of two or three."""

    factors: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=3)]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of its factors, in order."""
        return tuple(one.variable for one in self.factors)


class Design(Node):
    """The terms of a model; their coding is that of R's `model.matrix` with treatment contrasts."""

    terms: Annotated[tuple[Term, ...], Field(max_length=40)] = ()
    intercept: bool = True

    @property
    def reads(self) -> tuple[str, ...]:
        """The variables of all terms, each once, in order of appearance."""
        every = [name for term in self.terms for name in term.variables]
        return tuple(dict.fromkeys(every))
