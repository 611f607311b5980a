"""Tests whether groups are alike, in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import say

__all__: list[str] = []


@say.register
def _(node: nodes.ChiSquared) -> str:
    return (
        f"Test whether {node.rows} and {node.columns} are independent (χ²), over the persons that "
        f"have both, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.MeanTest) -> str:
    way = "equal variances taken for granted" if node.equal_variances else "Welch"
    return (
        f"Test whether the mean of {node.variable} is the same for all of {node.by} ({way}), "
        f"among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.RankTest) -> str:
    return (
        f"Test whether {node.variable} is as often large for all of {node.by} (ranks), among "
        f"{say(node.cohort)}."
    )
