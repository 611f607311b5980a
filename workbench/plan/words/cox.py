"""Cox regression in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import listed_by, say

__all__: list[str] = []


@say.register
def _(node: nodes.Cox) -> str:
    entry = "" if node.entry is None else f" from day {node.entry}"
    model = f"Cox regression ({node.ties.capitalize()}'s ties) of {node.event}"
    parts = [f"{model}, followed{entry} for {node.time} days, on {say(node.design)}"]
    if node.strata:
        parts.append(f"within strata of {listed_by(node.strata)}")
    if node.cluster is not None:
        parts.append(f"with errors robust to clusters of {node.cluster}")
    elif node.robust:
        parts.append("with robust errors")
    return f"{', '.join(parts)}, among {say(node.cohort)}."
