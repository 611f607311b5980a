"""Missing values: an axis of known and missing for each variable that can lack a value."""

from workbench.plan import nodes
from workbench.plan.check.analysis import asked
from workbench.plan.check.cohort import Asked, CheckedDimension, Cohort
from workbench.plan.errors import Refusal
from workbench.plan.types import BOOLEANS

__all__: list[str] = []


@asked.register
def _(node: nodes.Missingness, cohort: Cohort) -> Asked:
    if len(set(node.variables)) != len(node.variables) or set(node.variables) & set(node.by):
        raise Refusal(
            "same_variable_twice",
            "A variable is named twice.",
            "Name each once, and the group apart from them.",
        )
    labels = {}
    axes: list[CheckedDimension] = []
    for name in node.variables:
        found = cohort.column(name)
        source = cohort.source(found)
        own = source is not None and source.name == name
        labels[name] = source.label if source is not None and own else {"en": name, "nb": name}
        if found.nullable:
            value = nodes.IsNull(operand=nodes.Column(name=name))
            axes.append(CheckedDimension(name, BOOLEANS, False, labels[name], {}, value))  # noqa: FBT003 - a field
    return Asked(cohort.table(*cohort.dimensions(node.by), *axes), labels)
