"""From rows to one value a person, in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import inner, say

__all__: list[str] = []

_OF_VALUES = {
    "sum": "the sum of",
    "mean": "the mean of",
    "min": "the least",
    "max": "the greatest",
    "median": "the median of",
    "std": "the standard deviation of",
    "n_unique": "the number of different",
}


@say.register
def _(node: nodes.Exists) -> str:
    return f"any row of {say(node.frame)}"


@say.register
def _(node: nodes.CountRows) -> str:
    return f"the number of rows of {say(node.frame)}"


@say.register
def _(node: nodes.Take) -> str:
    return f"the {node.which} {say(node.value)} of {say(node.frame)}"


@say.register
def _(node: nodes.Nth) -> str:
    last = " from the last" if node.counted_from == "last" else ""
    return f"the {_ordinal(node.n)}{last} {say(node.value)} of {say(node.frame)}"


@say.register
def _(node: nodes.Reduce) -> str:
    if node.op in ("any", "all"):
        return f"whether {inner(node.value)} in {node.op} row of {say(node.frame)}"
    return f"{_OF_VALUES[node.op]} {say(node.value)} of {say(node.frame)}"


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
