"""Categories rolled up to the first characters of their codes."""

from dataclasses import replace

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort

__all__: list[str] = []


@asked.register
def _(node: nodes.TopCodes, cohort: Cohort) -> Asked:
    axis = cohort.dimension(node.variable)
    if node.characters is not None:
        short = tuple(dict.fromkeys(code[: node.characters] for code in axis.levels))
        labels = {code: text for code, text in axis.labels.items() if code in short}
        axis = replace(axis, levels=short, labels=labels, characters=node.characters)
    return Asked(cohort.table(axis))
