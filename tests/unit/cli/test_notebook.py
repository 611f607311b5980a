"""`workbench notebook run`: every cell through the hub, the executed notebook on disk."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import typer
from typer.testing import CliRunner

from workbench.cli import notebook as group
from workbench.domain.errors import Refusal

app = typer.Typer()
app.add_typer(group.app, name="notebook")


class Hub:
    """A hub whose kernel answers from a table of cells."""

    def __init__(self, answers):
        self.answers = answers
        self.done = []

    def sign_in(self, user, password):
        self.done.append(("sign in", user, password))

    def start_server(self, project):
        self.done.append(("server", project))

    @contextmanager
    def kernel(self, project, name="workbench"):
        self.done.append(("kernel", project, name))
        yield self
        self.done.append(("end",))

    def execute(self, code, on_output=None):
        self.done.append(("cell", code))
        status, outputs = self.answers[code]
        for output in outputs:
            on_output(output)
        return {"status": status, "execution_count": 7, "outputs": outputs}

    def close(self):
        self.done.append(("close",))


STREAM = {"output_type": "stream", "name": "stdout", "text": "hello [not markup]\n"}
RESULT = {
    "output_type": "execute_result", "execution_count": 7, "metadata": {},
    "data": {"text/plain": "a table", "text/html": "<table>"},
}  # fmt: skip
ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a trace"]}


@pytest.fixture
def notebook(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        nbformat.v4.new_code_cell("one"),
        nbformat.v4.new_code_cell("  "),
        nbformat.v4.new_code_cell("two"),
    ]
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(hub, *arguments):
    return CliRunner().invoke(
        app,
        ["notebook", "run", *map(str, arguments), "--project", "diabetes", "--user", "kari"],
        obj=SimpleNamespace(hub=hub),
        env={"WORKBENCH_PASSWORD": "four words make a password"},
    )


def test_every_code_cell_runs_and_the_executed_notebook_is_written(notebook):
    hub = Hub({"one": ("ok", [STREAM]), "two": ("ok", [RESULT])})
    before = notebook.read_bytes()

    told = run(hub, notebook)

    assert told.exit_code == 0
    assert "hello [not markup]" in told.output
    assert "a table" in told.output
    executed = nbformat.read(notebook.with_suffix(".executed.ipynb"), as_version=4)
    assert [c.execution_count for c in executed.cells if c.source in ("one", "two")] == [7, 7]
    assert executed.cells[3].outputs[0]["data"]["text/html"] == "<table>"
    assert notebook.read_bytes() == before
    assert hub.done == [
        ("sign in", "kari", "four words make a password"), ("server", "diabetes"),
        ("kernel", "diabetes", "workbench"), ("cell", "one"), ("cell", "two"), ("end",), ("close",),
    ]  # fmt: skip


def test_the_first_error_ends_it_with_status_1_and_is_written_too(notebook, tmp_path):
    hub = Hub({"one": ("error", [ERROR]), "two": ("ok", [])})

    told = run(hub, notebook, "--output", tmp_path / "out.ipynb")

    assert told.exit_code == 1
    assert "a trace" in told.output
    assert ("cell", "two") not in hub.done
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert executed.cells[1].outputs[0]["ename"] == "E"


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"cells": 1}', "\x00"])
def test_what_is_no_notebook_is_refused_before_anybody_signs_in(tmp_path, text):
    path = tmp_path / "n.ipynb"
    if text is not None:
        path.write_text(text)
    hub = Hub({})

    told = run(hub, path)

    assert isinstance(told.exception, Refusal)
    assert told.exception.code in ("no_notebook", "bad_notebook")
    assert hub.done == []


def test_a_refused_server_signs_out_and_writes_nothing(notebook, monkeypatch):
    hub = Hub({})

    def refuse(_project):
        raise Refusal("server_refused", "No permit.", "Ask.")

    monkeypatch.setattr(hub, "start_server", refuse)
    told = run(hub, notebook)

    assert isinstance(told.exception, Refusal)
    assert hub.done[-1] == ("close",)
    assert not Path(notebook.with_suffix(".executed.ipynb")).exists()


def test_without_a_terminal_the_password_comes_from_the_environment_only(notebook):
    hub = Hub({})
    told = CliRunner().invoke(
        app,
        ["notebook", "run", str(notebook), "--project", "diabetes", "--user", "kari"],
        obj=SimpleNamespace(hub=hub),
        env={"WORKBENCH_PASSWORD": ""},
    )

    assert told.exit_code == 2
    assert hub.done == [("close",)]


SEALED = "# %% cell 1\none\n# %% cell 2\n  \n# %% cell 3\ntwo"
QUEUED = {"output_type": "stream", "name": "stdout", "text": "queued\nrunning\n"}


def outputs_of(path):
    written = nbformat.read(path, as_version=4)
    return [
        [one.get("text") or one.get("evalue") for one in cell.outputs]
        for cell in written.cells
        if cell.cell_type == "code"
    ]


def test_a_sealed_notebook_is_one_run_and_every_cell_is_told(notebook):
    hub = Hub({SEALED: ("ok", [QUEUED])})

    told = run(hub, notebook, "--kernel", "sealed")

    assert told.exit_code == 0
    assert "running" in told.output
    assert ("kernel", "diabetes", "sealed") in hub.done
    assert [each for each in hub.done if each[0] == "cell"] == [("cell", SEALED)]
    ran = "Ran in the sealed run.\n"
    assert outputs_of(notebook.with_suffix(".executed.ipynb")) == [
        [ran], [ran], [ran, "queued\nrunning\n"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "outputs"),
    [
        ("line 2 of cell 2", [["Ran in the sealed run.\n"], ["line 2 of cell 2"], ["Not run.\n"]]),
        ("cell 1", [["cell 1"], ["Not run.\n"], ["Not run.\n"]]),
        ("this cell", [["Ran or not: the run did not say where.\n"]] * 3),
    ],
)
def test_a_failed_sealed_run_marks_the_cell_and_ends_with_1(notebook, where, outputs):
    error = {"output_type": "error", "ename": "Error", "evalue": where, "traceback": ["Error"]}
    hub = Hub({SEALED: ("error", [QUEUED, error])})

    told = run(hub, notebook, "--kernel", "sealed")

    assert told.exit_code == 1
    found = outputs_of(notebook.with_suffix(".executed.ipynb"))
    assert [each[:1] for each in found] == outputs
    assert found[-1][1] == "queued\nrunning\n"
