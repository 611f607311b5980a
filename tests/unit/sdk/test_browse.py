"""What the data browser is told: the permit's variables, and rows of the twin alone."""

import json
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from kernels.protocol import Welcome
from tests.lib.plain_view import described as view
from workbench.plan import Schema
from workbench.sdk import browse
from workbench.sdk.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose twin has two rows a dataset; person.place is closed."""
    described = view(10) | {"closed": ["person.place"]}
    for name, one in Schema.from_view(described).datasets.items():
        frame = {"_person": [0, 1], "_sequence": [0, 1]}
        twin = pl.DataFrame(
            frame | {column: _values(kind.type) for column, kind in one.columns.items()}
        )
        twin.write_parquet(tmp_path / f"{name}.parquet")
    welcome = Welcome(project="diabetes", permit={}, view=described)
    return Project(SimpleNamespace(welcome=welcome), tmp_path)  # type: ignore[arg-type] # asks nothing


def _values(kind: str) -> list:
    return {
        "string": ["<b>invented</b>", None],
        "integer": [1, 2],
        "float": [0.5, None],
        "boolean": [True, False],
        "date": pl.Series([0, 1]).cast(pl.Date).to_list(),
    }[kind]


def test_every_open_variable_has_its_label_type_unit_and_codes(project):
    told = {one["name"]: one for one in browse.described(project)["datasets"]}
    names = [one["name"] for one in told["person"]["variables"]]

    assert set(told) == set(project.datasets)
    assert names
    assert "place" not in names
    assert set(told["person"]["variables"][0]) == {"name", "label", "type", "unit", "codes", "more"}
    assert told["person"]["kind"] == "person"


def test_rows_are_the_twins_as_text(project):
    for one in browse.described(project)["datasets"]:
        assert len(one["rows"]) == 2
        assert all(len(row) == len(one["variables"]) for row in one["rows"])
        assert all(value is None or isinstance(value, str) for row in one["rows"] for value in row)


def test_without_a_twin_there_are_no_rows(project, tmp_path):
    for twin in tmp_path.glob("*.parquet"):
        twin.unlink()

    assert [one["rows"] for one in browse.described(project)["datasets"]] == [[], []]


def test_long_lists_and_texts_are_cut(project, monkeypatch):
    monkeypatch.setattr(browse, "CODES", 1)
    monkeypatch.setattr(browse, "TEXT", 3)
    told = browse.described(project)
    coded = [one for each in told["datasets"] for one in each["variables"] if one["codes"]]

    assert coded
    assert all(len(one["codes"]) == 1 for one in coded)
    assert any(one["more"] > 0 for one in coded)
    assert "<b>invented" not in json.dumps(told)


def test_it_is_displayed_as_json_and_as_nothing_else(project, monkeypatch):
    shown = []
    monkeypatch.setattr(browse, "open_project", lambda: project)
    monkeypatch.setattr(browse, "display", lambda data, raw: shown.append((set(data), raw)))
    browse.show()

    assert shown == [({"application/json"}, True)]
