"""What a kernel can import: the sealed list, shown in the notebook, and nothing of the platform."""

import hashlib
import json
from pathlib import Path

import pytest

from kernels.host.seal import use
from tests.lib.gate_house import GateHouse, Notebook

pytestmark = pytest.mark.sandbox


def test_what_a_health_researcher_expects_is_there(notebook: Notebook) -> None:
    names = (
        "pandas numpy scipy statsmodels.api lifelines sklearn matplotlib altair seaborn openpyxl"
    )
    cell = notebook.run("\n".join(f"import {name}" for name in names.split()))
    assert cell.reply["status"] == "ok"


@pytest.mark.parametrize(
    "name", ["jupyterhub", "sqlalchemy", "jupyterlab", "fastapi", "opendp", "pip"]
)
def test_nothing_of_the_platform_can_be_imported(notebook: Notebook, name: str) -> None:
    (error,) = notebook.run(f"import {name}").of("error")
    assert error["ename"] == "ModuleNotFoundError"


def test_the_notebook_shows_name_version_purpose_and_licence(notebook: Notebook) -> None:
    cell = notebook.run("import workbench.sdk as wb\nwb.packages()")
    (shown,) = cell.of("execute_result")
    assert "Powerful data structures" in shown["data"]["text/plain"]
    assert "<caption>" in shown["data"]["text/html"]
    cell = notebook.run(
        "import importlib.metadata as m, json\n"
        "frame = wb.packages().to_polars()\n"
        "names = {d.metadata['Name'].lower() for d in m.distributions()}\n"
        "found = {name.replace('_', '-').replace('.', '-') for name in names}\n"
        "print(json.dumps([frame.columns, len(frame), found == set(wb.packages()),\n"
        "                  frame.null_count().sum_horizontal().item(), 'pandas' in wb.packages()]))"
    )
    columns, many, same, nulls, there = json.loads(cell.text)
    assert columns == ["name", "version", "purpose", "licence"]
    assert many > 40
    assert (same, nulls, there) == (True, 0, True)


def test_a_missing_package_is_answered_with_where_to_look(notebook: Notebook) -> None:
    (error,) = notebook.run("import tensorflow").of("error")
    assert error["ename"] == "ModuleNotFoundError"
    assert "wb.packages()" in "\n".join(error["traceback"])


def test_a_missing_part_of_a_package_that_is_there_gets_no_such_hint(notebook: Notebook) -> None:
    (error,) = notebook.run("import pandas.nothing").of("error")
    assert "wb.packages()" not in "\n".join(error["traceback"])


def test_the_packages_cannot_be_written(notebook: Notebook) -> None:
    cell = notebook.run("import pandas\nopen(pandas.__file__, 'a')")
    assert cell.of("error")[0]["ename"] in {"OSError", "PermissionError"}


def test_a_tampered_environment_starts_no_kernel_and_no_run(tmp_path: Path) -> None:
    site = tmp_path / "environment" / "site"
    site.mkdir(parents=True)
    (site / "package.py").write_text("1")
    digest = hashlib.sha256(b"0").hexdigest()
    (site.parent / "SEAL").write_text(f"{digest} 1 package.py\n")
    use(site.parent, tmp_path / "pointer.json")
    house = GateHouse(environment=tmp_path / "pointer.json")
    try:
        answer = house.launch(house.grant()).answer
        assert (answer.k, answer.code) == ("refused", "tampered_environment")
        assert "images/setup" in answer.remedy
        assert house.launch(house.grant(), "sealed").answer.code == "tampered_environment"
    finally:
        house.close()
