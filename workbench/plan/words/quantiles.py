"""Quantiles in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Quantiles) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    at = ", ".join(f"p{100 * one:g}" for one in sorted(node.at))
    return (
        f"The quantiles {at} of {node.variable}{by}, over the persons with a value, among "
        f"{say(node.cohort)}."
    )


@say.register
def _(node: nodes.Boxplot) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"A box plot of {node.variable}{by} (quartiles, whiskers at p5 and p95), over the persons "
        f"with a value, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Summary) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    return (
        f"Number, mean, standard deviation, median and quartiles of {node.variable}{by}, over the "
        f"persons with a value, among {say(node.cohort)}."
    )
