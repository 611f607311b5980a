"""The check of each kind of analysis: one function, one arm a kind."""

from functools import singledispatch

from workbench.plan.check.cohort import Asked, Cohort
from workbench.plan.nodes import AnalysisNode

__all__ = ["asked"]


@singledispatch
def asked(node: AnalysisNode, cohort: Cohort) -> Asked:  # noqa: ARG001 - each kind uses it
    """What an analysis asks of its cohort; raises Refusal with the rule and a way out."""
    raise TypeError(f"{type(node).__name__} has no check")
