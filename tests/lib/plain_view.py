"""A project view over plain frames in memory: the interface of pseudonym.view.View, no keys."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

SCHEMA: dict[str, Any] = {
    "person": {
        "registry": "base",
        "version": "1.0.0",
        "temporality": "FIXED",
        "kind": "person",
        "label": {"en": "Persons", "nb": "Personer"},
        "links": {"mother": {"label": {"en": "Mother", "nb": "Mor"}}},
        "columns": {
            "sex": {
                "type": "string",
                "label": {"en": "Sex", "nb": "Kjønn"},
                "codes": {
                    "F": {"en": "Female", "nb": "Kvinne"},
                    "M": {"en": "Male", "nb": "Mann"},
                },
            },
            "region": {
                "type": "integer",
                "label": {"en": "Region", "nb": "Region"},
                "codes": {"1": {"en": "North"}, "2": {"en": "South"}, "3": {"en": "West"}},
            },
            "age": {
                "type": "integer",
                "label": {"en": "Age", "nb": "Alder"},
                "unit": "year",
                "minimum": 0,
                "maximum": 120,
            },
            "weight": {"type": "float", "label": {"en": "Weight", "nb": "Vekt"}, "unit": "kg"},
            "vital": {"type": "boolean", "label": {"en": "Alive", "nb": "Lever"}},
            "birth": {"type": "date", "label": {"en": "Born", "nb": "Født"}},
            "place": {"type": "string", "label": {"en": "Place", "nb": "Sted"}},
        },
    },
    "visit": {
        "registry": "clinic",
        "version": "1.0.0",
        "temporality": "EVENT",
        "kind": "event",
        "label": {"en": "Visits", "nb": "Besøk"},
        "columns": {
            "day": {"type": "integer", "label": {"en": "Day", "nb": "Dag"}},
            "date": {"type": "date", "label": {"en": "Date", "nb": "Dato"}},
            "kind": {
                "type": "string",
                "label": {"en": "Kind", "nb": "Type"},
                "codes": {"in": {"en": "In"}, "out": {"en": "Out"}, "day": {"en": "Day"}},
            },
            "value": {"type": "float", "label": {"en": "Value", "nb": "Verdi"}},
            "planned": {"type": "boolean", "label": {"en": "Planned", "nb": "Planlagt"}},
            "code": {"type": "string", "label": {"en": "Diagnosis", "nb": "Diagnose"}},
        },
    },
}

TYPES = {
    "string": pl.String,
    "integer": pl.Int64,
    "float": pl.Float64,
    "date": pl.Date,
    "boolean": pl.Boolean,
}


def described(persons: int, project: str = "alpha", version: str = "v1") -> dict[str, Any]:
    """The description of a view of the test schema, whole (every optional field there)."""
    datasets = {}
    for name, dataset in SCHEMA.items():
        columns = {
            column: {
                "unit": "",
                "codes": None,
                "minimum": None,
                "maximum": None,
                "role": "attribute",
                "missing": True,
            }
            | one
            for column, one in dataset["columns"].items()
        }
        datasets[name] = dataset | {"columns": columns}
    return {"project": project, "version": version, "persons": persons, "datasets": datasets}


def frame(dataset: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows ({"person": global index, variable: value}; left-out variables are null) as a frame.

    A link ("mother") is a global index too.
    """
    columns = SCHEMA[dataset]["columns"]
    schema = {"person": pl.UInt32} | {name: TYPES[one["type"]] for name, one in columns.items()}
    schema |= dict.fromkeys(SCHEMA[dataset].get("links", ()), pl.UInt32)
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


@dataclass
class PlainView:
    """Frames keyed by a global person index, dealt into buckets; pseudonyms may be given."""

    frames: dict[str, pl.DataFrame]
    count: int
    buckets: int = 1
    project: str = "alpha"
    version: str = "v1"
    keys: np.ndarray[Any, np.dtype[np.uint64]] | None = None
    description: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.keys is None:
            self.keys = np.arange(1, self.count + 1, dtype=np.uint64) * np.uint64(7919)
        place = np.arange(self.count)
        self._members = [place[place % self.buckets == one] for one in range(self.buckets)]
        for one, members in enumerate(self._members):
            self._members[one] = members[np.argsort(self.keys[members])]

    @property
    def persons(self) -> tuple[int, ...]:
        return tuple(int(one.size) for one in self._members)

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        members = pl.DataFrame(
            {"person": self._members[bucket]}, schema={"person": pl.UInt32}
        ).with_row_index("_person")
        held = self.frames[dataset]
        for link in SCHEMA[dataset].get("links", ()) if dataset in SCHEMA else ():
            if link in held.columns:
                order = np.concatenate(self._members)
                places = dict(zip(order.tolist(), range(self.count), strict=True))
                named = held[link].replace_strict(places, default=None, return_dtype=pl.UInt32)
                held = held.drop(link).with_columns(named.alias(f"_link_{link}"))
        return held.lazy().join(members.lazy(), on="person").drop("person")

    def rows(self, dataset: str, bucket: int) -> int:
        return self.frames[dataset]["person"].is_in(self._members[bucket]).sum()

    def opening(self, dataset: str, bucket: int, columns: Iterable[str]) -> dict[str, Any]:
        raise NotImplementedError("plain frames lie in no file")

    def pseudonyms(self, bucket: int) -> pl.Series:
        assert self.keys is not None
        return pl.Series(self.keys[self._members[bucket]])

    def describe(self) -> dict[str, Any]:
        return self.description or described(self.count, self.project, self.version)

    def sealed_keys(self, permitted: Mapping[str, Collection[str]]) -> dict[str, Any]:
        return {
            "v": 1,
            "project": self.project,
            "datasets": {name: list(names) for name, names in permitted.items()},
        }
