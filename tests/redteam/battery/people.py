"""The registry that the battery attacks: 2,000 persons, their visits and mothers."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from tests.lib.every_analysis import COLUMNS, person_drawn, with_columns
from tests.lib.plain_view import PlainView, described, frame

__all__ = ["PERSONS", "TOWNS", "battery_view", "people", "person_like", "visits"]

PERSONS = 2000
TOWNS = 40
Changes = Mapping[int, Mapping[str, Any]]
_OWN: dict[str, dict[str, Any]] = {
    "town": {
        "type": "string",
        "label": {"en": "Town", "nb": "By"},
        "codes": {f"t{at:02}": {"en": f"Town {at}"} for at in range(TOWNS)},
    },
    "school": {
        "type": "string",
        "label": {"en": "Schooling", "nb": "Skole"},
        "codes": {"low": {"en": "Low"}, "middle": {"en": "Middle"}, "high": {"en": "High"}},
    },
    "smoker": {"type": "boolean", "label": {"en": "Smoker", "nb": "Røyker"}},
}
_LINES: dict[str, dict[str, Any]] = {
    "t18": {"dead": False, "cause": "none"},
    "t19": {"smoker": False},
    "t20": {"vital": True},
    "t21": {"school": "middle"},
    "t22": {"sex": "F"},
    "t23": {"smoker": True},
}
"""Towns of ten to thirty persons, all of them in one category."""
_TYPES = {"town": pl.String, "school": pl.String, "smoker": pl.Boolean}


def battery_view(
    project: str,
    version: str = "v1",
    *,
    changes: Changes | None = None,
    without: Collection[int] = (),
) -> PlainView:
    """The registry as a project sees it.

    changes: other values of some persons, by index; without: persons who are not there.
    """
    everybody = people()
    if changes:
        everybody = _changed(everybody, changes)
    kept = np.array(sorted(set(range(PERSONS)) - set(without)))
    place = pl.DataFrame(
        {"person": kept.astype(np.uint32), "now": np.arange(kept.size, dtype=np.uint32)}
    )
    frames = {}
    for name, whole in (("person", everybody), ("visit", visits())):
        held = whole.join(place, on="person").drop("person").rename({"now": "person"})
        if "mother" in held.columns:
            named = place.rename({"person": "mother", "now": "her"})
            held = (
                held.join(named, on="mother", how="left").drop("mother").rename({"her": "mother"})
            )
        frames[name] = held.sort("person", maintain_order=True)
    keys = (kept.astype(np.uint64) + np.uint64(1)) * np.uint64(7919)
    told = _description(kept.size, project, version)
    return PlainView(frames, kept.size, 2, project, version, keys=keys, description=told)


def person_like(where: pl.Expr, at: int = 0) -> dict[str, Any]:
    """One person of those for whom a condition holds: the `at`-th."""
    return people().filter(where).row(at, named=True)


def _changed(everybody: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    rows = everybody.to_dicts()
    for at, values in changes.items():
        rows[at] |= values
    return pl.DataFrame(rows, schema=everybody.schema)


def _description(persons: int, project: str, version: str) -> dict[str, Any]:
    return with_columns(described(persons, project, version), COLUMNS | _OWN)


@cache
def people() -> pl.DataFrame:
    """A row a person: `person` (index), the variables, `mother` (index of another person)."""
    chance = np.random.default_rng(20261125)
    small = set(chance.choice(PERSONS, 4, replace=False).tolist())
    weights = 1 / np.arange(1, TOWNS + 1)
    rows = []
    for at in range(PERSONS):
        row = person_drawn(chance, at, small=at in small)
        row |= {
            "town": f"t{int(chance.choice(TOWNS, p=weights / weights.sum())):02}",
            "school": ("low", "middle", "high")[int(chance.choice(3, p=[0.3, 0.45, 0.25]))],
            "smoker": bool(chance.random() < 0.25),
        }
        rows.append(row)
    for row in rows:
        row.update(_LINES.get(row["town"], {}))
    old = np.array([row["person"] for row in rows if row["sex"] == "F" and row["age"] >= 55])
    for row in rows:
        young = row["age"] < 45 and chance.random() < 0.8
        row["mother"] = int(chance.choice(old)) if young else None
    types = {"person": pl.UInt32, "mother": pl.UInt32} | _TYPES
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


@cache
def visits() -> pl.DataFrame:
    """A row a visit: `person`, day, date, kind, value, planned, code."""
    chance = np.random.default_rng(7)
    rows = []
    for at in range(PERSONS):
        for _ in range(int(chance.poisson(2))):
            day = int(chance.integers(0, 2000))
            rows.append(
                {
                    "person": at,
                    "day": day,
                    "date": date(2012, 1, 1) + timedelta(days=day),
                    "kind": ("in", "out", "day")[int(chance.integers(3))],
                    "value": float(chance.integers(4, 400)) / 4,
                    "planned": bool(chance.random() < 0.5),
                    "code": ("I21", "I50", "J44", "E11", "C50")[int(chance.integers(5))],
                }
            )
    return frame("visit", rows)
