"""Changes that make a plan tell less, the least first: what a refused question may become.

Pure: from the plan and the public schema alone. What needs a look at the data (which categories
are small, how high values go) is an argument, and says in its own words what it gives away.
"""

from workbench.plan.changes.change import Change
from workbench.plan.changes.cohorts import as_earlier, noisy, wider
from workbench.plan.changes.questions import smaller
from workbench.plan.changes.variables import cap, categories, coarser, merged, numbers
from workbench.plan.changes.words import said
from workbench.plan.check import CheckedPlan
from workbench.plan.schema import Schema

__all__ = [
    "Change",
    "as_earlier",
    "cap",
    "categories",
    "changes",
    "merged",
    "noisy",
    "numbers",
    "said",
    "wider",
]


def changes(checked: CheckedPlan, schema: Schema) -> list[Change]:
    """Every change that the plan itself suggests, in no order; none is checked."""
    return [*smaller(checked), *coarser(checked, schema), *wider(checked)]
