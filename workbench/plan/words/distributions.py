"""Distributions in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import edge_text, listed_by, say

__all__: list[str] = []


def _by(names: tuple[str, ...]) -> str:
    return f" and by {listed_by(names)}" if names else ""


def _edges(edges: tuple[int | float, ...], bins: int) -> str:
    if not edges:
        return f"about {bins} intervals over the range that the contract allows"
    shown = ", ".join(edge_text(one) for one in edges[:8])
    return f"intervals at {shown}{' …' if len(edges) > 8 else ''}"


@say.register
def _(node: nodes.Histogram) -> str:
    return (
        f"Count the persons by {node.variable} in {_edges(node.edges, node.bins)}"
        f"{_by(node.by)} (histogram), among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Density) -> str:
    width = "by Silverman's rule" if node.bandwidth is None else f"{node.bandwidth:g}"
    return (
        f"The smoothed distribution of {node.variable}{_by(node.by)}, from persons in "
        f"{_edges(node.edges, node.bins)} with a bandwidth {width}, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Heatmap) -> str:
    return (
        f"Count the persons by {node.x} in {_edges(node.x_edges, node.bins)} and by {node.y} in "
        f"{_edges(node.y_edges, node.bins)} (heat map), among {say(node.cohort)}."
    )
