"""What JupyterLab's data browser shows: the permit's variables, and invented rows of the twin."""

from typing import Any

from IPython.display import display

from workbench.plan.schema import ColumnSchema
from workbench.sdk.project import Project, open_project
from workbench.sdk.refused import Refused

__all__ = ["described", "show"]

ROWS = 5
CODES = 200
TEXT = 80  # characters of a value


def show() -> None:
    """Display what `described` tells, as JSON; a silent cell of JupyterLab calls this."""
    display({"application/json": described(open_project())}, raw=True)  # type: ignore[no-untyped-call] # IPython's is untyped


def described(project: Project) -> dict[str, Any]:
    """The project's datasets as JSON.

    {"project", "datasets": [{"name", "label", "kind", "variables": [{"name", "label", "type",
    "unit", "codes": [[code, label]], "more"}], "rows": [[text or None]]}]}: labels by language,
    `more` codes that are left out, rows of the synthetic twin only, a value as text.
    """
    return {
        "project": project.name,
        "datasets": [_dataset(project, name) for name in project.datasets],
    }


def _dataset(project: Project, name: str) -> dict[str, Any]:
    held = project._schema.datasets[name]
    opened = [
        one for one in held.columns.values() if f"{name}.{one.name}" not in project._schema.closed
    ]
    return {
        "name": name,
        "label": dict(held.label),
        "kind": held.kind,
        "variables": [_variable(one) for one in opened],
        "rows": _rows(project, name, opened),
    }


def _rows(project: Project, dataset: str, opened: list[ColumnSchema]) -> list[list[str | None]]:
    try:
        twin = project.preview(project[dataset], ROWS)
    except Refused:
        return []  # there is no twin, or none of this dataset
    names = [one.name for one in opened]
    return [[_text(row.get(name)) for name in names] for row in twin.iter_rows(named=True)]


def _variable(held: ColumnSchema) -> dict[str, Any]:
    codes = [[code, dict(labels)] for code, labels in (held.codes or {}).items()]
    return {
        "name": held.name,
        "label": dict(held.label),
        "type": held.type,
        "unit": held.unit,
        "codes": codes[:CODES],
        "more": max(0, len(codes) - CODES),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:TEXT]
