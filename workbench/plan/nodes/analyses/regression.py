"""Regression models: one outcome, one design, one way to measure uncertainty."""

from typing import Literal

from workbench.plan.nodes.base import AnalysisNode, Name
from workbench.plan.nodes.design import Design

__all__ = ["Errors", "Model", "Regression"]

Model = Literal[
    "linear",
    "logistic",
    "probit",
    "log_binomial",
    "poisson",
    "negative_binomial",
    "gamma",
]
Errors = Literal["classical", "HC0", "HC1", "HC2", "HC3"]


class Regression(AnalysisNode):
    """A model of an outcome over the persons that have a value of every variable in it.

    exposure: a number whose logarithm is added with coefficient 1 (person-time); persons without
    a positive one are left out. offset: a number added as it is. cluster: a category within which
    persons may be alike; the errors are then robust to it.
    """

    k: Literal["regression"] = "regression"
    outcome: Name
    design: Design
    model: Model = "linear"
    errors: Errors = "classical"
    cluster: Name | None = None
    exposure: Name | None = None
    offset: Name | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        others = (self.outcome, *self.design.reads, self.cluster, self.exposure, self.offset)
        return tuple(dict.fromkeys(name for name in others if name is not None))
