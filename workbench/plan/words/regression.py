"""Regression models in words."""

from workbench.plan import nodes
from workbench.plan.words.speech import say

__all__: list[str] = []

_MODELS = {
    "linear": "Linear regression",
    "logistic": "Logistic regression",
    "probit": "Probit regression",
    "log_binomial": "Log-binomial regression",
    "poisson": "Poisson regression",
    "negative_binomial": "Negative binomial regression",
    "gamma": "Gamma regression with a log link",
}


@say.register
def _(node: nodes.Regression) -> str:
    parts = [f"{_MODELS[node.model]} of {node.outcome} on {say(node.design)}"]
    if node.exposure is not None:
        parts.append(f"per {node.exposure} at risk")
    if node.offset is not None:
        parts.append(f"with {node.offset} added")
    if node.cluster is not None:
        parts.append(f"with errors robust to clusters of {node.cluster}")
    elif node.errors != "classical":
        parts.append(f"with robust errors ({node.errors})")
    return f"{', '.join(parts)}, among {say(node.cohort)}."


@say.register
def _(node: nodes.NestedModels) -> str:
    return (
        f"{_MODELS[node.model]} of {node.outcome}: whether {say(node.design)} say more than "
        f"{say(node.smaller)}, among {say(node.cohort)}."
    )
