"""The example notebook runs from top to bottom against a real engine over the NAFLD study."""

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest

import workbench.sdk as wb
from tests.lib.engine_world import World, attached
from tests.lib.nafld_view import nafld_view, write_twin

NOTEBOOK = (
    Path(__file__).resolve().parents[3] / "docs" / "tutorial" / "nafld" / "nafld-mortality.ipynb"
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The notebook's names after its last cell, and what it printed under "printed"."""
    folder = tmp_path_factory.mktemp("nafld")
    world = World(folder)
    world.add(nafld_view())
    twin = folder / "twin"
    twin.mkdir()
    write_twin(twin)
    names: dict[str, Any] = {}
    printed = io.StringIO()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    with world.served() as control, attached(control, folder, os.getuid()) as path:
        patched = pytest.MonkeyPatch()
        patched.setattr(wb, "open", lambda: _open(path, twin))
        with patched.context(), contextlib.redirect_stdout(printed):
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    exec(compile(cell.source, "<cell>", "exec"), names)
        patched.undo()
    return names | {"printed": printed.getvalue()}


def _open(path: Path, twin: Path) -> wb.Project:
    from workbench.sdk.project import open_project

    return open_project(path, twin)


def test_the_notebook_releases_a_table_with_margins(ran: dict[str, Any]) -> None:
    cells = ran["table"].to_polars()

    assert cells.filter(age_group="Σ", sex="Σ")["n"].to_list() == [17549]
    assert ran["table"].certificate["signature"]


def test_a_finer_table_has_real_suppression(ran: dict[str, Any]) -> None:
    marks = set(ran["fine"].marks.values())

    assert marks == {"primary", "complementary"}
    assert ran["fine"].findings


def test_the_notebook_shows_a_refused_plan_and_a_refused_difference(ran: dict[str, Any]) -> None:
    assert "not_a_dimension" in ran["printed"]
    assert "not_released" in ran["printed"]
    assert "differ by fewer than 10 persons" in ran["printed"]


def test_noise_is_paid_for_once(ran: dict[str, Any]) -> None:
    assert ran["again"].id == ran["noisy"].id
    assert "spent 1/20" in ran["printed"]
    assert ran["noisy"].accuracy > 0


def test_every_object_has_a_picture_without_script(ran: dict[str, Any]) -> None:
    for name in ("p", "persons", "lab", "dx", "table", "fine", "noisy"):
        page = ran[name]._repr_html_()
        assert "<table" in page
        assert "<script" not in page
        assert 'scope="col"' in page
