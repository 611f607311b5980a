"""The twin: the contract's shape, and nothing of any row."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pseudonym.synthetic import make_twin
from tests.lib.registry_world import contract

COLUMNS = ["day", "ward", "age", "value", "smoker", "note"]


def twin(seed: str = "seed", **changes: object) -> pl.DataFrame:
    return make_twin({"visit": contract(**changes)}, {"visit": COLUMNS}, seed)["visit"]


def test_the_same_seed_gives_the_same_twin() -> None:
    assert_frame_equal(twin(), twin())
    assert not twin().equals(twin("another"))


def test_columns_and_types_are_the_views() -> None:
    assert twin().schema == {
        "_person": pl.UInt32, "_sequence": pl.UInt32, "day": pl.Date, "ward": pl.String,
        "age": pl.Int64, "value": pl.Float64, "smoker": pl.Boolean, "note": pl.String,
    }  # fmt: skip


def test_values_keep_the_contracts_codes_ranges_and_missingness() -> None:
    frame = twin()

    assert set(frame["ward"].drop_nulls()) == {"med", "kir"}
    assert 0 <= frame["age"].min() <= frame["age"].max() <= 120
    assert frame["age"].null_count() == 0
    for name in ("day", "ward", "value", "smoker", "note"):
        assert 0.02 < frame[name].null_count() / len(frame) < 0.2


def test_events_are_several_a_person_and_persons_are_one_row_each() -> None:
    events, persons = twin(), twin(temporality="FIXED")

    assert persons["_person"].to_list() == list(range(1000))
    assert set(events["_person"]) < set(persons["_person"])
    assert events.group_by("_person").len()["len"].max() > 3
    assert events["_person"].is_sorted()


def test_a_column_outside_the_permit_is_not_there() -> None:
    frame = make_twin({"visit": contract()}, {"visit": ["age"]}, "seed")["visit"]

    assert frame.columns == ["_person", "_sequence", "age"]
    assert_frame_equal(frame, twin().select(frame.columns))


def test_rows_start_before_they_stop() -> None:
    raw = contract().to_json()
    raw["variable"].append(
        {"name": "until", "label": {"en": "Until"}, "dataType": "DATE", "role": "stop"}
    )
    both = type(contract()).from_json(raw)
    frame = make_twin({"visit": both}, {"visit": ["day", "until"]}, "seed")["visit"]

    assert (frame["day"] <= frame["until"]).drop_nulls().all()
    assert len(frame.drop_nulls()) > 1000


@pytest.mark.parametrize(("domain", "low", "high"), [
    ({"min": "2010-05-01", "max": "2010-05-03"}, date(2010, 5, 1), date(2010, 5, 3)),
    ({"min": "2030-01-01"}, date(2030, 1, 1), date(2030, 1, 1)),
    ({}, date(2000, 1, 1), date(2020, 12, 31)),
])  # fmt: skip
def test_dates_keep_their_range(domain: dict, low: date, high: date) -> None:
    raw = contract().to_json()
    raw["variable"][0]["valueDomain"] = domain
    dated = type(contract()).from_json(raw)
    days = make_twin({"visit": dated}, {"visit": ["day"]}, "seed")["visit"]["day"]

    assert low <= days.min() <= days.max() <= high
