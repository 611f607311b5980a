"""How numbers go together: two numbers or more, each once."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, Cohort
from workbench.plan.errors import Refusal

__all__: list[str] = []


@asked.register(nodes.Correlations)
@asked.register(nodes.Covariances)
@asked.register(nodes.Components)
@asked.register(nodes.Clusters)
def _(
    node: nodes.Correlations | nodes.Covariances | nodes.Components | nodes.Clusters,
    cohort: Cohort,
) -> Asked:
    if len(set(node.variables)) != len(node.variables):
        raise Refusal("same_variable_twice", "A variable is named twice.", "Name each once.")
    for name in node.variables:
        cohort.number(name)
    return Asked()
