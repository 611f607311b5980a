"""Concentration in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Concentration) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"How {node.variable} is spread over persons{by} (Gini's coefficient and the Lorenz curve, "
        f"numbers below zero as zero), over the persons with a value, among {say(node.cohort)}."
    )
