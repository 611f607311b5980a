"""The question itself made smaller: no margins, fewer dimensions, times, edges, terms."""

from collections.abc import Callable
from typing import Any

from workbench.plan.changes.change import Change, Tree, changed
from workbench.plan.check import CheckedPlan

__all__ = ["smaller"]

_COARSER_PERIOD = {"month": "quarter", "quarter": "year"}
_EDGES = {
    "edges": "variable", "x_edges": "x", "y_edges": "y", "ages": "age", "periods": "period",
}  # fmt: skip


def smaller(checked: CheckedPlan) -> list[Change]:
    """Every step that asks for less of the same cohort."""
    tree = checked.plan.analysis.model_dump(mode="json")
    found: list[Change] = []
    for step in (_margins, _left_out, _steps, _counts, _terms):
        found += step(checked, tree)
    return found


def _margins(checked: CheckedPlan, tree: Tree) -> list[Change]:
    if not tree.get("margins"):
        return []
    return changed(checked, {"k": "margins"}, 0.1, _put("margins", value=False))


def _left_out(checked: CheckedPlan, tree: Tree) -> list[Change]:
    found: list[Change] = []
    for field in ("by", "strata", "variables"):
        names = tree.get(field)
        if not isinstance(names, list):
            continue
        loss = 0.4 if field == "variables" else 0.6
        for name in names:
            what = {"k": "leave_out", "variable": name, "from": field}
            left = [one for one in names if one != name]
            found += changed(checked, what, loss, _put(field, value=left))
    if tree.get("cluster"):
        what = {"k": "leave_out", "variable": tree["cluster"], "from": "cluster"}
        found += changed(checked, what, 0.7, _without_cluster)
    return found


def _without_cluster(tree: Tree) -> None:
    """Errors that hold where the model does not quite, without saying who may be alike."""
    tree["cluster"] = None
    if "errors" in tree:
        tree["errors"] = "HC1"
    if "robust" in tree:
        tree["robust"] = True


def _steps(checked: CheckedPlan, tree: Tree) -> list[Change]:
    found: list[Change] = []
    times: list[int] = tree.get("times") or []
    for part, loss in ((times[1::2], 0.2), (times[3::4], 0.3), (times[-1:], 0.4)):
        if part:
            what = {"k": "times", "times": part}
            found += changed(checked, what, loss, _put("times", value=part))
    for field, variable in _EDGES.items():
        edges = tree.get(field) or []
        name = str(tree.get(variable) or variable)
        ends = field in ("ages", "periods") and tree["k"] == "rates"
        for part, loss in ((_thinned(edges, ends=ends), 0.25), (edges[3::4], 0.35)):
            if part and not (ends and part == edges[3::4]):
                what = {"k": "edges", "variable": name, "edges": part}
                found += changed(checked, what, loss, _put(field, value=part))
    if every := _COARSER_PERIOD.get(str(tree.get("every"))):
        what = {"k": "every", "every": every, "before": tree["every"]}
        found += changed(checked, what, 0.2, _put("every", value=every))
    return found


def _thinned(edges: list[Any], *, ends: bool) -> list[Any]:
    """Every second edge; of bands that begin and end somewhere, the first and the last too."""
    if not ends:
        return edges[1::2]
    return [one for at, one in enumerate(edges) if at % 2 == 0 or one == edges[-1]]


def _counts(checked: CheckedPlan, tree: Tree) -> list[Change]:
    found: list[Change] = []
    for field in ("bins", "count", "most", "characters"):
        value = tree.get(field)
        if not isinstance(value, int):
            continue
        for fewer, loss in ((value // 2, 0.3), (value // 4, 0.4)):
            found += _fewer(checked, field, fewer, loss)
    at = tree.get("at")
    if isinstance(at, list):
        inside = [one for one in at if 0.25 <= one <= 0.75]
        for kept in (inside, [one for one in inside if one == 0.5]):
            found += _fewer(checked, "at", kept, 0.3) if kept else []
    until = tree.get("until")
    if isinstance(until, int):
        found += _fewer(checked, "until", until // 2, 0.4)
    return found


def _fewer(checked: CheckedPlan, field: str, value: object, loss: float) -> list[Change]:
    what = {"k": "fewer", "field": field, "value": value}
    return changed(checked, what, loss, _put(field, value=value))


def _terms(checked: CheckedPlan, tree: Tree) -> list[Change]:
    """Each term left out, and what interacts with it; the last ones first."""
    terms = (tree.get("design") or {}).get("terms", [])
    found: list[Change] = []
    for term in reversed(terms):
        names = {one["variable"] for one in term["factors"]}

        def edit(tree: Tree, names: set[str] = names) -> None:
            for field in ("design", "smaller"):
                if tree.get(field):
                    tree[field]["terms"] = [
                        one
                        for one in tree[field]["terms"]
                        if not names <= {factor["variable"] for factor in one["factors"]}
                    ]

        what = {"k": "term", "term": ":".join(one["variable"] for one in term["factors"])}
        found += changed(checked, what, 0.35 if len(names) > 1 else 0.5, edit)
    return found


def _put(field: str, *, value: object) -> Callable[[Tree], None]:
    def edit(tree: Tree) -> None:
        tree[field] = value

    return edit
