"""Regression models: one outcome, one design, one way to measure uncertainty."""

from typing import Literal

from workbench.plan.nodes.base import AnalysisNode, Name
from workbench.plan.nodes.design import Design

__all__ = ["Errors", "Model", "NestedModels", "Regression"]

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


class NestedModels(AnalysisNode):
    """Whether a model says more than one with fewer terms, over the same persons.

    design: the larger one; smaller: some of its terms. A likelihood ratio test; of linear models
    the F test. See Regression for the rest.
    """

    k: Literal["nested_models"] = "nested_models"
    outcome: Name
    design: Design
    smaller: Design
    model: Model = "linear"
    exposure: Name | None = None
    offset: Name | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """See AnalysisNode."""
        return self.larger_model.reads

    @property
    def larger_model(self) -> Regression:
        """The larger model by itself."""
        return self._one(self.design)

    @property
    def smaller_model(self) -> Regression:
        """The smaller model by itself."""
        return self._one(self.smaller)

    def _one(self, design: Design) -> Regression:
        return Regression(
            cohort=self.cohort,
            outcome=self.outcome,
            design=design,
            model=self.model,
            exposure=self.exposure,
            offset=self.offset,
        )
