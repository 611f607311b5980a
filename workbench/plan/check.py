"""A plan against a schema: every name known and permitted, every type right, or a refusal."""

from dataclasses import dataclass
from math import prod

from workbench.plan import nodes
from workbench.plan.errors import Refusal
from workbench.plan.expressions import Scope, column, type_of
from workbench.plan.names import listed, nearest
from workbench.plan.nodes import Frame, Plan
from workbench.plan.schema import Labels, Schema
from workbench.plan.types import EVERYBODY, FrameType, Type, frame_of

__all__ = ["CELL_LIMIT", "CheckedDimension", "CheckedPlan", "check", "frame_type"]

CELL_LIMIT = 5000
"""Inner cells of a table, missing categories included."""


@dataclass(frozen=True)
class CheckedDimension:
    """An axis: its public categories in display order; `missing` when persons may lack a value."""

    name: str
    levels: tuple[str, ...]
    missing: bool
    label: Labels
    labels: dict[str, Labels]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the axis; "" (missing) last."""
        return (*self.levels, "") if self.missing else self.levels


@dataclass(frozen=True)
class CheckedPlan:
    """A plan that may run: its dimensions, its measure (of describe), its number of cells."""

    plan: Plan
    dimensions: tuple[CheckedDimension, ...]
    measure: Type | None
    cells: int


def check(plan: Plan, schema: Schema) -> CheckedPlan:
    """Check a plan; raises Refusal with the nearest known name, the rule, and a way out."""
    analysis = plan.analysis
    cohort = frame_type(analysis.cohort, schema)
    if cohort.kind != "person":
        raise Refusal(
            "wrong_frame",
            f"{cohort.dataset} has many rows a person; an analysis needs one row a person.",
            "Start from a person frame and derive variables, as in "
            f"person.with_columns(n = {cohort.dataset}.count()).",
        )
    if len(set(analysis.by)) != len(analysis.by):
        raise Refusal(
            "same_dimension_twice", "A dimension is named twice.", "Name each dimension once."
        )
    dimensions = tuple(_dimension(name, cohort, schema) for name in analysis.by)
    cells = prod(len(one.codes) for one in dimensions)
    if cells > CELL_LIMIT:
        raise Refusal(
            "too_many_cells",
            f"The table would have {cells} cells; the most is {CELL_LIMIT}.",
            "Use fewer dimensions, or coarser categories with .bins([...]) or wb.when(...).",
        )
    measure = None
    if isinstance(analysis, nodes.Describe):
        measure = column(analysis.variable, cohort, schema)
        if not measure.numeric:
            raise Refusal(
                "type_mismatch",
                f"{analysis.variable} is {_a(measure)}; only numbers can be described.",
                f'Count its categories with .count(by="{analysis.variable}").',
            )
    return CheckedPlan(plan, dimensions, measure, cells)


def frame_type(frame: Frame, schema: Schema) -> FrameType:
    """The type of a frame; raises Refusal as `check` does."""
    if isinstance(frame, nodes.Dataset):
        return _dataset(frame, schema)
    if isinstance(frame, nodes.Persons):
        return _persons(schema)
    below = frame_type(frame.frame, schema)
    scope = Scope(below, schema, frame_type)
    if isinstance(frame, nodes.Filter):
        where = type_of(frame.where, scope)
        if where.kind != "boolean":
            raise Refusal(
                "type_mismatch",
                f"A filter needs a condition; this one is {_a(where)}.",
                "Compare it with something, as in frame.filter(frame.age >= 18).",
            )
        return below
    if isinstance(frame, nodes.Sort):
        return _sort(frame, below, schema)
    return _derive(frame, below, scope)


def _dataset(frame: nodes.Dataset, schema: Schema) -> FrameType:
    found = schema.datasets.get(frame.name)
    if found is None:
        near = nearest(frame.name, schema.datasets)
        raise Refusal(
            "unknown_name" if near else "outside_permit",
            f"The permit opens no dataset {frame.name}.",
            f'Did you mean {near}? As in p["{near}"].'
            if near
            else f"It opens {listed(schema.datasets)}; ask for an amendment to use others.",
        )
    return frame_of(found)


def _persons(schema: Schema) -> FrameType:
    if not schema.whole:
        raise Refusal(
            "outside_permit",
            "The view holds a dataset that the permit no longer opens; its persons are in it too.",
            "Have the view built anew: workbench permit grant.",
        )
    return FrameType(EVERYBODY, "person", {})


def _sort(frame: nodes.Sort, below: FrameType, schema: Schema) -> FrameType:
    if below.kind != "event":
        raise Refusal(
            "wrong_frame",
            f"{below.dataset} has one row a person; there is nothing to sort.",
            "Leave the .sort(...) out.",
        )
    for name in frame.by:
        column(name, below, schema)
    return FrameType(below.dataset, below.kind, below.columns, sorted=True)


def _derive(frame: nodes.Derive, below: FrameType, scope: Scope) -> FrameType:
    if below.kind != "person":
        raise Refusal(
            "wrong_frame",
            f"{below.dataset} has many rows a person; variables are derived on person frames.",
            "Give the expression to .sum(...), .mean(...), .first(...) instead.",
        )
    columns = dict(below.columns)
    for one in frame.columns:
        if one.name in columns:
            raise Refusal(
                "name_taken",
                f"{below.dataset} has a variable {one.name} already.",
                f"Choose another name, {one.name}_2 say.",
            )
        columns[one.name] = type_of(one.value, scope)
    derived = below.derived | {one.name for one in frame.columns}
    return FrameType(below.dataset, below.kind, columns, derived=derived)


def _dimension(name: str, cohort: FrameType, schema: Schema) -> CheckedDimension:
    found = column(name, cohort, schema)
    if found.levels is None:
        raise Refusal(
            "not_a_dimension",
            f"{name} is {_a(found)} without a public list of categories.",
            _categories(name, found),
        )
    label: Labels = {"en": name, "nb": name}
    labels: dict[str, Labels] = {}
    if found.origin is not None:
        dataset, _, variable = found.origin.partition(".")
        source = schema.datasets[dataset].columns[variable]
        label = source.label if variable == name else label
        labels = {code: dict(text) for code, text in (source.codes or {}).items()}
    return CheckedDimension(name, found.levels, found.nullable, label, labels)


def _categories(name: str, found: Type) -> str:
    if found.numeric:
        return f"Cut it at public edges: {name}_group = frame.{name}.bins([40, 60])."
    if found.kind == "date":
        return f"Use its year in bins: frame.{name}.dt.year().bins([2000, 2010])."
    return (
        f'Name its categories: frame.{name}.as_code(["A", "B"]), or make a yes/no variable with '
        f'.is_in(["A"]) or .str.starts_with("A").'
    )


def _a(found: Type) -> str:
    words = {
        "string": "a text",
        "integer": "a whole number",
        "float": "a number",
        "date": "a date",
        "boolean": "a yes/no value",
    }
    return words[found.kind]
