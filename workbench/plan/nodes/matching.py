"""Matched controls: persons like each case, chosen by lot among all that are alike enough."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from workbench.plan.nodes.base import Name, Node

if TYPE_CHECKING:
    from workbench.plan.nodes import Frame

__all__ = ["Caliper", "Matched"]


class Caliper(Node):
    """How far a control's value may lie from its case's: a number, or days of a date."""

    name: Name
    within: Annotated[int | float, Field(ge=0)]


class Matched(Node):
    """Cases that found a control, and those controls: a person frame.

    A control has each `exact` value of its case and lies within each caliper. A person in both
    frames is a case only; who lacks one of these values takes no part. Everybody draws a lot from
    `seed` and their pseudonym. Cases choose in the order of their lots, each up to `ratio` of those
    alike: whose lots follow its own, the first after the last. Without `replacement` nobody is
    chosen twice.

    The frame has the variables that both frames have with one type; `case`, whether the person is
    one; `sets`, in how many matched sets they are; and the `carry` variables of the cases (an index
    date), which a control has from its case: without replacement only.
    """

    k: Literal["matched"] = "matched"
    cases: "Frame"
    controls: "Frame"
    exact: Annotated[tuple[Name, ...], Field(max_length=8)] = ()
    calipers: Annotated[tuple[Caliper, ...], Field(max_length=4)] = ()
    ratio: Annotated[int, Field(ge=1, le=20)] = 1
    replacement: bool = False
    carry: Annotated[tuple[Name, ...], Field(max_length=8)] = ()
    seed: Annotated[int, Field(ge=0, le=(1 << 31) - 1)] = 0

    @model_validator(mode="after")
    def _sound(self) -> "Matched":
        by = [*self.exact, *(one.name for one in self.calipers)]
        if not by or len(set(by)) != len(by):
            raise ValueError("each variable to match on once, and at least one")
        if len(set(self.carry)) != len(self.carry) or (self.carry and self.replacement):
            raise ValueError("carried variables once, and only without replacement")
        return self

    @property
    def by(self) -> tuple[str, ...]:
        """The variables that are matched on."""
        return (*self.exact, *(one.name for one in self.calipers))
