"""Frames that need everybody at once are previewed on the twin as the engine would make them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.unit.sdk.conftest import SCHEMA
from workbench.sdk.frames import EventFrame, PersonFrame
from workbench.sdk.twin import preview

PERSONS = pl.DataFrame(
    {
        "_person": pl.Series([0, 1, 2, 3], dtype=pl.UInt32),
        "_link_mother": pl.Series([None, 0, 0, 3], dtype=pl.UInt32),
        "sex": ["F", "F", "M", "F"],
        "region": [1, 2, 3, 1],
        "age": [50, 20, 18, 51],
        "weight": [60.0, 70.0, 80.0, 90.0],
        "vital": [True, False, True, True],
        "birth": [date(1970, 1, 1), date(2000, 1, 1), date(2002, 1, 1), date(1969, 1, 1)],
        "place": ["a", "b", "c", "d"],
    }
)
VISITS = pl.DataFrame(
    {
        "_person": pl.Series([0, 0, 2], dtype=pl.UInt32),
        "day": [1, 2, 3],
        "date": [date(2020, 1, 1), date(2020, 1, 9), date(2020, 5, 1)],
        "kind": ["in", "in", "out"],
        "value": [1.0, 2.0, 3.0],
        "planned": [True, True, False],
        "code": ["I21", "I21", "C50"],
    }
)


@pytest.fixture
def twin(tmp_path: Path) -> Path:
    PERSONS.write_parquet(tmp_path / "person.parquet")
    VISITS.write_parquet(tmp_path / "visit.parquet")
    return tmp_path


def test_matched_controls(person: PersonFrame, twin: Path) -> None:
    cases = person.filter(~person.vital)
    cohort = cases.matched(person, exact=["sex"], calipers={"age": 40}, ratio=5)
    told = preview(cohort._node, SCHEMA, 10, twin).sort("age")

    assert told.select("age", "case", "sets").rows() == [
        (20, True, 1), (50, False, 1), (51, False, 1),
    ]  # fmt: skip


def test_children_with_what_is_known_of_their_mother(
    person: PersonFrame, visit: EventFrame, twin: Path
) -> None:
    hers = person.linked("mother", keep=["age"])
    children = hers.with_columns(visits=visit.count()).back()
    told = preview(children._node, SCHEMA, 10, twin).sort("age")

    assert told.columns == ["age", "visits"]
    assert told.rows() == [(18, 2), (20, 2), (51, 0)]


def test_the_rows_of_a_link(person: PersonFrame, twin: Path) -> None:
    told = preview(person.linked("mother", keep=["age"])._node, SCHEMA, 10, twin)

    assert told.columns == ["age"]
    assert sorted(told["age"]) == [18, 20, 51]


def test_periods(person: PersonFrame, visit: EventFrame, twin: Path) -> None:
    dated = person.with_columns(end=person.birth.dt.add_years(60))
    time = dated.follow_up("birth", "end").exposed(ill=visit.episodes(gap=30))
    told = preview(time.filter(time.ill)._node, SCHEMA, 10, twin)

    assert told.select("start", "days").rows() == [(date(2020, 1, 1), 8)]
