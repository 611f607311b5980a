"""`wb.scan` over an encrypted view against polars by hand on the same files, and Dask's start."""

import functools
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

from kernels.host.config import Limits
from tests.bench.result import Result, interleaved
from tests.lib.gate_house import GateHouse
from tests.lib.sealed_view import write_dataset
from workbench.sdk.datasets import buckets, scan

HOME = Path(__file__).resolve().parents[2] / "var" / "bench" / "sealed"
BUCKETS, ROWS = 96, 250_000
TARGET = 1.30
COLUMNS = ("day", "code", "value", "county")
START = """\
import time
began = time.perf_counter()
import workbench.sdk as wb
client = wb.dask()
assert client.submit(sum, [1, 2]).result() == 3
print(time.perf_counter() - began)
"""


def sealed_scan() -> Result:
    """The worst ratio of four queries over 24 million rows; memory of each way in a process."""
    keys = view()
    ratios, seconds = {}, {}
    for name, query in QUERIES.items():
        _same(query(OURS, keys), query(HAND, keys), name)
        ours, hand = interleaved(
            lambda query=query: query(OURS, keys), lambda query=query: query(HAND, keys)
        )
        ratios[name], seconds[name] = ours / hand, ours
    worst = max(ratios, key=ratios.__getitem__)
    memory = {way: peak(way) for way in ("OURS", "HAND")}
    told = ", ".join(f"{name} {ratios[name]:.2f} ({seconds[name]:.2f} s)" for name in QUERIES)
    return Result(
        name="sealed_scan",
        value=seconds[worst],
        unit=f"s ({worst})",
        against="polars by hand, the same encrypted files",
        ratio=ratios[worst],
        target=f"<= {TARGET}",
        ok=ratios[worst] <= TARGET,
        notes=(
            f"{BUCKETS * ROWS:,} rows in {BUCKETS} buckets: {told}; highest memory of the grouped "
            f"sum {memory['OURS'] >> 20} MB, by hand {memory['HAND'] >> 20} MB; in a kernel the "
            f"first answer of Dask's client {dask_start():.2f} s after its import begins"
        ),
    )


def _same(ours: pl.DataFrame, hand: pl.DataFrame, name: str) -> None:
    first = ours.columns[0]
    differ = (
        ours.sort(first).select(cs.numeric().cast(pl.Float64))
        - hand.sort(first).select(cs.numeric().cast(pl.Float64))
    ).to_numpy()
    if float(np.abs(differ).max()) > 1e-6:
        raise SystemExit(f"the answers of {name} differ")


def view() -> Path:
    """The keys' file of the view; written the first time only."""
    keys = HOME / "view-keys.json"
    if not keys.exists():
        print("writing an encrypted view of 24 million rows …", file=sys.stderr, flush=True)
        held = write_dataset(HOME / "view", "episode", map(bucket, range(BUCKETS)), COLUMNS)
        draft = keys.with_suffix(".new")
        draft.write_text(json.dumps({"v": 1, "datasets": {"episode": held}}))
        draft.replace(keys)
    return keys


def bucket(number: int) -> pl.DataFrame:
    """Episodes of some 30,000 persons."""
    dice = np.random.default_rng(number)
    codes, counties = ([f"{at}{one:02}" for one in range(n)] for at, n in (("C", 90), ("k", 11)))
    return pl.DataFrame(
        {
            "_person": np.sort(dice.integers(0, 30_000, ROWS)).astype(np.uint32),
            "_sequence": np.zeros(ROWS, np.uint32),
            "day": dice.integers(0, 6000, ROWS),
            "code": pl.Series(codes)[dice.integers(0, len(codes), ROWS)],
            "value": dice.normal(10, 2, ROWS),
            "county": pl.Series(counties)[dice.integers(0, len(counties), ROWS)],
        }
    )


class Way(NamedTuple):
    """All rows, or one frame a bucket, of the view with these keys."""

    whole: Callable[[Path], pl.LazyFrame]
    parts: Callable[[Path], list[pl.LazyFrame]]


def _by_hand(keys: Path) -> list[pl.LazyFrame]:
    """What one would write with the same keys: a scan a file."""
    return [_hand_part(part, number) for number, part in enumerate(_held(keys))]


OURS = Way(
    lambda keys: scan("episode", data=HOME / "view", keys=keys),
    lambda keys: buckets("episode", data=HOME / "view", keys=keys),
)
HAND = Way(lambda keys: pl.concat(_by_hand(keys)), _by_hand)


@functools.cache
def _held(keys: Path) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = json.loads(keys.read_text())["datasets"]["episode"]
    return held


def _hand_part(part: dict[str, Any], number: int) -> pl.LazyFrame:
    decryption = pl.ParquetDecryptionProperties(
        footer_key=bytes.fromhex(part["footer_key"]),
        column_keys={name: bytes.fromhex(key) for name, key in part["column_keys"].items()},
        aad_prefix=part["aad_prefix"].encode(),
    )
    frame = pl.scan_parquet(HOME / "view" / part["file"], decryption=decryption, glob=False)
    return frame.with_columns(pl.col("_person").cast(pl.UInt64) + (number << 32))


def grouped(way: Way, keys: Path) -> pl.DataFrame:
    grouped = way.whole(keys).group_by("county").agg(pl.len(), pl.col("value").sum())
    return grouped.collect(engine="streaming")


def filtered(way: Way, keys: Path) -> pl.DataFrame:
    chosen = way.whole(keys).filter(pl.col("code").str.starts_with("C1"), pl.col("day") < 3000)
    return chosen.group_by("county").agg(pl.col("value").mean()).collect(engine="streaming")


def a_person(way: Way, keys: Path) -> pl.DataFrame:
    first = way.whole(keys).group_by("_person").agg(pl.col("day").min())
    return first.select(pl.len(), pl.col("day").mean()).collect(engine="streaming")


def joined(way: Way, keys: Path) -> pl.DataFrame:
    """Episodes after a person's first of a kind, bucket by bucket."""
    found = []
    for rows in way.parts(keys):
        first = (
            rows.filter(pl.col("code") == "C10").group_by("_person").agg(first=pl.col("day").min())
        )
        later = rows.join(first, on="_person").filter(pl.col("day") > pl.col("first"))
        found.append(later.group_by("county").agg(pl.len(), pl.col("value").sum()).collect())
    return pl.concat(found).group_by("county").sum()


QUERIES = {
    "grouped sum": grouped,
    "filtered mean": filtered,
    "first day a person": a_person,
    "joined by bucket": joined,
}


def peak(way: str) -> int:
    """Bytes that a fresh process came to with the grouped sum."""
    code = (
        "from pathlib import Path; from tests.bench import sealed_scan as s\n"
        f"s.grouped(s.{way}, s.view())\n"
        "lines = Path('/proc/self/status').read_text().splitlines()\n"
        "print(next(int(one.split()[1]) << 10 for one in lines if one.startswith('VmHWM')))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def dask_start(kernels: int = 3) -> float:
    """Seconds from the import to the client's first answer, in fresh kernels; the median."""
    house = GateHouse(Limits())
    try:
        taken = []
        for _ in range(kernels):
            notebook = house.notebook()
            taken.append(float(notebook.run(START).text))
            notebook.close()
        return statistics.median(taken)
    finally:
        house.close()
