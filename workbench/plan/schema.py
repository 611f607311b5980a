"""The schema that plans are checked against, made from a view's own description (JSON)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from workbench.plan.errors import Refusal

__all__ = ["ColumnSchema", "ColumnType", "DatasetSchema", "Labels", "Schema"]

ColumnType = Literal["string", "integer", "float", "date", "boolean"]
Labels = Mapping[str, str]
"""Texts by language: {"en": …, "nb": …}."""


@dataclass(frozen=True)
class ColumnSchema:
    """A variable: codes maps each code of its code list to labels; None when it has none.

    missing: whether its contract lets a value be missing.
    """

    name: str
    type: ColumnType
    label: Labels
    unit: str
    codes: Mapping[str, Labels] | None
    minimum: float | None
    maximum: float | None
    missing: bool = True


@dataclass(frozen=True)
class DatasetSchema:
    """A dataset of the view; kind "person" has one row a person."""

    name: str
    kind: Literal["person", "event"]
    label: Labels
    columns: Mapping[str, ColumnSchema]
    links: Mapping[str, Labels] = field(default_factory=dict)
    """Other persons whom its rows name (mother of a child): what each is called."""


@dataclass(frozen=True)
class Schema:
    """What a project may name. `closed` holds "dataset.variable" that the permit does not open.

    whole: whether the permit opens every dataset of the view, and so who is in it.
    """

    project: str
    version: str
    persons: int
    datasets: Mapping[str, DatasetSchema]
    closed: frozenset[str] = frozenset()
    whole: bool = True

    @classmethod
    def from_view(
        cls,
        view: Mapping[str, Any],
        permitted: Mapping[str, Collection[str]] | None = None,
        known: Callable[[str], Collection[str]] = lambda _dataset: (),
    ) -> "Schema":
        """From `View.describe()`.

        permitted: the permit as it stands, dataset -> variables; what the view holds beyond it is
        closed, and a dataset that it does not name is not there at all. known: all variables that a
        dataset has, so that one outside the permit is told apart from a misspelt one. Raises
        Refusal("malformed_view") when the description is not of the agreed form. A "closed" list in
        the description itself says the same to a notebook.
        """
        try:
            every = {name: _dataset(name, one) for name, one in view["datasets"].items()}
            project, version = str(view["project"]), str(view["version"])
            persons = int(view["persons"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refusal(
                "malformed_view",
                "The description of the project's view cannot be read.",
                "Have the view built anew: workbench permit grant.",
            ) from None
        closed = {str(name) for name in view.get("closed", ())}
        for dataset in every.values():
            held = {*dataset.columns, *dataset.links}
            opened = held if permitted is None else held & set(permitted.get(dataset.name, ()))
            closed |= {f"{dataset.name}.{name}" for name in {*held, *known(dataset.name)} - opened}
        datasets = {
            name: one for name, one in every.items() if permitted is None or name in permitted
        }
        whole = len(datasets) == len(every)
        return cls(project, version, persons, MappingProxyType(datasets), frozenset(closed), whole)


def _dataset(name: str, raw: Mapping[str, Any]) -> DatasetSchema:
    if raw["kind"] not in ("person", "event"):
        raise ValueError("kind")
    columns = {column: _column(column, one) for column, one in raw["columns"].items()}
    links = {link: dict(one["label"]) for link, one in raw.get("links", {}).items()}
    return DatasetSchema(
        name, raw["kind"], dict(raw["label"]), MappingProxyType(columns), MappingProxyType(links)
    )


def _column(name: str, raw: Mapping[str, Any]) -> ColumnSchema:
    if raw["type"] not in get_args(ColumnType):
        raise ValueError("type")
    codes = raw.get("codes")
    return ColumnSchema(
        name=name,
        type=cast(ColumnType, raw["type"]),
        label=dict(raw["label"]),
        unit=str(raw.get("unit") or ""),
        codes=None if not codes else {str(code): dict(labels) for code, labels in codes.items()},
        minimum=_number(raw.get("minimum")),
        maximum=_number(raw.get("maximum")),
        missing=raw.get("missing") is not False,
    )


def _number(raw: object) -> float | None:
    return float(raw) if isinstance(raw, (int, float)) else None
