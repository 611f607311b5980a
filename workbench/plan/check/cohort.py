"""What an analysis may ask of its cohort: axes, numbers, conditions, dates, each checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

from workbench.plan.check.expressions import column
from workbench.plan.errors import Refusal
from workbench.plan.nodes import Expression, Plan
from workbench.plan.schema import ColumnSchema, ColumnType, Labels, Schema
from workbench.plan.types import FrameType, Type

__all__ = ["CELL_LIMIT", "Asked", "CheckedDimension", "CheckedPlan", "Cohort"]

CELL_LIMIT = 5000
"""Inner cells of a table, missing categories included."""


@dataclass(frozen=True)
class CheckedDimension:
    """An axis: its public categories in display order; `missing` when persons may lack a value.

    value: what tells the category; the variable of the axis's own name where it is None. edges: of
    an axis of intervals, ascending; value is then a number. merge: see disclosure.tables.
    characters: how many of a code's first characters tell the category; all where it is None.
    kind: the type of the value, which tells the quickest way to its place among the levels.
    """

    name: str
    levels: tuple[str, ...]
    missing: bool
    label: Labels
    labels: dict[str, Labels]
    value: Expression | None = None
    edges: tuple[float, ...] = ()
    merge: Literal["", "tails", "all"] = ""
    characters: int | None = None
    kind: ColumnType = "string"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the axis; "" (missing) last."""
        return (*self.levels, "") if self.missing else self.levels


@dataclass(frozen=True)
class Asked:
    """What the check of one kind of analysis found.

    dimensions: the axes by which persons are told apart: their inner cells are what the ledger
    remembers of a release. model: what the kind's own computation needs besides, already checked.
    """

    dimensions: tuple[CheckedDimension, ...] = ()
    model: Any = None


@dataclass(frozen=True)
class CheckedPlan:
    """A plan that may run.

    dimensions, model: see Asked. cells: inner cells over the dimensions. variables: the type of
    each variable that the analysis reads; described: label and unit of those out of a contract.
    """

    plan: Plan
    dimensions: tuple[CheckedDimension, ...]
    cells: int
    variables: Mapping[str, Type] = field(default_factory=dict)
    described: Mapping[str, tuple[Labels, str]] = field(default_factory=dict)
    model: Any = None

    def label(self, name: str) -> Labels:
        """What the contract calls a variable that is read; its name where it is derived."""
        return self.described.get(name, ({}, ""))[0] or {"en": name, "nb": name}

    def unit(self, name: str) -> str:
        """The contract's unit of a variable that is read, "" where there is none."""
        return self.described.get(name, ({}, ""))[1]


@dataclass(frozen=True)
class Cohort:
    """A frame of one row a person, under the schema of a permit."""

    frame: FrameType
    schema: Schema

    def column(self, name: str) -> Type:
        """The type of a variable; Refusal when the cohort has none of the name."""
        return column(name, self.frame, self.schema)

    def number(self, name: str) -> Type:
        """The type of a variable that is calculated with."""
        found = self.column(name)
        if not found.numeric:
            raise Refusal(
                "type_mismatch",
                f"{name} is {found.words}; only numbers can be described.",
                f'Count its categories with .count(by="{name}").',
            )
        return found

    def of_kind(self, name: str, *kinds: ColumnType, remedy: str) -> Type:
        """The type of a variable that must be of one of the kinds; remedy: what to do otherwise."""
        found = self.column(name)
        if found.kind not in kinds:
            wanted = " or ".join(Type(kind).words for kind in kinds)
            raise Refusal("type_mismatch", f"{name} is {found.words}, not {wanted}.", remedy)
        return found

    def described(self, names: Iterable[str]) -> dict[str, tuple[Labels, str]]:
        """Label and unit of each variable that is a contract's own."""
        found = {}
        for name in names:
            source = self.source(self.column(name))
            if source is not None and source.name == name:
                found[name] = (source.label, source.unit)
        return found

    def source(self, found: Type) -> ColumnSchema | None:
        """The variable of a contract that a value is, if it is one."""
        if found.origin is None:
            return None
        dataset, _, variable = found.origin.partition(".")
        return self.schema.datasets[dataset].columns[variable]

    def dimensions(self, names: tuple[str, ...]) -> tuple[CheckedDimension, ...]:
        """The axes of a table; Refusal when one is named twice or there are too many cells."""
        return self.table(*(self.dimension(name) for name in names))

    def table(self, *found: CheckedDimension) -> tuple[CheckedDimension, ...]:
        """The same axes; Refusal when one is named twice or they make too many cells."""
        if len({one.name for one in found}) != len(found):
            raise Refusal(
                "same_dimension_twice", "A dimension is named twice.", "Name each dimension once."
            )
        cells = prod(len(one.codes) for one in found)
        if cells > CELL_LIMIT:
            raise Refusal(
                "too_many_cells",
                f"The table would have {cells} cells; the most is {CELL_LIMIT}.",
                "Use fewer dimensions, or coarser categories with .bins([...]) or wb.when(...).",
            )
        return found

    def dimension(self, name: str) -> CheckedDimension:
        """One axis; Refusal("not_a_dimension") without a public list of categories."""
        found = self.column(name)
        if found.levels is None:
            raise Refusal(
                "not_a_dimension",
                f"{name} is {found.words} without a public list of categories.",
                _categories(name, found),
            )
        label: Labels = {"en": name, "nb": name}
        labels: dict[str, Labels] = {code: dict(text) for code, text in found.labels.items()}
        source = self.source(found)
        if source is not None:
            label = source.label if source.name == name else label
            labels = {code: dict(text) for code, text in (source.codes or {}).items()}
        return CheckedDimension(name, found.levels, found.nullable, label, labels, kind=found.kind)


def _categories(name: str, found: Type) -> str:
    if found.numeric:
        return f"Cut it at public edges: {name}_group = frame.{name}.bins([40, 60])."
    if found.kind == "date":
        return f"Use its year in bins: frame.{name}.dt.year().bins([2000, 2010])."
    return (
        f'Name its categories: frame.{name}.as_code(["A", "B"]), or make a yes/no variable with '
        f'.is_in(["A"]) or .str.starts_with("A").'
    )
