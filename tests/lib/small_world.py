"""A registry of two thousand persons, small enough for tests, large enough for the gate."""

import time
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from tests.lib.drawn import PERSON_FRAME, col, compare
from tests.lib.plain_view import PlainView, frame
from workbench.plan import nodes

PERSONS = 2000


def small_view(project: str = "alpha", version: str = "v1", *, persons: int = PERSONS) -> PlainView:
    """The same persons every time; `place` is unique, so that one can be singled out."""
    return PlainView(_frames(persons), persons, 3, project, version)


@cache
def _frames(persons: int) -> dict[str, pl.DataFrame]:
    chance = np.random.default_rng(11)
    people = [
        {
            "person": at,
            "sex": ("F", "M")[int(chance.integers(2))],
            "region": int(chance.choice([1, 2, 3], p=[0.6, 0.395, 0.005])),
            "age": int(chance.integers(18, 95)),
            "weight": float(chance.integers(160, 480)) / 4,
            "vital": bool(chance.random() < 0.8),
            "place": f"p{at}",
        }
        for at in range(PERSONS)
    ][:persons]
    visits = [
        {
            "person": int(chance.integers(persons)),
            "day": int(chance.integers(1000)),
            "kind": ("in", "out", "day")[int(chance.integers(3))],
            "value": float(chance.integers(0, 400)) / 4,
        }
        for _ in range(3000)
    ]
    return {"person": frame("person", people), "visit": frame("visit", visits)}


class SlowView(PlainView):
    """A view whose rows take their time to come."""

    seconds = 3.0

    def scan(self, dataset: str, bucket: int) -> pl.LazyFrame:
        def wait(rows: pl.DataFrame) -> pl.DataFrame:
            time.sleep(self.seconds)
            return rows

        return super().scan(dataset, bucket).map_batches(wait)


def slow_view(project: str = "alpha") -> SlowView:
    """The small view, slow."""
    quick = small_view(project)
    return SlowView(quick.frames, quick.count, quick.buckets, project)


def crosstab(*by: str, cohort: Any = PERSON_FRAME, margins: bool = True) -> nodes.Crosstab:
    """Persons by dimensions."""
    return nodes.Crosstab(cohort=cohort, by=by, margins=margins)


def younger_than(age: int) -> nodes.Filter:
    """The cohort below an age."""
    return nodes.Filter(frame=PERSON_FRAME, where=compare(col("age"), "<", age))


def without(few: int, cohort: nodes.Filter | None = None) -> nodes.Filter:
    """A cohort (those below 60) but for its first few persons, named one by one."""
    cohort = cohort or younger_than(60)
    people = small_view().frames["person"].filter(pl.col("age") < 60)["place"].head(few)
    named = nodes.IsIn(operand=col("place"), values=tuple(people))
    return nodes.Filter(frame=cohort, where=nodes.Not(operand=named))
