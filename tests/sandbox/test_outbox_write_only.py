"""The outbox of a sealed run: libraries write their files into it, and nothing is read from it."""

import json
from typing import Any

import pytest

from kernels.host.config import Limits
from kernels.host.sandbox import landlock_abi
from tests.lib.gate_house import GateHouse, Notebook

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(grid=0.2, sealed_runs_an_hour=500, sealed_runs_a_day=500)


@pytest.fixture(scope="module")
def sealed(house: GateHouse) -> Any:
    notebook = house.notebook("alpha", "sealed")
    yield notebook
    notebook.close()


def left_by(house: GateHouse, sealed: Notebook, code: str) -> dict[str, bytes]:
    """The files that a run left, by name."""
    cell = sealed.run(code, timeout=120)
    assert cell.reply["status"] == "ok", cell.text
    runs = [json.loads(p.read_text()) for p in house.config.spool.glob("incoming/*/run.json")]
    run = max(runs, key=lambda each: each["started"])
    blobs = house.config.spool / "blobs"
    return {each["name"]: (blobs / each["sha256"]).read_bytes() for each in run["files"]}


LIBRARIES = """
import shutil, zipfile
import numpy, pandas, polars, pyarrow
import pyarrow.parquet
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plot
table = {"a": [1, 2]}
pandas.DataFrame(table).to_csv("/outbox/pandas.csv")
pandas.DataFrame(table).to_parquet("/outbox/pandas.parquet")
polars.DataFrame(table).write_csv("/outbox/polars.csv")
polars.DataFrame(table).write_parquet("/outbox/polars.parquet")
polars.DataFrame(table).lazy().sink_csv("/outbox/sink.csv")
pyarrow.parquet.write_table(pyarrow.table(table), "/outbox/arrow.parquet")
numpy.savetxt("/outbox/numpy.txt", numpy.ones(2))
plot.plot([1, 2]); plot.savefig("/outbox/picture.png"); plot.savefig("/outbox/picture.svg")
with zipfile.ZipFile("/outbox/parts.zip", "w") as parts:
    parts.writestr("part", "text")
open("/outbox/plain", "w+b").write(b"text")
open("/outbox/new", "x+").write("text")
open("/tmp/elsewhere", "w").write("copied"); shutil.copy("/tmp/elsewhere", "/outbox/copied")
with open("/outbox/twice", "w") as file: file.write("first")
with open("/outbox/twice", "a") as file: file.write(" second")
open("/outbox/gone", "w").close(); __import__("os").unlink("/outbox/gone")
open("/outbox/draft", "w").write("text"); __import__("os").replace("/outbox/draft", "/outbox/final")
"""


def test_what_people_use_writes_into_the_outbox(house: GateHouse, sealed: Notebook) -> None:
    files = left_by(house, sealed, LIBRARIES)
    assert files.keys() == {
        "pandas.csv", "pandas.parquet", "polars.csv", "polars.parquet", "sink.csv",
        "arrow.parquet", "numpy.txt", "picture.png", "picture.svg", "parts.zip", "plain", "new",
        "copied", "twice", "final",
    }  # fmt: skip
    assert files["polars.csv"] == b"a\n1\n2\n"
    assert files["picture.png"].startswith(b"\x89PNG")
    assert files["parts.zip"].startswith(b"PK")
    assert (files["plain"], files["new"], files["copied"]) == (b"text", b"text", b"copied")
    assert files["twice"] == b"first second"


ATTEMPTS = """
import json, os, pathlib, socket
box = pathlib.Path("/outbox")
(box / "mine").write_text("text")
attempts = {
    "read": lambda: (box / "mine").read_text(),
    "read and write": lambda: os.open(box / "mine", os.O_RDWR),
    "list": lambda: os.listdir(box),
    "through a descriptor": lambda: os.open(
        f"/proc/self/fd/{os.open(box / 'mine', os.O_WRONLY)}", os.O_RDONLY),
    "move out": lambda: os.rename(box / "mine", "/tmp/mine"),
    "link out": lambda: os.link(box / "mine", "/tmp/mine"),
    "folder": lambda: os.mkdir(box / "folder"),
    "symbolic link": lambda: os.symlink("/data/rows.txt", box / "link"),
    "socket": lambda: socket.socket(socket.AF_UNIX).bind(str(box / "socket")),
    "pipe": lambda: os.mkfifo(box / "pipe"),
    "device": lambda: os.mknod(box / "device", 0o020600, os.makedev(1, 3)),
    "map": lambda: __import__("mmap").mmap(os.open(box / "mine", os.O_WRONLY), 4, prot=1),
}
done = []
for name, attempt in attempts.items():
    try:
        attempt(); done.append(name)
    except OSError:
        pass
(box / "done.json").write_text(json.dumps(done))
"""


@pytest.mark.skipif(landlock_abi.abi() == 0, reason="this host has no Landlock")
def test_nothing_is_read_back_and_nothing_but_plain_files_is_made(
    house: GateHouse, sealed: Notebook
) -> None:
    files = left_by(house, sealed, ATTEMPTS)
    assert json.loads(files["done.json"]) == []
    assert files.keys() == {"mine", "done.json"}
