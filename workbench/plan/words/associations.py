"""How numbers go together, in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Correlations) -> str:
    whose = "Pearson" if node.method == "pearson" else "Spearman"
    return (
        f"The correlations ({whose}) of {listed_by(node.variables)}, over the persons that have "
        f"all of them, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Covariances) -> str:
    return (
        f"The covariances of {listed_by(node.variables)}, over the persons that have all of them, "
        f"among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Components) -> str:
    return (
        f"The principal components of {listed_by(node.variables)}, standardised, over the persons "
        f"that have all of them, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Clusters) -> str:
    return (
        f"{node.count} clusters (k-means) of {listed_by(node.variables)}, standardised, over the "
        f"persons that have all of them, among {say(node.cohort)}."
    )
