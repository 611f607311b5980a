"""The schema beside the twin: read if it is there, and no path leads elsewhere."""

from pathlib import Path

import pytest

from workbench.portal.catalogue import TwinCatalogue


@pytest.fixture
def views(tmp_path: Path) -> Path:
    twin = tmp_path / "views/nafld-mortality/v1/twin"
    twin.mkdir(parents=True)
    (twin / "view.json").write_text('{"project": "nafld-mortality", "datasets": {}}')
    return tmp_path / "views"


def test_the_schema_of_a_built_view_is_read(views: Path) -> None:
    found = TwinCatalogue(views).describe("nafld-mortality", "v1")
    assert found == {"project": "nafld-mortality", "datasets": {}}


@pytest.mark.parametrize(
    ("project", "version"),
    [("nafld-mortality", "v2"), ("other", "v1"), ("..", "v1"), ("nafld-mortality", "../v1"),
     ("nafld-mortality", "")],
)  # fmt: skip
def test_what_is_not_there_is_none(views: Path, project: str, version: str) -> None:
    assert TwinCatalogue(views).describe(project, version) is None


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000])
def test_a_damaged_schema_is_none(views: Path, text: str) -> None:
    (views / "nafld-mortality/v1/twin/view.json").write_text(text)
    assert TwinCatalogue(views).describe("nafld-mortality", "v1") is None
