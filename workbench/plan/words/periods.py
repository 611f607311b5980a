"""Periods in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import bin_labels, inner, listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Episodes) -> str:
    rows = f"{node.start} to {node.end}" if node.end else node.start
    near = f"at most {node.gap} days apart" if node.gap else "that overlap or touch"
    return f"episodes ({rows}, rows {near} merged) of {inner(node.frame)}"


@say.register
def _(node: nodes.Spans) -> str:
    keep = f", with {listed_by(node.keep)}," if node.keep else ""
    return f"the periods from {node.start} to {node.end}{keep} of {inner(node.frame)}"


@say.register
def _(node: nodes.Split) -> str:
    scale = "calendar year" if node.origin is None else f"{node.unit} since {say(node.origin)}"
    bands = ", ".join(bin_labels(node.edges))
    return f"{inner(node.frame)} split by {scale} into {node.name} ({bands})"


@say.register
def _(node: nodes.Exposed) -> str:
    return f"{inner(node.frame)} split by {node.name}: whether in {inner(node.by)}"
