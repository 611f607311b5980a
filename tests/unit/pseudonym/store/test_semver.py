"""Versions: what a change of contract needs."""

import pytest

from pseudonym.store.semver import Level, bump, level_between, needed
from tests.lib.registry_world import contract


def changed(place: str, **fields: object) -> object:
    raw = contract().to_json()
    variable = next(item for item in raw["variable"] if item["name"] == place)
    variable.update(fields)
    return type(contract()).from_json(raw)


@pytest.mark.parametrize(("old", "new", "level"), [
    ("1.2.3", "2.0.0", Level.MAJOR),
    ("1.2.3", "1.3.0", Level.MINOR),
    ("1.2.3", "1.2.4", Level.PATCH),
    ("1.9.0", "1.10.0", Level.MINOR),
    ("1.2.3", "1.2.3", None),
    ("1.2.3", "1.1.9", None),
])  # fmt: skip
def test_how_far_a_version_lies_above_another(old: str, new: str, level: Level | None) -> None:
    assert level_between(old, new) == level


@pytest.mark.parametrize(("level", "version"), [
    (Level.MAJOR, "2.0.0"), (Level.MINOR, "1.3.0"), (Level.PATCH, "1.2.4"),
])  # fmt: skip
def test_the_next_version_of_a_level(level: Level, version: str) -> None:
    assert bump("1.2.3", level) == version


@pytest.mark.parametrize(("place", "fields", "level"), [
    ("age", {}, Level.PATCH),
    ("age", {"label": {"en": "Age in years"}}, Level.PATCH),
    ("age", {"valueDomain": {"min": 0, "max": 130}}, Level.MINOR),
    ("age", {"unit": "months"}, Level.MAJOR),
    ("age", {"dataType": "DOUBLE"}, Level.MAJOR),
    ("age", {"name": "years"}, Level.MAJOR),
    ("ward", {"valueDomain": {"codes": [{"code": "med", "label": {"en": "M"}}]}}, Level.MAJOR),
    ("ward", {"valueDomain": {"codes": [
        {"code": code, "label": {"en": code}} for code in ("med", "kir", "psy")
    ]}}, Level.MINOR),
    ("ward", {"valueDomain": {}}, Level.MAJOR),
    ("value", {"missing": {"codes": ["999"]}}, Level.MAJOR),
])  # fmt: skip
def test_what_a_change_needs(place: str, fields: dict, level: Level) -> None:
    assert needed(contract(), changed(place, **fields)) is level


def test_a_new_variable_is_an_addition_and_its_removal_is_not() -> None:
    raw = contract().to_json()
    raw["variable"].append({"name": "bmi", "label": {"en": "BMI"}, "dataType": "DOUBLE"})
    wider = type(contract()).from_json(raw)

    assert needed(contract(), wider) is Level.MINOR
    assert needed(wider, contract()) is Level.MAJOR


def test_other_identifiers_are_another_dataset() -> None:
    other = contract(identifier=[{"name": "patient", "column": "fnr", "idType": "LOCAL"}])

    assert needed(contract(), other) is Level.MAJOR
