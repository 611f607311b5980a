"""A variable made coarser: rolled up, cut at fewer edges, small categories merged, values capped.

The coarser variable is a new one, derived on top of the cohort and named after the old; what else
in the cohort reads the old one (a filter) is as it was.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.plan import nodes
from workbench.plan.changes.change import DOMINANCE, Change, Edit, Tree, changed
from workbench.plan.check import CheckedPlan
from workbench.plan.codelists import SCHEMES
from workbench.plan.schema import Schema
from workbench.plan.types import RESERVED, Type

__all__ = ["CATEGORIES", "cap", "categories", "coarser", "merged", "numbers"]

CATEGORIES = ("by", "strata", "rows", "columns", "row", "column")
"""Fields of analyses that name variables with categories."""
_NUMBERS = ("variable", "variables", "numerator", "denominator", "outcome")
_NAMES = frozenset(
    {*CATEGORIES, *_NUMBERS, "cluster", "time", "event", "entry", "days", "start", "end", "age",
     "birth", "date", "exposure", "offset", "x", "y"}
)  # fmt: skip
"""Every field, of analyses and of the factors of a design, that names variables of the cohort."""
_COARSER: Mapping[str, str] = {
    "icd10_category": "icd10_block", "icd10_block": "icd10_chapter", "atc_5": "atc_4",
    "atc_4": "atc_3", "atc_3": "atc_2", "atc_2": "atc_1", "county": "health_region",
}  # fmt: skip
_OF_CODES = ("atc_2", "atc_1", "icd10_block", "icd10_chapter", "county", "health_region")
_MEANS = ("describe", "totals", "ratio", "summary", "trend", "mean_test", "regression",
          "correlations", "covariances", "components", "concentration", "nested_models", "cox",
          "clusters")  # fmt: skip
"""Kinds of analyses that one large value can move."""


def categories(checked: CheckedPlan) -> list[str]:
    """The variables that tell persons apart by categories, those with most categories first."""
    tree = _analysis(checked)
    found = [name for field in CATEGORIES for name in _listed(tree.get(field))]
    found += [
        one["variable"]
        for term in [*_terms(tree, "design"), *_terms(tree, "smaller")]
        for one in term["factors"]
        if one["k"] == "category"
    ]
    if tree["k"] in ("cumulative_incidence", "top_codes"):
        found.append(tree["event" if "event" in tree else "variable"])
    known = [one for one in dict.fromkeys(found) if checked.variables[one].levels]
    return sorted(known, key=lambda one: -len(checked.variables[one].levels or ()))


def numbers(checked: CheckedPlan) -> list[str]:
    """The numbers that one large value can move."""
    tree = _analysis(checked)
    if tree["k"] not in _MEANS:
        return []
    found = [name for field in _NUMBERS for name in _listed(tree.get(field))]
    found += [
        one["variable"]
        for term in _terms(tree, "design")
        for one in term["factors"]
        if one["k"] != "category"
    ]
    return [one for one in dict.fromkeys(found) if checked.variables[one].numeric]


def coarser(checked: CheckedPlan, schema: Schema) -> list[Change]:
    """Each category variable by the next coarser public list, or at every second of its edges."""
    found: list[Change] = []
    for name in categories(checked):
        kind, made = checked.variables[name], definition(checked, name)
        found += _rolled_up(checked, name, kind, made)
        if isinstance(made, nodes.Bins):
            for edges in _fewer(made.edges):
                found += _cut(checked, name, _json(made.operand), edges)
        elif kind.kind == "integer" and not _coded(schema, kind) and len(kind.levels or ()) > 2:
            values = [int(one) for one in kind.levels or ()]
            for groups in (4, 2):
                step = max(1, -(-len(values) // groups))
                found += _cut(checked, name, _column(name), values[::step][1:])
    return found


def merged(checked: CheckedPlan, name: str, counts: Mapping[str, int], least: int) -> list[Change]:
    """The categories that 1 to least - 1 persons have as one; with the next of the list where they
    are not enough together.

    Tells which categories are that small, as the marks of a table by the variable do, and nothing
    else: the one that they join is the next in public order, whatever it holds.
    """
    kind = checked.variables[name]
    tree = _analysis(checked)
    kept = tree.get("censored") if tree["k"] == "cumulative_incidence" else None
    levels = [one for one in kind.levels or () if one != kept]
    small = {one for one in levels if 0 < counts.get(one, 0) < least}
    if not small or kind.kind not in ("string", "integer"):
        return []
    others = [one for one in levels if one not in small and counts.get(one, 0)]
    place = max(levels.index(one) for one in small)
    following = sorted(others, key=lambda one: (levels.index(one) < place, levels.index(one)))
    joint = set(small)
    while sum(counts.get(one, 0) for one in joint) < least and following:
        joint.add(following.pop(0))
    codes = [one for one in levels if one in joint]
    left = [one for one in kind.levels or () if one not in joint]
    if len(codes) < 2 or not left:
        return []
    label = "+".join(codes) if len("+".join(codes)) <= 60 else "other"
    if label in RESERVED or label in left:
        return []
    old = _column(name)
    values: list[Any] = [int(one) for one in codes] if kind.kind == "integer" else codes
    own = {"k": "cast", "to": "string", "operand": old} if kind.kind == "integer" else old
    case = {"when": {"k": "is_in", "operand": old, "values": values},
            "then": {"k": "value", "value": label}}  # fmt: skip
    when = {"k": "when", "cases": [case], "otherwise": own}
    value = {"k": "as_code", "operand": when, "codes": [label, *left]}
    what = {"k": "merge", "variable": name, "codes": codes, "into": label}
    loss = 0.2 + 0.3 * (len(codes) - 1) / len(kind.levels or codes)
    return changed(checked, what, loss, _as(checked, name, value))


def cap(checked: CheckedPlan, name: str, high: float) -> list[Change]:
    """A number with its highest values as one."""
    value = {"k": "clip", "operand": _column(name), "high": high}
    what = {"k": "cap", "variable": name, "high": high}
    return changed(checked, what, 0.15, _as(checked, name, value), frozenset({DOMINANCE}))


def definition(checked: CheckedPlan, name: str) -> nodes.Expression | None:
    """What a derived variable is, where every variable that it reads still stands in the cohort."""
    frame = checked.plan.analysis.cohort
    while isinstance(frame, nodes.Derive | nodes.Filter | nodes.Sort):
        if isinstance(frame, nodes.Derive):
            found = next((one.value for one in frame.columns if one.name == name), None)
            if found is not None:
                return found
        frame = frame.frame
    return None


def _rolled_up(
    checked: CheckedPlan, name: str, kind: Type, made: nodes.Expression | None
) -> list[Change]:
    if isinstance(made, nodes.RollUp):
        further = _COARSER.get(made.to)
        steps = [(further, _json(made.operand))] if further else []
    elif kind.kind == "string" and kind.origin is not None:
        steps = [(to, _column(name)) for to in _OF_CODES if _fits(to, kind.levels or ())]
    else:
        steps = []
    return [
        one
        for to, operand in steps
        for one in changed(
            checked,
            {"k": "roll_up", "variable": name, "scheme": to},
            0.3,
            _as(checked, name, {"k": "roll_up", "to": to, "operand": operand}),
        )
    ]


def _fits(to: str, levels: tuple[str, ...]) -> bool:
    """Whether every code belongs to the list, and some of them to one category."""
    scheme = SCHEMES[to]
    table = scheme.table or {}
    beginnings = {one[: scheme.length] for one in levels}
    return beginnings <= set(table) and len({table[one] for one in beginnings}) < len(levels)


def _fewer(edges: Sequence[int | float]) -> list[list[int | float]]:
    found = [tuple(edges[1::2]), tuple(edges[::2]), tuple(edges[3::4])]
    return [list(one) for one in dict.fromkeys(found) if one and len(one) < len(edges)]


def _cut(
    checked: CheckedPlan, name: str, operand: Tree, edges: Sequence[int | float]
) -> list[Change]:
    if not edges:
        return []
    value = {"k": "bins", "operand": operand, "edges": list(edges)}
    what = {"k": "edges", "variable": name, "edges": list(edges)}
    groups, before = len(edges) + 1, len(checked.variables[name].levels or ())
    loss = 0.2 + 0.3 * (1 - groups / max(before, groups))
    return changed(checked, what, loss, _as(checked, name, value))


def _as(checked: CheckedPlan, name: str, value: Tree) -> Edit:
    """Derives the value on top of the cohort and names it where the analysis names the old one."""
    taken = json.dumps(_analysis(checked))
    new = next(
        one
        for at in range(1, 100)
        if f'"{(one := f"{name[:50]}_coarser{at if at > 1 else str()}")}"' not in taken
    )

    def edit(tree: Tree) -> None:
        cohort = tree.pop("cohort")
        _rename(tree, name, new)
        column = {"name": new, "value": value}
        tree["cohort"] = {"k": "derive", "frame": cohort, "columns": [column]}

    return edit


def _rename(part: Any, old: str, new: str) -> None:
    if isinstance(part, list):
        for one in part:
            _rename(one, old, new)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in _NAMES and value == old:
                part[key] = new
                if part.get("k") == "category":
                    part["reference"] = None
            elif key in _NAMES and isinstance(value, list):
                part[key] = [new if one == old else one for one in value]
            else:
                _rename(value, old, new)


def _analysis(checked: CheckedPlan) -> Tree:
    return checked.plan.analysis.model_dump(mode="json")


def _terms(tree: Tree, field: str) -> Iterator[Tree]:
    yield from (tree.get(field) or {}).get("terms", ())


def _listed(value: object) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]  # a field's names


def _json(node: nodes.Node) -> Tree:
    return node.model_dump(mode="json")


def _column(name: str) -> Tree:
    return {"k": "column", "name": name}


def _coded(schema: Schema, kind: Type) -> bool:
    """Whether whole numbers stand for categories of a code list, and have no order."""
    if kind.origin is None:
        return False
    dataset, _, variable = kind.origin.partition(".")
    return schema.datasets[dataset].columns[variable].codes is not None
