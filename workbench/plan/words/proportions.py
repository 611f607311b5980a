"""Shares in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Proportion) -> str:
    by = f" by {listed_by(node.by)}" if node.by else ""
    method = {"wilson": "Wilson's", "exact": "the exact (Clopper and Pearson's)"}[node.method]
    return (
        f"The share of persons with {node.variable}{by}, with {method} confidence interval at "
        f"{100 * node.level:g} %, among {say(node.cohort)}."
    )


@say.register
def _(node: nodes.Shares) -> str:
    of = {"rows": f"each {node.row}", "columns": f"each {node.column}", "all": "all persons"}
    return (
        f"Persons by {node.row} and {node.column}, in per cent of {of[node.of]}, "
        f"among {say(node.cohort)}."
    )
