"""What a kernel can import: the sealed list, shown in the notebook, and nothing of the platform."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels.errors import Refusal
from kernels.host.config import GateConfig, Limits
from kernels.host.environment import open_environment, pointer_file
from kernels.host.gated import Daemon
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


def test_an_installer_is_answered_with_what_to_do_instead(notebook: Notebook) -> None:
    cell = notebook.run("%pip install tensorflow")
    assert cell.reply["status"] == "error"
    assert "wb.packages()" in json.dumps([message["content"] for message in cell.published])


def test_the_packages_cannot_be_written(notebook: Notebook) -> None:
    cell = notebook.run("import pandas\nopen(pandas.__file__, 'a')")
    assert cell.of("error")[0]["ename"] in {"OSError", "PermissionError"}


@pytest.fixture
def copy() -> Iterator[Path]:
    """The pointer of a copy of the environment whose files may be replaced, not written."""
    real = open_environment(pointer_file()).folder
    with tempfile.TemporaryDirectory(prefix=".new-test-", dir=real.parent) as parent:
        folder = Path(parent, "copy")
        shutil.copytree(real, folder, copy_function=os.link)
        Path(parent).chmod(0o755)
        use(folder, Path(parent, "pointer.json"))
        yield Path(parent, "pointer.json")


def changed(pointer: Path) -> None:
    """Replace one file."""
    path = pointer.parent / "copy/site/seaborn/__init__.py"
    text = path.read_bytes()
    path.unlink()
    path.write_bytes(text + b"# harmless\n")


def test_a_tampered_environment_starts_no_kernel_and_no_run(copy: Path) -> None:
    house = GateHouse(Limits(grid=0.1), environment=copy)
    try:
        first = house.notebook("alpha", "sealed")
        assert first.run("1").reply["status"] == "ok"
        changed(copy)
        for lane in ("workbench", "sealed"):
            answer = house.launch(house.grant(), lane).answer
            assert (answer.k, answer.code) == ("refused", "tampered_environment")
            assert "workbench doctor" in answer.remedy
        assert "not as they were installed" in first.run("1").text
        first.close()
    finally:
        house.close()


def test_a_daemon_does_not_serve_with_a_tampered_environment(copy: Path) -> None:
    changed(copy)

    async def start(root: Path) -> None:
        async with Daemon(GateConfig(root / "r", root, root, root, root, environment=copy)):
            pass

    with tempfile.TemporaryDirectory(prefix="wb", dir="/tmp") as root:
        with pytest.raises(Refusal) as refused:
            asyncio.run(start(Path(root)))
        assert refused.value.code == "tampered_environment"
        assert not (Path(root) / "r/door/gated.sock").exists()
