"""How long a researcher waits for a table: from sending a notebook's cell to its answer."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.result import Result
from tests.lib.demo_world import running_demo
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.kernel_line import WebKernel

TARGET = 1.0
RELEASE = "application/vnd.workbench.release+json"
OPEN = """
import workbench.sdk as wb
p = wb.open()
persons, lab, dx = p["nafld_person"], p["nafld_measurement"], p["nafld_diagnosis"]
cohort = persons.with_columns(
    age_group=persons.age.bins([50, 65]),
    bmi_group=persons.bmi.bins([25, 30]),
    died=persons.status == "dead",
    followed=persons.followup_days.bins([1000, 2500]),
    tested=lab.count().bins([10, 40]),
    diagnosed=dx.exists(),
)
"""
TABLES = (
    ("age_group", "bmi_group"),
    ("sex", "died"),
    ("age_group", "followed"),
    ("sex", "tested"),
    ("sex", "bmi_group"),
    ("diagnosed", "sex"),
    ("followed", "sex"),
)
"""Cross tables that the example notebook does not ask for."""


def first_release() -> Result:
    """Seconds in a real kernel behind the hub, over its websocket, for tables never asked."""
    with (
        tempfile.TemporaryDirectory(prefix="wb-bench-") as folder,
        running_demo(Path(folder)) as demo,
        HubClient(demo.url) as hub,
    ):
        hub.sign_in("researcher", demo.passwords["researcher"])
        hub.start_server(demo.project)
        with hub.kernel(demo.project) as kernel:
            _cell(kernel, OPEN)
            cells = [f"cohort.crosstab({by!r}, {across!r}, margins=True)" for by, across in TABLES]
            asked = [_table(kernel, cell) for cell in cells]
            again = [_table(kernel, cell) for cell in cells]
    if [name for _, name in asked] != [name for _, name in again]:
        raise SystemExit("a replay was another release")
    seconds, replayed = [one for one, _ in asked], [one for one, _ in again]
    value, other = statistics.median(seconds), statistics.median(replayed)
    return Result(
        name="first_release",
        value=value,
        unit="s",
        against="the same plan replayed",
        ratio=value / other,
        target=f"<= {TARGET:g} s",
        ok=max(value, seconds[0]) <= TARGET,
        notes=(
            f"notebook cell to answer on the NAFLD view; the first of a new kernel took "
            f"{seconds[0]:.3f} s and has to hold the target too, the slowest {max(seconds):.3f} s; "
            f"median of {len(TABLES)} different cross tables with margins, on top of the example "
            f"notebook's releases in the ledger; replayed: {other:.3f} s"
        ),
    )


def _table(kernel: WebKernel, cell: str) -> tuple[float, str]:
    """Seconds until the cell's end, and the name of the release that it showed."""
    start = time.perf_counter()
    outputs = _cell(kernel, cell)
    seconds = time.perf_counter() - start
    shown = [one["data"][RELEASE] for one in outputs if RELEASE in one.get("data", {})]
    if len(shown) != 1:
        raise SystemExit(f"nothing was released by: {cell}")
    return seconds, str(shown[0]["release"])


def _cell(kernel: WebKernel, code: str) -> list[dict[str, Any]]:
    done = kernel.execute(code)
    if done["status"] != "ok":
        said = [one.get("evalue", "") for one in done["outputs"]]
        raise SystemExit(f"a cell ended with an error: {said}")
    return list(done["outputs"])
