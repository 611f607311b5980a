"""An interactive sealed kernel: of what runs on real rows, each cell's end is told."""

import json
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kernels.host.config import Limits
from kernels.protocol import SealedKeys, Signal
from tests.lib import samples
from tests.lib.fake_records import FakeClock, FakeRecords
from tests.lib.gate_house import Cell, GateHouse, Notebook, send
from workbench.adapters.blobs import FolderBlobs
from workbench.domain.audit import What
from workbench.domain.permit import Member
from workbench.services.collect import collect

pytestmark = pytest.mark.sandbox
GRID = 0.25


@pytest.fixture(scope="module")
def limits() -> Limits:
    many = {"cells": 1000, "errors": 1000, "starts": 100}
    budgets = {f"{name}_{span}": n for name, n in many.items() for span in ("an_hour", "a_day")}
    return Limits(grid=GRID, memory=1 << 30, cell_lines=50, **budgets)


@pytest.fixture(scope="module")
def kernel(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook("alpha", "interactive")
    yield notebook
    notebook.close()


@pytest.fixture
def own(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook("alpha", "interactive")
    yield notebook
    notebook.close()


def runs(house: GateHouse) -> list[dict[str, Any]]:
    places = (house.config.spool / "incoming").glob("*/run.json")
    return sorted((json.loads(one.read_text()) for one in places), key=lambda run: run["ended"])


def spendings(house: GateHouse) -> list[dict[str, Any]]:
    events = (house.config.spool / "events").glob("[0-9]*.json")
    told = [json.loads(one.read_text()) for one in events]
    return [one for one in told if one["what"] == "kernel:cells:spend"]


def secret(house: GateHouse) -> str:
    """A file of the host that the daemon can read, and no kernel."""
    path = house.root / "secret"
    path.write_text("of the host")
    return str(path)


def blob(house: GateHouse, digest: str) -> bytes:
    return (house.config.spool / "blobs" / digest).read_bytes()


def said(cell: Cell) -> str:
    """All that reached the browser, but for its own words."""
    shown = [m["content"] for m in cell.published if m["msg_type"] != "execute_input"]
    return json.dumps([*shown, cell.reply])


def test_cells_share_memory_and_read_real_rows_with_the_views_keys(
    house: GateHouse, kernel: Notebook
) -> None:
    kernel.run("rows = open('/data/rows.txt').read()")
    cell = kernel.run("assert rows == 'rows of alpha'")
    assert cell.reply["status"] == "ok"
    assert kernel.run("assert rows == 'other'").reply["status"] == "error"
    keys = "import json; assert json.load(open('/run/view-keys.json')) == {'key': 'k' * 16}"
    assert kernel.run(keys).reply["status"] == "ok"
    assert house.engine.asked[-1] == SealedKeys(project="alpha", user="ada", lane="interactive")


def test_there_is_no_engine_and_no_twin(kernel: Notebook) -> None:
    look = "import os; assert not os.path.exists('/run/engine') and not os.path.exists('/twin')"
    assert kernel.run(look).reply["status"] == "ok"


def test_a_cell_tells_running_and_ended_and_the_memory_in_steps(kernel: Notebook) -> None:
    cell = kernel.run("x = 1; x")
    assert cell.text.splitlines() == [
        "running",
        "ended; memory so far: at most 0.25 of 1 GiB; output is withheld",
    ]
    assert cell.reply == {
        "status": "ok", "execution_count": cell.reply["execution_count"], "payload": [],
    }  # fmt: skip


def test_nothing_that_a_cell_prints_shows_draws_or_asks_arrives(kernel: Notebook) -> None:
    cell = kernel.run(
        "import os, sys\n"
        "from IPython.display import HTML, Javascript, display, clear_output, update_display\n"
        "print('CANARY'); print('CANARY', file=sys.stderr); os.write(1, b'CANARY')\n"
        "display(HTML('<b>CANARY</b>'), display_id='CANARY'); display(Javascript('CANARY'))\n"
        "update_display('CANARY', display_id='CANARY')\n"
        "get_ipython().set_next_input('CANARY')\n"
        "get_ipython().payload_manager.write_payload({'source': 'page', 'data': 'CANARY'})\n"
        "get_ipython().kernel.comm_manager\n"
        "'CANARY'",
        user_expressions={"x": "'CANARY'"},
    )
    assert cell.reply["status"] == "ok"
    assert "CANARY" not in said(cell)
    assert {m["msg_type"] for m in cell.published} == {"status", "execute_input", "stream"}


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = 1\n\nraise ValueError(open('/data/rows.txt').read())", 3),
        ("x = 1\nraise type('ROWS_OF_ALPHA', (Exception,), {})", 2),
        ("x = 1\n1 +", 2),
        ("import json\njson.loads('rows of alpha')", 2),
        ("def f():\n  raise KeyError('rows of alpha')\nf()", 2),
        ("%nosuchmagic rows of alpha", 1),
        ("import sys; sys.exit('rows of alpha')", 1),
        ("class Odd:\n  def __repr__(self): raise ValueError('rows of alpha')\nOdd()", None),
    ],
)
def test_an_error_tells_its_line_and_nothing_else(
    kernel: Notebook, code: str, line: int | None
) -> None:
    cell = kernel.run(code)
    where = f"line {line} of this cell" if line else "this cell"
    if cell.reply["status"] == "error":
        assert cell.of("error") == [
            {"ename": "Error", "evalue": where, "traceback": [f"Error: {where}"]}
        ]
    else:
        assert line is None
    assert "rows" not in said(cell).lower()


def test_an_error_ends_the_cells_that_wait_behind_it(kernel: Notebook) -> None:
    first = kernel.client.execute("import time; time.sleep(0.3); 1/0")
    second = kernel.client.execute("open('/tmp/second', 'w')")
    assert kernel.reply_to(first)["status"] == "error"
    assert kernel.reply_to(second)["status"] == "aborted"
    assert kernel.run("open('/tmp/second')").reply["status"] == "error"


@pytest.mark.parametrize("pause", [0.0, 0.13])
def test_an_end_is_told_on_the_grid(kernel: Notebook, pause: float) -> None:
    begun = time.monotonic()
    kernel.run(f"import time; time.sleep({pause})")
    assert time.monotonic() - begun >= GRID


def test_an_interrupt_ends_the_cell_and_the_next_one_runs(kernel: Notebook) -> None:
    message = kernel.client.execute("import time\ntime.sleep(60)")
    time.sleep(1.0)
    send(kernel.connection, Signal(what="interrupt"))
    assert kernel.reply_to(message)["evalue"] == "line 2 of this cell"
    assert kernel.run("1").reply["status"] == "ok"


def test_files_are_submitted_with_the_code_of_all_cells_and_are_gone_from_the_outbox(
    house: GateHouse, own: Notebook
) -> None:
    own.run("rows = open('/data/rows.txt').read()")
    own.run("open('/outbox/table.csv', 'w').write(rows.upper())")
    before = len(runs(house))
    cell = own.run(" %submit\n")
    assert cell.reply["status"] == "ok"
    assert "Submitted" in cell.text
    (run,) = runs(house)[before:]
    assert (run["project"], run["user"], run["outcome"], run["line"]) == (
        "alpha",
        "ada",
        "ok",
        None,
    )
    (file,) = run["files"]
    assert (file["name"], blob(house, file["sha256"])) == ("table.csv", b"ROWS OF ALPHA")
    assert blob(house, run["code_sha256"]).decode() == (
        "# %% cell 1\nrows = open('/data/rows.txt').read()\n"
        "# %% cell 2\nopen('/outbox/table.csv', 'w').write(rows.upper())"
    )
    assert own.run("%submit").reply["status"] == "error"


def test_what_is_submitted_reaches_the_officer_with_its_code_and_the_spending_the_audit(
    house: GateHouse, own: Notebook
) -> None:
    own.run("open('/outbox/counts.csv', 'w').write('group,n\\nwomen,3\\n')")
    own.run("%submit")
    own.client.shutdown()
    own.ended()
    records = FakeRecords()
    permit = samples.permit("alpha", members=(Member(user="ada"),))
    records.permits.grant(permit, samples.event(What.PERMIT_GRANT))
    blobs = FolderBlobs(house.config.spool / "blobs")
    collect(house.config.spool, records, blobs, FakeClock())
    found = [one for one in records.outputs.waiting() if one.files[0].name == "counts.csv"]
    assert [(one.author, one.project) for one in found] == [("ada", "alpha")]
    assert [finding["rule"] for finding in found[0].files[0].findings] == ["freeform.small_counts"]
    (submitted,) = [
        entry.event for entry in records.audit.entries() if entry.event.subject == found[0].id
    ]
    code = blobs.get(str(submitted.details["code"])).decode()
    assert code.startswith("# %% cell 1\nopen('/outbox/counts.csv'")
    assert What.KERNEL_CELLS in [entry.event.what for entry in records.audit.entries()]


def test_the_word_submit_counts_in_the_browsers_message_only(
    house: GateHouse, own: Notebook
) -> None:
    before = len(runs(house))
    own.run("open('/outbox/a', 'w').write('x')\nget_ipython().run_cell('%submit')")
    own.run("%submit now")
    assert len(runs(house)) == before


@pytest.mark.parametrize(
    "make",
    [
        "os.symlink(HOST, '/outbox/a')",
        "os.mkfifo('/outbox/a')",
        "os.mkdir('/outbox/a')",
        "open('/outbox/.hidden', 'w')",
        "[open(f'/outbox/{n}', 'w') for n in range(51)]",
        "None",
    ],
)
def test_an_outbox_with_nothing_or_anything_else_is_not_taken_and_says_the_same(
    house: GateHouse, kernel: Notebook, make: str
) -> None:
    before, blobs = len(runs(house)), len(list((house.config.spool / "blobs").iterdir()))
    kernel.run(f"import os\nHOST = {secret(house)!r}\n{make}")
    cell = kernel.run("%submit")
    kernel.run(
        "import shutil\nfor name in ('a', '.hidden', *map(str, range(51))):\n"
        "    path = f'/outbox/{name}'\n"
        "    os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else None\n"
        "    os.unlink(path) if os.path.lexists(path) else None"
    )
    assert cell.reply["status"] == "error"
    assert "Nothing was submitted. Write 1 to 50 regular files" in cell.text
    assert len(runs(house)) == before
    assert len(list((house.config.spool / "blobs").iterdir())) == blobs


def test_a_kernel_that_dies_is_told_by_a_sentence_and_not_by_its_status(own: Notebook) -> None:
    own.client.execute("import os; os._exit(42)")
    ended = own.ended()
    assert (ended.exit, "has ended" in ended.why) == (-9, True)


def test_a_kernel_out_of_memory_says_so(house: GateHouse, own: Notebook) -> None:
    if os.geteuid() != 0:
        pytest.skip("memory of many processes is counted by control groups alone")
    own.client.execute(
        "import os\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        keep = bytearray(700 << 20)\n        import time; time.sleep(60)\n"
        "os.wait()\nos._exit(1)"
    )
    assert "memory" in own.ended().why


def test_a_kernel_that_sends_too_much_is_ended_and_the_other_one_runs_on(
    house: GateHouse, kernel: Notebook, own: Notebook
) -> None:
    own.client.execute(
        "app = get_ipython().kernel\n"
        "parent = app.get_parent()\n"
        "for n in range(20_000):\n"
        "    app.session.send(app.shell_stream, 'execute_reply', {'status': 'CANARY'},"
        " parent=parent, ident=app._parent_ident['shell'])\n"
    )
    assert kernel.run("1").reply["status"] == "ok"
    assert "because it sent a message" in own.ended().why


def test_shutdown_collects_nothing(house: GateHouse, own: Notebook) -> None:
    before = len(runs(house))
    own.run("open('/outbox/a', 'w').write('x')")
    own.client.shutdown()
    own.ended()
    assert len(runs(house)) == before


def test_cells_errors_and_starts_are_counted_and_the_end_of_a_budget_is_audited(
    house: GateHouse,
) -> None:
    small = GateHouse(Limits(grid=0.1, cells_an_hour=3, errors_an_hour=1, starts_an_hour=2))
    try:
        notebook = small.notebook("alpha", "interactive")
        assert notebook.run("1").reply["status"] == "ok"
        assert notebook.run("1/0").reply["status"] == "error"
        refused = notebook.run("1")
        assert "1 cells may fail in sealed kernels an hour" in refused.text
        assert "running" not in refused.text
        small.now = lambda: time.time() + 3601
        assert [notebook.run("1").reply["status"] for _ in range(4)] == ["ok"] * 3 + ["error"]
        notebook.close()
        small.notebook("alpha", "interactive").close()
        small.notebook("alpha", "interactive").close()
        third = small.launch(small.grant("alpha"), "interactive")
        assert third.answer.code == "starts_used_up"
        books = {
            name: small.config.zone / f"spent-{name}" for name in ("starts", "cells", "errors")
        }
        noted = {name: len(book.read_text().split("\n\n")) for name, book in books.items()}
        assert noted == {"starts": 3, "cells": 5, "errors": 1}  # for a daemon that starts again
        third.connection.close()
        until = time.monotonic() + 10.0
        while len(spent := spendings(small)) < 5 and time.monotonic() < until:
            time.sleep(0.05)
        assert {one["why"] for one in spent} == {"errors_used_up", "cells_used_up", ""}
        assert {"cells": 5, "errors": 1} in [one["details"] for one in spent]
    finally:
        small.close()


def test_a_racing_writer_gains_nothing(house: GateHouse, own: Notebook) -> None:
    """While the outbox is taken, a process swaps its file for a link and its bytes for others."""
    own.run(
        f"import os, threading\nHOST = {secret(house)!r}\n"
        "def race():\n"
        "    while True:\n"
        "        for make in (lambda: os.symlink(HOST, '/outbox/n'),\n"
        "                     lambda: open('/outbox/n', 'wb').write(b'B' * (1 << 20))):\n"
        "            try: make(); os.rename('/outbox/n', '/outbox/a')\n"
        "            except OSError: pass\n"
        "            try: open('/outbox/a', 'r+b').write(b'C' * (1 << 20))\n"
        "            except OSError: pass\n"
        "for _ in range(2):\n"
        "    if os.fork() == 0: race()\n"
        "threading.Thread(target=race, daemon=True).start()"
    )
    before = len(runs(house))
    for _ in range(12):
        own.run("%submit")
    taken = runs(house)[before:]
    assert taken
    for run in taken:
        for file in run["files"]:
            content = blob(house, file["sha256"])
            assert len(content) == file["size"]
            assert set(content) <= set(b"BC")


def test_two_kernels_of_one_person_share_their_budget_and_not_their_memory(
    house: GateHouse, kernel: Notebook, own: Notebook
) -> None:
    kernel.run("mine = 1")
    assert own.run("mine").reply["status"] == "error"


def test_a_long_cell_is_refused_before_it_runs(kernel: Notebook) -> None:
    cell = kernel.run("x = 1\n" * 51)
    assert "at most 50 lines" in cell.text
    assert "running" not in cell.text


def test_questions_are_answered_without_the_kernel(kernel: Notebook) -> None:
    timer = threading.Thread(target=lambda: kernel.run("import time; time.sleep(1.5)"))
    timer.start()
    time.sleep(0.3)
    begun = time.monotonic()
    kernel.client.control_channel.send(kernel.client.session.msg("kernel_info_request", {}))
    banner = kernel.client.get_control_msg(timeout=5)["content"]["banner"]
    assert "Sealed kernel" in banner
    assert time.monotonic() - begun < 0.5
    timer.join()
