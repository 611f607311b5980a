"""Proportional hazards: how variables move the rate of an event."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.plan.nodes.base import AnalysisNode, Name
from workbench.plan.nodes.design import Design

__all__ = ["Cox"]


class Cox(AnalysisNode):
    """Cox regression of the persons followed for `time` whole days until `event` or censoring.

    entry: the day from which a person is followed (left truncation). strata: categories with a
    baseline of their own. cluster: a category within which persons may be alike; robust: errors
    that hold where the model does not quite (both: the infinitesimal jackknife).
    """

    k: Literal["cox"] = "cox"
    time: Name
    event: Name
    design: Design
    ties: Literal["efron", "breslow"] = "efron"
    entry: Name | None = None
    strata: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    cluster: Name | None = None
    robust: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        others = (self.time, self.event, self.entry, *self.strata, self.cluster)
        every = (*(name for name in others if name is not None), *self.design.reads)
        return tuple(dict.fromkeys(every))
