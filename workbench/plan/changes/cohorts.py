"""Another cohort: the one of an earlier release, or the same without its last filter."""

from collections.abc import Mapping
from typing import Any

from workbench.plan import nodes
from workbench.plan.changes.change import EVERY, LEDGER, POPULATION, Change, Tree, changed
from workbench.plan.check import CheckedPlan
from workbench.plan.nodes import Plan
from workbench.plan.words import say

__all__ = ["as_earlier", "noisy", "wider"]


def wider(checked: CheckedPlan) -> list[Change]:
    """Each filter of the cohort left out, the last one first."""
    found: list[Change] = []
    frame, depth = checked.plan.analysis.cohort, 0
    while isinstance(frame, nodes.Filter | nodes.Derive | nodes.Sort):
        if isinstance(frame, nodes.Filter):
            what = {"k": "wider", "filter": say(frame.where)}

            def edit(tree: Tree, depth: int = depth) -> None:
                holder, field = tree, "cohort"
                for _ in range(depth):
                    holder, field = holder[field], "frame"
                holder[field] = holder[field]["frame"]

            found += changed(checked, what, 0.8, edit, EVERY | {POPULATION})
        frame, depth = frame.frame, depth + 1
    return found


def as_earlier(checked: CheckedPlan, release: str, earlier: Plan) -> list[Change]:
    """The persons of an earlier release: its cohort with the variables that are missing in it
    derived again, or the own cohort with those persons only whose values it needed."""
    cohort: Tree = earlier.analysis.cohort.model_dump(mode="json")
    own = checked.plan.analysis.model_dump(mode="json")["cohort"]
    missing = [one for one in _derived(own) if one not in _derived(cohort)]
    held = {one["name"] for one in _derived(cohort)}
    columns = [one for one in missing if one["name"] not in held]

    def swapped(tree: Tree) -> None:
        frame: Any = cohort
        for one in reversed(columns):
            frame = {"k": "derive", "frame": frame, "columns": [one]}
        tree["cohort"] = frame

    what: Mapping[str, Any] = {"k": "cohort", "release": release}
    found = changed(checked, what, 0.1, swapped, frozenset({LEDGER}))
    names = list(earlier.analysis.reads)

    def known(tree: Tree) -> None:
        for name in names:
            empty = {"k": "is_null", "operand": {"k": "column", "name": name}}
            where = {"k": "not", "operand": empty}
            tree["cohort"] = {"k": "filter", "frame": tree["cohort"], "where": where}

    what = {"k": "known", "variables": names, "release": release}
    return found + (changed(checked, what, 0.15, known, frozenset({LEDGER})) if names else [])


def noisy(checked: CheckedPlan, rho: str) -> list[Change]:
    """A count with noise in place of an exact one."""
    tree = checked.plan.analysis.model_dump(mode="json")
    if tree["k"] not in ("count", "crosstab"):
        return []

    def edit(tree: Tree) -> None:
        tree |= {"k": f"dp_{tree['k']}", "rho": rho}

    return changed(checked, {"k": "noise", "rho": rho}, 0.9, edit)


def _derived(frame: Tree) -> list[Tree]:
    """The derived variables of a cohort, the last first, down to the first other frame."""
    found: list[Tree] = []
    while frame["k"] in ("derive", "filter", "sort"):
        if frame["k"] == "derive":
            found += reversed(frame["columns"])
        frame = frame["frame"]
    return found
