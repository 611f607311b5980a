"""Whole datasets in sealed runs: lazily, with the permitted columns' keys, and with Dask."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kernels.cells import joined
from kernels.host.config import Limits
from tests.lib import nafld_view
from tests.lib.gate_house import GateHouse, Notebook
from tests.lib.sealed_view import write_dataset, write_nafld

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
MANY = {"sealed_runs_an_hour": 500, "sealed_runs_a_day": 500}


@pytest.fixture(scope="module")
def house() -> Iterator[GateHouse]:
    """The NAFLD view in four buckets; the permit opens no weight."""
    house = GateHouse(Limits(grid=0.1, **MANY))
    opened = {
        name: [one for one in columns if one != "weight"]
        for name, columns in nafld_view.PERMITTED.items()
    }
    house.engine.keys = write_nafld(house.views / "alpha" / "v1", permitted=opened)
    yield house
    house.close()


@pytest.fixture(scope="module")
def sealed(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook("alpha", "sealed")
    yield notebook
    notebook.close()


@pytest.fixture(scope="module")
def twin(house: GateHouse) -> Iterator[Notebook]:
    notebook = house.notebook("alpha")
    yield notebook
    notebook.close()


def left_by(house: GateHouse, sealed: Notebook, *cells: str) -> Path:
    """Run cells sealed; the one file of their outbox."""
    cell = sealed.run(joined(list(cells)))
    assert cell.reply["status"] == "ok", cell.of("error")
    runs = [
        json.loads(path.read_text())
        for path in (house.config.spool / "incoming").glob("*/run.json")
    ]
    (file,) = max(runs, key=lambda run: run["started"])["files"]
    return house.config.spool / "blobs" / file["sha256"]


def result(house: GateHouse, sealed: Notebook, *cells: str) -> Any:
    """The same, read as JSON."""
    return json.loads(left_by(house, sealed, *cells).read_text())


def cells_of(text: str) -> list[str]:
    return text.split("\n\n")


NOTEBOOK = cells_of("""\
import json
import polars as pl
import workbench.sdk as wb
out = wb.outbox()

def tests_by_sex(person, lab):
    joined = lab.join(person, on="_person")
    return joined.group_by("sex", "test").agg(pl.len(), pl.col("value").sum()).collect()

client = wb.dask()
persons, labs = wb.buckets("nafld_person"), wb.buckets("nafld_measurement")
parts = client.gather(client.map(tests_by_sex, persons, labs))
by_bucket = pl.concat(parts).group_by("sex", "test").sum().sort("sex", "test")

lab = wb.scan("nafld_measurement")
whole = tests_by_sex(wb.scan("nafld_person"), lab).sort("sex", "test")
assert whole.drop("value").equals(by_bucket.drop("value"))
assert (whole["value"] - by_bucket["value"]).abs().max() < 1e-6

told = {
    "columns": {name: str(kind) for name, kind in whole.schema.items()},
    "scanned": {name: str(kind) for name, kind in lab.collect_schema().items()},
    "parts": len(parts),
    "where": client.scheduler.address.split(":")[0],
    "rows": whole.rows(),
}
with open(out / "told.json", "w") as file:
    json.dump(told, file)
print(json.dumps(told))
""")


def test_the_same_notebook_with_dask_runs_on_the_twin_and_sealed(
    house: GateHouse, sealed: Notebook, twin: Notebook
) -> None:
    real = result(house, sealed, *NOTEBOOK)

    cells = [twin.run(cell) for cell in NOTEBOOK]
    assert [cell.reply["status"] for cell in cells] == ["ok"] * len(NOTEBOOK)
    invented = json.loads(cells[-1].text)
    assert real["rows"] != invented["rows"]
    for same in ("columns", "scanned", "parts", "where"):
        assert real[same] == invented[same], same
    assert (real["where"], real["parts"]) == ("inproc", 4)

    frames = nafld_view.frames()
    joined = frames["nafld_measurement"].join(frames["nafld_person"], on="person")
    true = joined.group_by("sex", "test").agg(pl.len(), pl.col("value").sum())
    for row, expected in zip(real["rows"], true.sort("sex", "test").rows(), strict=True):
        assert row[:3] == list(expected[:3])
        assert row[3] == pytest.approx(expected[3])


def test_a_column_that_the_permit_does_not_open_cannot_be_decrypted(
    house: GateHouse, sealed: Notebook
) -> None:
    told = result(
        house,
        sealed,
        "import json\nimport polars as pl\nimport workbench.sdk as wb\n"
        "part = json.load(open('/run/view-keys.json'))['datasets']['nafld_person'][0]\n"
        "keys = {name: bytes.fromhex(key) for name, key in part['column_keys'].items()}\n"
        "told = {'offered': wb.scan('nafld_person').collect_schema().names()}\n"
        "def read(name, **more):\n"
        "    opened = pl.ParquetDecryptionProperties(\n"
        "        footer_key=bytes.fromhex(part['footer_key']), column_keys=keys | more,\n"
        "        aad_prefix=part['aad_prefix'].encode())\n"
        "    frame = pl.scan_parquet('/data/' + part['file'], decryption=opened, glob=False)\n"
        "    try:\n"
        "        return frame.select(name).collect().height\n"
        "    except pl.exceptions.PolarsError:\n"
        "        return 'closed'\n"
        "told['open'] = read('bmi')\n"
        "told['closed'] = read('weight')\n"
        "told['guessed'] = [read('weight', weight=key) for key in keys.values()]\n"
        "json.dump(told, open('/outbox/told.json', 'w'))",
    )

    assert told["offered"] == ["_person", "age", "sex", "bmi", "followup_days", "status"]
    assert told["open"] > 4000
    assert told["closed"] == "closed"
    assert told["guessed"] == ["closed"] * 7


def test_a_kernel_does_not_pay_for_dask_before_it_is_asked_for(
    house: GateHouse, sealed: Notebook
) -> None:
    loaded = result(
        house,
        sealed,
        "import json, sys\nimport workbench.sdk as wb\nwb.scan('nafld_person').collect()\n"
        "loaded = [name for name in ('dask', 'distributed', 'psutil') if name in sys.modules]\n"
        "json.dump(loaded, open('/outbox/told.json', 'w'))",
    )
    assert loaded == []


def test_a_run_that_leaves_its_client_open_ends_as_soon_as_its_code(sealed: Notebook) -> None:
    cell = sealed.run(
        "import time\nimport workbench.sdk as wb\n"
        "client = wb.dask(threads=1)\n"
        "assert wb.dask() is client\n"
        "assert sum(wb.dask(threads=2).nthreads().values()) == 2\n"
        "assert client.status == 'closed'\n"
        "working = wb.dask().map(time.sleep, [300, 301])\n"
        "time.sleep(0.2)"
    )
    assert cell.reply["status"] == "ok"
    (took,) = re.findall(r"within ([\d.]+) s", cell.text)
    assert float(took) < 60


def test_dask_opens_no_port_and_the_network_stays_away(house: GateHouse, sealed: Notebook) -> None:
    """Neither does the client, nor would the sandbox let it: a cluster over TCP does not start."""
    told = result(
        house,
        sealed,
        "import json, socket\nimport workbench.sdk as wb\nfrom distributed import Client\n"
        "made, new = [], socket.socket.__init__\n"
        "def noted(self, family=-1, *more, **options):\n"
        "    new(self, family, *more, **options)\n"
        "    made.append(self.family.name)\n"
        "socket.socket.__init__ = noted\n"
        "client = wb.dask()\n"
        "client.submit(sum, [1, 2]).result()\n"
        "with Client(processes=False) as stock:\n"
        "    assert stock.submit(sum, [3, 4]).result() == 7\n"
        "told = {'address': client.scheduler.address, 'families': list(made)}\n"
        "try:\n"
        "    Client(timeout=5)\n"
        "    told['tcp'] = 'started'\n"
        "except RuntimeError:\n"
        "    told['tcp'] = 'refused'\n"
        "json.dump(told, open('/outbox/told.json', 'w'))",
    )
    assert told["address"].startswith("inproc://")
    assert set(told["families"]) == {"AF_UNIX"}
    assert told["tcp"] == "refused"


def test_what_dask_brings_works_on_buckets_in_both_lanes(
    house: GateHouse, sealed: Notebook, twin: Notebook
) -> None:
    notebook = cells_of(FRAMES)
    real = result(house, sealed, *notebook)
    invented = json.loads([twin.run(cell) for cell in notebook][-1].text)
    assert real["sexes"] == invented["sexes"] == ["female", "male"]
    assert real["persons"] == nafld_view.frames()["nafld_person"].height
    assert real["processes"] == [real["persons"]]
    assert invented["processes"] == [invented["persons"]]


FRAMES = """\
import json
import dask
import dask.dataframe as dd
import workbench.sdk as wb
from joblib import Parallel, delayed

client = wb.dask()
frame = dd.from_map(lambda rows: rows.collect().to_pandas(), wb.buckets("nafld_person"))
by_sex = frame.groupby("sex").size().compute().sort_index()

def count(rows):
    return rows.collect().height
counted = [dask.delayed(count)(rows) for rows in wb.buckets("nafld_person")]
persons = sum(dask.compute(*counted))

processes = Parallel(2)(delayed(count)(one) for one in [wb.scan("nafld_person")])

told = {"sexes": list(by_sex.index), "persons": persons, "processes": processes}
with open("/outbox/told.json", "w") as file:
    json.dump(told, file)
print(json.dumps(told))
"""


def test_a_misspelt_dataset_gets_the_nearest(twin: Notebook) -> None:
    (error,) = twin.run("import workbench.sdk as wb\nwb.scan('nafld_persons')").of("error")
    assert "Did you mean nafld_person?" in "\n".join(error["traceback"])
    (error,) = twin.run("wb.buckets('cancer')").of("error")
    assert "It opens nafld_diagnosis, nafld_measurement" in "\n".join(error["traceback"])


def test_dask_works_in_an_interactive_sealed_kernel_too(house: GateHouse) -> None:
    kernel = house.notebook("alpha", "interactive")
    try:
        assert [kernel.run(cell).reply["status"] for cell in NOTEBOOK] == ["ok"] * len(NOTEBOOK)
    finally:
        kernel.close()


def test_the_pages_of_the_how_to_run_as_they_stand_on_the_twin_and_sealed(
    house: GateHouse, sealed: Notebook, twin: Notebook
) -> None:
    text = (ROOT / "docs/how-to/run-sealed.md").read_text(encoding="utf-8")
    cells = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert len(cells) == 2
    assert [twin.run(cell).reply["status"] for cell in cells] == ["ok", "ok"]
    size = twin.run("import os\nos.path.getsize('/outbox/diabetes.csv')")
    assert int(size.of("execute_result")[0]["data"]["text/plain"]) > 0
    table = pl.read_csv(left_by(house, sealed, *cells))
    frames = nafld_view.frames()
    diabetes = frames["nafld_diagnosis"].filter(event="diabetes").select("person").unique()
    true = frames["nafld_person"].with_columns(
        first=pl.col("person").is_in(diabetes["person"].implode())
    )
    counts = true.group_by("sex").agg(pl.len().alias("persons"), pl.col("first").sum()).sort("sex")
    assert table.rows() == [(sex, n // 10 * 10, m // 10 * 10) for sex, n, m in counts.rows()]


MEMORY = 384 << 20
BUCKETS, ROWS = 120, 250_000


def large(view: Path) -> dict[str, Any]:
    """Rows of five numbers, 1.2 GB in memory: three times what the kernel may use."""
    row = pl.int_range(ROWS, dtype=pl.Int64)
    frame = pl.select(
        (row // 100).cast(pl.UInt32).alias("_person"),
        (row % 100).cast(pl.UInt32).alias("_sequence"),
        day=row % 1000,
        code=row % 37,
        value=(row % 1013).cast(pl.Float64),
        county=row % 11,
    )
    columns = ["day", "code", "value", "county"]
    keys = write_dataset(view, "episode", (frame for _ in range(BUCKETS)), columns)
    return {"v": 1, "project": "alpha", "version": "v1", "datasets": {"episode": keys}}


STREAMED = cells_of("""\
import json
import polars as pl
import workbench.sdk as wb

def query(rows):
    return rows.group_by("county").agg(pl.len(), pl.col("value").sum())

told = query(wb.scan("episode")).sort("county").collect(engine="streaming")

json.dump(told.rows(), open("/outbox/told.json", "w"))
""")
BY_DASK = """\
client = wb.dask()
parts = client.map(lambda rows: query(rows).collect(), wb.buckets("episode"))
told = pl.concat(client.gather(parts)).group_by("county").sum().sort("county")
"""


def test_a_dataset_several_times_larger_than_the_memory_limit_is_streamed() -> None:
    small = GateHouse(Limits(grid=0.1, memory=MEMORY, **MANY))
    try:
        small.engine.keys = large(small.views / "alpha" / "v1")
        notebook = small.notebook("alpha", "sealed")
        streamed = result(small, notebook, *STREAMED)
        assert sum(count for _, count, _ in streamed) == BUCKETS * ROWS
        assert result(small, notebook, *STREAMED[:2], BY_DASK, STREAMED[3]) == streamed
        whole = notebook.run(joined([STREAMED[0], "wb.scan('episode').collect()"]))
        assert whole.reply["status"] == "error"
        notebook.close()
    finally:
        small.close()
