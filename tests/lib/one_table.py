"""Any table of one row a person as a view, and what the gate is handed of an analysis of it."""

from typing import Any

import polars as pl

from disclosure.results import ResultEvidence
from tests.lib.engines import run
from tests.lib.plain_view import PlainView
from workbench.plan import Plan, Schema, check, nodes

TABLE = nodes.Dataset(name="person")
KINDS = {
    pl.String: "string",
    pl.Int64: "integer",
    pl.Float64: "float",
    pl.Date: "date",
    pl.Boolean: "boolean",
}


def table_view(frame: pl.DataFrame, buckets: int = 3, project: str = "alpha") -> PlainView:
    """A view of one dataset, "person"; a text column's code list are its values, sorted."""
    columns = {}
    for name, kind in frame.schema.items():
        codes = sorted(frame[name].drop_nulls().unique()) if kind == pl.String else None
        columns[name] = {
            "type": KINDS[type(kind) if not isinstance(kind, type) else kind],
            "label": {"en": name, "nb": name},
            "unit": "",
            "codes": codes and {code: {"en": code, "nb": code} for code in codes},
            "minimum": None,
            "maximum": None,
            "role": "attribute",
            "missing": True,
        }
    dataset = {
        "registry": "base",
        "version": "1.0.0",
        "temporality": "FIXED",
        "kind": "person",
        "label": {"en": "Persons", "nb": "Personer"},
        "columns": columns,
    }
    description = {
        "project": project,
        "version": "v1",
        "persons": frame.height,
        "datasets": {"person": dataset},
    }
    index = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias("person")
    return PlainView(
        {"person": frame.select(index, pl.all())},
        frame.height,
        buckets,
        project,
        description=description,
    )


def evidence_of(
    analysis: type[nodes.AnalysisNode], frame: pl.DataFrame, buckets: int = 3, **fields: Any
) -> Any:
    """The evidence of an analysis over everybody in a table."""
    view = table_view(frame, buckets)
    schema = Schema.from_view(view.describe())
    cohort = fields.pop("cohort", TABLE)
    checked = check(Plan(analysis=analysis(cohort=cohort, **fields)), schema)  # type: ignore[arg-type]  # any kind
    found = run(checked, view, schema).evidence
    if not isinstance(found, ResultEvidence):
        raise TypeError("a table, not a result")
    return found
