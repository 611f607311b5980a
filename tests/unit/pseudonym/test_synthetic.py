"""The twin: the contract's shape, and nothing of any row."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pseudonym.contract.model import Contract
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


def changed(**variables: dict) -> Contract:
    """The contract with more said of some variables, and of the dataset as `dataset`."""
    raw = contract().to_json()
    raw["dataset"] |= variables.pop("dataset", {})
    for item in raw["variable"]:
        item.update(variables.get(item["name"], {}))
    return Contract.from_json(raw)


def test_rows_keep_the_contracts_rules() -> None:
    ruled = changed(age={"rules": ["age <= 90", "value >= 5"]})
    frame = make_twin({"visit": ruled}, {"visit": COLUMNS}, "seed")["visit"]

    assert len(frame) > 1000
    assert frame["age"].max() <= 90
    assert frame["value"].min() >= 5


def test_a_rule_that_chance_seldom_keeps_leaves_the_rows() -> None:
    ruled = changed(age={"rules": ["age == 3"]})
    assert len(make_twin({"visit": ruled}, {"visit": COLUMNS}, "seed")["visit"]) > 1000


def test_the_primary_key_is_a_key() -> None:
    keyed = changed(dataset={"primaryKey": ["patient", "ward"]})
    frame = make_twin({"visit": keyed}, {"visit": COLUMNS}, "seed")["visit"]

    assert not frame.select("_person", "ward").is_duplicated().any()
    first = frame.group_by("_person").agg(pl.col("_sequence").sort())
    assert all(part.to_list() == list(range(len(part))) for part in first["_sequence"])


def test_codes_are_valid_on_the_rows_day() -> None:
    codes = [
        {"code": "old", "label": {"en": "Old"}, "validUntil": "2009-12-31"},
        {"code": "new", "label": {"en": "New"}, "validFrom": "2010-01-01"},
    ]
    dated = changed(ward={"valueDomain": {"codes": codes, "validAt": "day"}})
    frame = make_twin({"visit": dated}, {"visit": COLUMNS}, "seed")["visit"].drop_nulls()
    old = frame["day"] <= date(2009, 12, 31)

    assert set(frame.filter(old)["ward"]) == {"old"}
    assert set(frame.filter(~old)["ward"]) == {"new"}


def test_a_few_persons_are_missing_from_each_dataset_of_several() -> None:
    fixed = {name: contract(name, temporality="FIXED") for name in ("a", "b")}
    frames = make_twin(fixed, {"a": COLUMNS, "b": COLUMNS}, "seed")
    a, b = (set(frames[name]["_person"]) for name in ("a", "b"))

    assert 950 < len(a) < 1000 > len(b) > 950
    assert a - b
    assert b - a
    assert not frames["a"]["_person"].is_duplicated().any()


def test_text_is_as_untidy_as_people_write() -> None:
    notes = set(twin()["note"].drop_nulls())
    for sign in (",", ";", '"', "\n", "å", "  "):
        assert any(sign in note for note in notes)
