"""A change to a plan: what it does, in words and for machines, and the plan that it makes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.plan.changes.words import said
from workbench.plan.check import CheckedPlan
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Plan
from workbench.plan.parse import canonical, parse

__all__ = ["EVERY", "FEW", "Change", "Edit", "Tree", "changed", "edited"]

Tree = dict[str, Any]
"""An analysis as JSON."""
Edit = Callable[[Tree], None]

FEW, DOMINANCE, LEDGER, POPULATION = "few", "dominance", "ledger", "population"
EVERY = frozenset({FEW, DOMINANCE, LEDGER})
"""What a coarser question may help against: all but a cohort that is too small."""


@dataclass(frozen=True)
class Change:
    """One step from a plan to another that tells less.

    what: {"k": its kind, ...}, for machines. words: what to do, by language. loss: 0 (nothing) to 1
    (everything) of what the question tells, judged by the question alone. helps: the troubles that
    it may end. plan: the other plan, of the agreed form but not checked.
    """

    what: Mapping[str, Any]
    words: Mapping[str, str]
    loss: float
    helps: frozenset[str]
    plan: Plan


def edited(plan: Plan, edit: Edit) -> Plan | None:
    """The plan with its analysis edited as JSON; None where that is no plan any more, or the same.

    The tree is spelt and read again, so that what comes out is within the limits of any plan.
    """
    tree: Tree = json.loads(canonical(plan))
    before = json.dumps(tree["analysis"], sort_keys=True)
    edit(tree["analysis"])
    if json.dumps(tree["analysis"], sort_keys=True) == before:
        return None
    del tree["v"]
    try:
        return parse(json.dumps(tree))
    except Refusal:
        return None


def changed(
    checked: CheckedPlan,
    what: Mapping[str, Any],
    loss: float,
    edit: Edit,
    helps: frozenset[str] = EVERY,
) -> list[Change]:
    """The change in a list; an empty one where it makes no other plan."""
    plan = edited(checked.plan, edit)
    return [] if plan is None else [Change(what, said(what), loss, helps, plan)]
