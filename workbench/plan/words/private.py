"""Analyses with noise in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import edge_text, listed_by, say

__all__: list[str] = []


def _noise(node: nodes.Private) -> str:
    return f"with noise at ρ = {node.rho} (differential privacy)"


def _by(names: tuple[str, ...]) -> str:
    return f" by {listed_by(names)}" if names else ""


def _clipped(name: str, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return f"{name} clipped to the range that its contract allows"
    least = "its contract's least value" if low is None else edge_text(low)
    most = "its contract's greatest value" if high is None else edge_text(high)
    return f"{name} clipped to {least} – {most}"


@say.register
def _(node: nodes.DpCount) -> str:
    return f"Count the persons{_by(node.by)} {_noise(node)}, among {say(node.cohort)}."


@say.register
def _(node: nodes.DpCrosstab) -> str:
    margins = " and margins" if node.margins else ""
    return f"Count the persons{_by(node.by)} {_noise(node)}{margins}, among {say(node.cohort)}."


@say.register
def _(node: nodes.DpHistogram) -> str:
    edges = "intervals over the range that the contract allows"
    if node.edges:
        shown = ", ".join(edge_text(one) for one in node.edges[:8])
        edges = f"intervals at {shown}{' …' if len(node.edges) > 8 else ''}"
    by = f" and{_by(node.by)}" if node.by else ""
    return (
        f"Count the persons by {node.variable} in {edges}{by} (histogram) {_noise(node)}, among "
        f"{say(node.cohort)}."
    )


@say.register
def _(node: nodes.DpKeys) -> str:
    first = "" if node.characters == 64 else f"the first {node.characters} characters of "
    return (
        f"Count the persons by {first}{node.variable}, the {node.most} most frequent values that "
        f"enough persons share, {_noise(node)}, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.DpTotals) -> str:
    return (
        f"Number, sum and mean of {_clipped(node.variable, node.low, node.high)}{_by(node.by)}, "
        f"{_noise(node)}, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.DpDescribe) -> str:
    return (
        f"Number, mean, variance and standard deviation of "
        f"{_clipped(node.variable, node.low, node.high)}{_by(node.by)}, {_noise(node)}, among "
        f"{say(node.cohort)}."
    )


@say.register
def _(node: nodes.DpQuantiles) -> str:
    at = ", ".join(f"p{100 * one:g}" for one in sorted(node.at))
    return (
        f"The quantiles {at} of {_clipped(node.variable, node.low, node.high)}{_by(node.by)}, on "
        f"a grid of {node.steps} steps, {_noise(node)}, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Limits) -> str:
    return _clipped(node.variable, node.low, node.high)


@say.register
def _(node: nodes.DpRegression) -> str:
    bounds = "; ".join(say(one) for one in node.bounds)
    told = f" ({bounds}; the others to their contracts' ranges)" if bounds else ""
    return (
        f"Linear regression of {node.outcome} on {say(node.design)}{told}, {_noise(node)}, among "
        f"{say(node.cohort)}."
    )
