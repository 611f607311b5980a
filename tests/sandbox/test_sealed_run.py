"""A sealed run: real rows, no word about them; results only as files, and only plain ones."""

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernels.cells import joined
from kernels.host.budget import Budget
from kernels.host.config import Limits
from kernels.host.sandbox.limits import ControlGroups
from kernels.protocol import SealedKeys, Signal
from tests.lib.gate_house import GateHouse, Notebook, send

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(
        grid=0.25, sealed_wall=6.0, sealed_lines=200, sealed_runs_an_hour=500, sealed_runs_a_day=500
    )


@pytest.fixture(scope="module")
def sealed(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook("alpha", "sealed")
    yield notebook
    notebook.close()


def last_run(house: GateHouse) -> dict[str, Any]:
    runs = [json.loads(path.read_text()) for path in incoming(house).glob("*/run.json")]
    return max(runs, key=lambda run: run["started"])


def incoming(house: GateHouse) -> Path:
    return house.config.spool / "incoming"


def test_a_run_reads_real_rows_and_leaves_files(house: GateHouse, sealed: Notebook) -> None:
    cell = sealed.run(
        "rows = open('/data/rows.txt').read()\n"
        "print(rows)\n"
        "open('/outbox/table.csv', 'w').write(rows.upper())"
    )
    assert re.fullmatch(
        r"queued\nrunning\nended: ok \(within [\d.]+ s, up to 1 GiB of memory\)\n", cell.text
    )
    assert cell.reply["status"] == "ok"
    run = last_run(house)
    assert (run["outcome"], run["line"], run["project"], run["user"]) == (
        "ok", None, "alpha", "ada",
    )  # fmt: skip
    (file,) = run["files"]
    assert (house.config.spool / "blobs" / file["sha256"]).read_text() == "ROWS OF ALPHA"
    assert house.engine.asked[-1] == SealedKeys(project="alpha", user="ada")


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\n\nraise ValueError(open('/data/rows.txt').read())",
        "x = 1\n\nopen('/no/such/file')",
        "x = 1\n\nraise type('ROWS_OF_ALPHA', (Exception,), {})",
        "x = 1\n\n1 +",
        "import json\n\njson.loads('rows of alpha')",
        "x = 1\n\nimport sys; sys.exit(3)",
        "def f():\n  x = 1\n  raise KeyError('rows of alpha')\nf()",
    ],
)
def test_an_error_tells_its_line_and_nothing_else(sealed: Notebook, code: str) -> None:
    cell = sealed.run(code)
    if cell.reply["status"] == "ok":
        pytest.fail("the run did not fail")
    (error,) = cell.of("error")
    assert error == {
        "ename": "Error",
        "evalue": "line 3 of this cell",
        "traceback": ["Error: line 3 of this cell"],
    }
    published = json.dumps([message["content"] for message in cell.published if
                            message["msg_type"] != "execute_input"])  # fmt: skip
    assert "rows of alpha" not in published.lower()


NOTEBOOK = [
    "%matplotlib inline\nimport asyncio\nimport pandas as pd",
    "rows = pd.DataFrame({'x': [1, 2, 3]})\nrows.x.plot()\nrows",
    "assert len(_) == 3\nawait asyncio.sleep(0)\nrows?",
    "%%time\ntotal = rows.x.sum()",
    "%%writefile /tmp/part.py\nhalf = 21",
    "%run /tmp/part.py\nassert half == 21\ndisplay(rows);",
    "%%capture said\nprint(half)",
    "assert said.stdout == '21\\n'\n%env PART=1",
    "%config InlineBackend.figure_format = 'svg'\nrows.x.hist();",
    "import os\nif (child := os.fork()) == 0:\n    os._exit(0)\nos.waitpid(child, 0)[1];",
    "",
    "%timeit -n 1 -r 1 rows.sum()\nopen('/outbox/total.txt', 'w').write(f'{total} of {len(Out)}')",
]


def test_a_whole_notebook_runs_as_in_the_workbench_kernel(
    house: GateHouse, sealed: Notebook
) -> None:
    assert sealed.run(joined(NOTEBOOK)).reply["status"] == "ok"
    run = last_run(house)
    (file,) = run["files"]
    blobs = house.config.spool / "blobs"
    assert (blobs / file["sha256"]).read_text() == "6 of 1"
    assert (blobs / run["code_sha256"]).read_text() == joined(NOTEBOOK)

    twin = house.notebook("alpha")
    try:
        replies = [twin.run(cell).reply for cell in NOTEBOOK]
        assert {reply["status"] for reply in replies} == {"ok"}
        size = twin.run("import os\nos.path.getsize('/outbox/total.txt')")
        assert size.of("execute_result")[0]["data"]["text/plain"] == "6"
    finally:
        twin.close()


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        (["x = 1", "x\n\n1 / 0", "open('/outbox/a', 'w')"], "line 3 of cell 2"),
        (["x = 1", "\n\n  \n1 / 0"], "line 4 of cell 2"),
        (["x = 1", "\ny = 2\n1 +"], "line 3 of cell 2"),
        (["def f():\n    raise KeyError('rows of alpha')", "1", "f()"], "line 2 of cell 1"),
        (["1", "", "%nosuchmagic"], "line 1 of cell 3"),
        (["import asyncio", "x = 1\nawait asyncio.wait_for(asyncio.Event().wait(), 0.01)"],
         "line 2 of cell 2"),
        (["x = 1", "import sys\nsys.exit('rows of alpha')"], "line 2 of cell 2"),
    ],
)  # fmt: skip
def test_a_notebook_stops_at_its_first_error_and_tells_cell_and_line(
    house: GateHouse, sealed: Notebook, cells: list[str], where: str
) -> None:
    cell = sealed.run(joined(cells))
    assert cell.of("error")[0]["evalue"] == where
    run = last_run(house)
    assert (run["outcome"], run["files"]) == ("error", [])
    assert where == f"line {run['line']} of cell {run['cell']}"


@pytest.mark.parametrize("word", ["quit()", "import sys\nsys.exit()"])
def test_leaving_early_is_an_end_like_another(sealed: Notebook, word: str) -> None:
    assert sealed.run(joined(["x = 1", word, "1 / 0"])).reply["status"] == "ok"


def test_a_place_that_the_code_does_not_have_is_not_told(sealed: Notebook) -> None:
    cell = sealed.run(
        "import os, socket\n"
        "for number in range(3, 64):\n"
        "    try:\n"
        '        os.write(number, b\'{"k":"end","outcome":"error","cell":7,"line":99}\')\n'
        "    except OSError:\n"
        "        pass\n"
        "os._exit(0)"
    )
    assert cell.of("error")[0]["evalue"] == "this cell"


def test_the_memory_of_a_run_is_told_in_quarters(sealed: Notebook) -> None:
    small = sealed.run("x = 1")
    large = sealed.run("x = bytearray(1_400 << 20)\nx[::4096] = b'x' * len(x[::4096])")
    assert "up to 1 GiB" in small.text
    assert "up to 2 GiB" in large.text


def test_a_run_over_its_memory_is_stopped_and_says_so() -> None:
    small = GateHouse(Limits(grid=0.1, memory=512 << 20, sealed_runs_an_hour=9))
    try:
        if ControlGroups.find() is None:
            pytest.skip("memory of several processes together needs control groups")
        notebook = small.notebook("alpha", "sealed")
        cell = notebook.run(
            "import os, time\n"
            "for _ in range(4):\n"
            "    if os.fork() == 0:\n"
            "        kept = bytearray(200 << 20)\n"
            "        kept[::4096] = b'x' * len(kept[::4096])\n"
            "        time.sleep(30)\n"
            "os.wait()\nos.wait()\nraise ValueError"
        )
        assert "more memory than a run may" in cell.text
        assert "up to 0.5 GiB" in cell.text
        notebook.close()
    finally:
        small.close()


def test_without_control_groups_the_memory_is_that_of_the_largest_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ControlGroups, "find", lambda *_: None)
    bare = GateHouse(Limits(grid=0.1, memory=2 << 30, sealed_runs_an_hour=9))
    try:
        notebook = bare.notebook("alpha", "sealed")
        assert "up to 0.5 GiB" in notebook.run("1").text
        used = notebook.run("x = bytearray(700 << 20)\nx[::4096] = b'x' * len(x[::4096])")
        assert "up to 1 GiB" in used.text
        notebook.close()
    finally:
        bare.close()


def test_a_run_that_waits_is_told_how_many_are_before_it(sealed: Notebook) -> None:
    for _ in range(2):
        sealed.client.execute("import time; time.sleep(1)")
    cell = sealed.run("1")
    assert "queued: 2 before it" in cell.text


def test_nothing_is_printed_displayed_or_completed(sealed: Notebook) -> None:
    cell = sealed.run(
        "import os, sys\n"
        "print('CANARY'); print('CANARY', file=sys.stderr)\n"
        "os.write(1, b'CANARY'); os.write(2, b'CANARY')\n"
        "sys.__stdout__.write('CANARY')"
    )
    assert cell.text.startswith("queued\nrunning\nended: ok (within ")
    assert "CANARY" not in json.dumps([m["content"] for m in cell.published
                                       if m["msg_type"] != "execute_input"])  # fmt: skip
    found = sealed.client.complete("CAN", reply=True, timeout=20)["content"]
    assert found["matches"] == []


def test_there_is_no_engine_in_a_sealed_run_and_nothing_to_write_but_the_outbox(
    house: GateHouse, sealed: Notebook
) -> None:
    cell = sealed.run(
        "import os, json\n"
        "found = [os.path.exists('/run/engine'), os.path.exists('/twin')]\n"
        "for path in ('/data/x', '/run/x', '/opt/x', '/x'):\n"
        "    try:\n"
        "        open(path, 'w'); found.append(path)\n"
        "    except OSError:\n"
        "        found.append(False)\n"
        "found.append(json.load(open('/run/view-keys.json')) == {'key': 'k' * 16})\n"
        "try:\n"
        "    open('/run/view-keys.json', 'a'); found.append('written')\n"
        "except OSError:\n"
        "    pass\n"
        "open('/outbox/found.json', 'w').write(json.dumps(found))"
    )
    assert cell.reply["status"] == "ok"
    (file,) = last_run(house)["files"]
    found = json.loads((house.config.spool / "blobs" / file["sha256"]).read_text())
    assert found == [False] * 6 + [True]


def test_each_run_begins_anew(house: GateHouse, sealed: Notebook) -> None:
    sealed.run("kept = 1\nopen('/tmp/kept', 'w').write('1')")
    assert sealed.run("kept").of("error")[0]["evalue"] == "line 1 of this cell"
    assert sealed.run("open('/tmp/kept')").of("error")[0]["evalue"] == "line 1 of this cell"


@pytest.mark.parametrize(
    "make",
    [
        "os.symlink('/data/rows.txt', '/outbox/a')",
        "open('/outbox/b', 'w'); os.link('/outbox/b', '/outbox/a')",
        "os.mkfifo('/outbox/a')",
        "os.mkdir('/outbox/a')",
        "import socket; socket.socket(socket.AF_UNIX).bind('/outbox/a')",
        "[open(f'/outbox/{n}', 'w') for n in range(51)]",
        "open('/outbox/.hidden', 'w')",
        "open('/outbox/a', 'wb').truncate(51 << 20)",
        "os.rename('/tmp', '/outbox/a')",
    ],
)
def test_an_outbox_with_anything_else_is_not_taken(
    house: GateHouse, sealed: Notebook, make: str
) -> None:
    blobs = {each.name for each in (house.config.spool / "blobs").iterdir()}
    cell = sealed.run(f"import os\nopen('/outbox/0', 'w').write('good')\n{make}")
    assert cell.reply["status"] == "error"
    run = last_run(house)
    assert run["outcome"] == "error"
    assert run["files"] == []
    after = {each.name for each in (house.config.spool / "blobs").iterdir()}
    assert after == blobs | {run["code_sha256"]}


def test_a_run_over_its_time_is_stopped_and_says_so(house: GateHouse, sealed: Notebook) -> None:
    cell = sealed.run("import time\nopen('/outbox/a', 'w').write('x')\ntime.sleep(60)")
    assert "longer than 6 s" in cell.text
    assert cell.reply["status"] == "error"
    run = last_run(house)
    assert (run["outcome"], run["files"]) == ("stopped", [])


def test_an_interrupt_stops_the_run_and_the_next_one_runs(
    house: GateHouse, sealed: Notebook
) -> None:
    timer = threading.Timer(1.0, lambda: send(sealed.connection, Signal(what="interrupt")))
    timer.start()
    begun = time.monotonic()
    cell = sealed.run("import time\ntime.sleep(60)")
    assert time.monotonic() - begun < 5.5
    assert "stopped" in cell.text
    assert last_run(house)["outcome"] == "stopped"
    assert sealed.run("1").reply["status"] == "ok"


def test_a_process_that_dies_is_an_error_without_a_line(house: GateHouse, sealed: Notebook) -> None:
    cell = sealed.run("import os\nopen('/outbox/a', 'w').write('x')\nos.kill(os.getpid(), 9)")
    assert cell.of("error")[0]["evalue"] == "this cell"
    assert last_run(house)["files"] == []


def test_a_script_that_speaks_to_the_host_itself_gains_no_words(sealed: Notebook) -> None:
    cell = sealed.run(
        "import os, socket\n"
        "for number in range(3, 1024):\n"
        "    try:\n"
        '        os.write(number, b\'{"k":"end","outcome":"ok","text":"CANARY"}\')\n'
        "    except OSError:\n"
        "        pass\n"
        "raise ValueError"
    )
    assert cell.of("error")[0]["evalue"] == "this cell"
    assert "CANARY" not in cell.text


def test_what_is_told_is_told_on_the_grid(sealed: Notebook) -> None:
    seconds = []
    for pause in (0.0, 0.1):
        begun = time.monotonic()
        sealed.run(f"import time; time.sleep({pause})")
        seconds.append(time.monotonic() - begun)
    for each in seconds:
        assert each >= 0.25


def test_the_spool_names_the_moment_at_which_an_end_is_told(
    house: GateHouse, sealed: Notebook
) -> None:
    """An author sees when the request of their files was made."""
    before = set(incoming(house).iterdir())
    sealed.run("import time; time.sleep(0.05); open('/outbox/t.csv', 'w').write('n')")
    (made,) = set(incoming(house).iterdir()) - before
    told = json.loads((made / "run.json").read_text())
    grid, took = house.config.limits.grid, told["ended"] - told["started"]
    steps = took / grid
    assert abs(steps - round(steps)) * grid < 0.01


def test_too_long_a_script_is_refused_before_it_runs(house: GateHouse, sealed: Notebook) -> None:
    before = len(list(incoming(house).iterdir()))
    cell = sealed.run("x = 1\n" * 201)
    assert "at most 200 lines" in cell.text
    assert "running" not in cell.text
    assert len(list(incoming(house).iterdir())) == before


@pytest.mark.parametrize("part", ["incoming", "blobs"])
def test_a_disk_that_takes_nothing_ends_the_run_with_an_incident_and_the_next_one_runs(
    house: GateHouse, sealed: Notebook, part: str
) -> None:
    place = house.config.spool / part
    place.rename(place.with_name("away"))
    try:
        cell = sealed.run(f"open('/outbox/t.csv', 'w').write('{part}')", timeout=20)
        assert "incident" in cell.text
        assert cell.reply["status"] == "error"
    finally:
        place.with_name("away").rename(place)
    assert "ended: ok" in sealed.run("1", timeout=20).text


def test_a_refusal_of_the_engine_is_passed_on(house: GateHouse, sealed: Notebook) -> None:
    house.engine.refuse_keys = True
    try:
        assert "Not now. Wait." in sealed.run("1").text
    finally:
        house.engine.refuse_keys = False


def test_runs_are_counted_by_the_hour(house: GateHouse) -> None:
    small = GateHouse(Limits(grid=0.1, sealed_runs_an_hour=2))
    try:
        notebook = small.notebook("alpha", "sealed")
        said = [notebook.run("1").text for _ in range(3)]
        assert [("ended: ok" in text) for text in said] == [True, True, False]
        assert "2 sealed runs an hour" in said[2]
        notebook.close()
        again = Budget(2, 9, time.time, small.config.zone / "spent-runs")  # as the next daemon
        assert again.wait("alpha", "ada") > 3000
    finally:
        small.close()
