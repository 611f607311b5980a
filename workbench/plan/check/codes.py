"""The types of roll-ups."""

from workbench.plan import nodes
from workbench.plan.check.expressions import Scope, type_of
from workbench.plan.check.texts import text
from workbench.plan.codelists import SCHEMES
from workbench.plan.types import Type

__all__: list[str] = []


@type_of.register
def _(node: nodes.RollUp, scope: Scope) -> Type:
    text(node.operand, scope)
    scheme = SCHEMES[node.to]
    return Type("string", levels=scheme.levels, labels=scheme.labels)
