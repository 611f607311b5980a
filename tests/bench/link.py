"""A cohort over three registries, by county, age and medicines: the engine against others."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import duckdb
import numpy as np
import polars as pl

from tests.bench.linked import COUNTIES, LARGE, SMALL, LinkedView, Size
from tests.bench.result import Result, median_seconds
from workbench.engine.compute import Computed, compute
from workbench.engine.executor import Executor, Job
from workbench.engine.local import LocalExecutor
from workbench.plan import Plan, Schema, check, nodes

AGES = (1940, 1950, 1960, 1970)
COUNTS = (1, 5, 20)
BY_POLARS, BY_DUCKDB = 1.3, 1.5
GROWTH, MEMORY, PEAK = 5.5, 1.5, 1 << 30
ROOT = Path(__file__).resolve().parents[2]
Table = np.ndarray[Any, np.dtype[np.int64]]


def column(name: str) -> nodes.Column:
    return nodes.Column(name=name)


def plan() -> Plan:
    """Those born before 1980 with a cancer diagnosis: county x birth cohort x medicines of C, N."""
    population, episode, dispensing = (
        nodes.Dataset(name=name) for name in ("population", "episode", "dispensing")
    )
    cancer = nodes.Filter(
        frame=episode,
        where=nodes.StartsWith(operand=column("main_dx"), prefixes=("C",)),
    )
    medicines = nodes.Filter(
        frame=dispensing,
        where=nodes.StartsWith(operand=column("atc"), prefixes=("C", "N")),
    )
    born = nodes.Compare(op="<", left=column("birth_year"), right=nodes.Value(value=1980))
    cohort = nodes.Filter(
        frame=nodes.Filter(frame=population, where=born), where=nodes.Exists(frame=cancer)
    )
    derived = nodes.Derive(
        frame=cohort,
        columns=(
            nodes.Derived(name="age", value=nodes.Bins(operand=column("birth_year"), edges=AGES)),
            nodes.Derived(
                name="medicines",
                value=nodes.Bins(operand=nodes.CountRows(frame=medicines), edges=COUNTS),
            ),
        ),
    )
    return Plan(analysis=nodes.Crosstab(cohort=derived, by=("county", "age", "medicines")))


def job(view: LinkedView) -> Job:
    schema = Schema.from_view(view.describe())
    checked = check(plan(), schema)
    return Job(checked, view, schema, Event(), lambda done, total: None)


def by_engine(view: LinkedView, executor: Executor) -> Computed:
    """The evidence, as the gate is given it: the plan is checked anew each time."""
    return compute(executor, job(view))


def counts_of(computed: Computed) -> Table:
    """Counts by county, age and medicines, without the categories of missing values."""
    n: Table = computed.placed.n.reshape([len(one.codes) for one in dimensions()])
    return n[: len(COUNTIES), : len(AGES) + 1, : len(COUNTS) + 1]


@cache
def dimensions() -> Any:
    view = LinkedView(SMALL)
    return check(plan(), Schema.from_view(view.describe())).dimensions


def by_polars(view: LinkedView, *, together: bool) -> Callable[[], Table]:
    """What somebody who knows polars writes for this one question, over the same files.

    together: one streaming query over all files; otherwise one for each group of buckets.
    """

    def read(name: str, bucket: int, *columns: str) -> pl.LazyFrame:
        path, keys = view.decryption(name, bucket)
        return pl.scan_parquet(path, decryption=keys, glob=False).select("_person", *columns)

    def query(
        population: pl.LazyFrame, episode: pl.LazyFrame, dispensing: pl.LazyFrame
    ) -> pl.LazyFrame:
        key = [one for one in ("_bucket", "_person") if one in population.collect_schema()]
        cancer = episode.filter(pl.col("main_dx").str.starts_with("C")).select(key)
        medicines = (
            dispensing.filter(
                pl.col("atc").str.starts_with("C") | pl.col("atc").str.starts_with("N")
            )
            .group_by(key)
            .agg(pl.len().alias("n"))
        )
        return (
            population.filter(pl.col("birth_year") < 1980)
            .join(cancer, on=key, how="semi")
            .join(medicines, on=key, how="left")
            .group_by(
                "county",
                sum((pl.col("birth_year") >= edge).cast(pl.Int8) for edge in AGES).alias("age"),
                sum((pl.col("n").fill_null(0) >= edge).cast(pl.Int8) for edge in COUNTS).alias(
                    "medicines"
                ),
            )
            .len()
        )

    wanted = {
        "population": ("birth_year", "county"),
        "episode": ("main_dx",),
        "dispensing": ("atc",),
    }
    buckets = range(view.size.buckets)

    def of_bucket(bucket: int) -> pl.LazyFrame:
        return query(*(read(name, bucket, *columns) for name, columns in wanted.items()))

    def whole() -> Table:
        marked = {
            name: pl.concat(
                [
                    read(name, bucket, *columns).with_columns(_bucket=pl.lit(bucket, pl.UInt16))
                    for bucket in buckets
                ]
            )
            for name, columns in wanted.items()
        }
        return table([query(*marked.values()).collect(engine="streaming")])

    def grouped() -> Table:
        size = max(1, 1_000_000 * view.size.buckets // view.size.dispensings)
        parts = []
        for start in range(0, len(buckets), size):
            parts += pl.collect_all([of_bucket(one) for one in buckets[start : start + size]])
        return table(parts)

    return whole if together else grouped


def by_duckdb(view: LinkedView) -> Callable[[], Table]:
    """The same in DuckDB, over the same rows unencrypted."""
    ages = " + ".join(f"(birth_year >= {edge})::int" for edge in AGES)
    counts = " + ".join(f"(coalesce(n, 0) >= {edge})::int" for edge in COUNTS)
    population, episode, dispensing = (
        f"read_parquet('{view.plain(name)}')" for name in ("population", "episode", "dispensing")
    )
    text = f"""
        with medicines as (
            select person, count(*) n from {dispensing}
            where starts_with(atc, 'C') or starts_with(atc, 'N') group by person)
        select county, {ages} age, {counts} medicines, count(*) len
        from {population} p left join medicines using (person)
        where birth_year < 1980
          and exists (select 1 from {episode} e
                      where e.person = p.person and starts_with(main_dx, 'C'))
        group by all"""
    connection = duckdb.connect()
    connection.execute(f"set threads = {os.cpu_count()}")

    def work() -> Table:
        return table([pl.DataFrame(connection.execute(text).fetchnumpy())])

    return work


def table(parts: list[pl.DataFrame]) -> Table:
    found = np.zeros((len(COUNTIES), len(AGES) + 1, len(COUNTS) + 1), dtype=np.int64)
    county = {code: place for place, code in enumerate(COUNTIES)}
    for part in parts:
        at = part["county"].replace_strict(county).to_numpy()
        np.add.at(
            found,
            (at, part["age"].to_numpy(), part["medicines"].to_numpy()),
            part["len"].to_numpy(),
        )
    return found


def turns(
    works: dict[str, Callable[[], object]], runs: int = 5
) -> tuple[dict[str, float], dict[str, float]]:
    """Medians of several works that are run in turn, after one round that does not count: seconds,
    and seconds of all processors, which a machine that has other work to do tells more truly."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for number in range(runs + 1):
        for name, work in works.items():
            start, used = time.perf_counter(), time.process_time()
            work()
            if number:
                taken[name].append((time.perf_counter() - start, time.process_time() - used))
    medians = {name: np.median(each, axis=0) for name, each in taken.items()}
    seconds, processors = ({name: float(one[at]) for name, one in medians.items()} for at in (0, 1))
    return seconds, processors


def bytes_touched(view: LinkedView) -> int:
    """Bytes of the columns that the question reads, as a query that did it all at once would have
    them in memory: four of a person's index, two of each code or year."""
    size = view.size
    return size.persons * (2 + 2 + 4) + size.episodes * (4 + 2) + size.dispensings * (4 + 2)


@cache
def bandwidth() -> float:
    """Bytes a second that this machine reads from memory, with all its processors."""
    block = np.ones(1 << 25, dtype=np.int64)
    from concurrent.futures import ThreadPoolExecutor

    count = os.cpu_count() or 1
    parts = np.array_split(block, count)
    with ThreadPoolExecutor(count) as threads:
        seconds = median_seconds(lambda: list(threads.map(np.sum, parts)), 5)
    return block.nbytes / seconds


def floor(view: LinkedView) -> str:
    """The time below which no query over these columns can come."""
    seconds = bytes_touched(view) / bandwidth()
    return (
        f"floor of a fused query (bytes touched / memory bandwidth): "
        f"{bytes_touched(view) / 1e6:.0f} MB at {bandwidth() / 1e9:.1f} GB/s, "
        f"{seconds * 1e3:.1f} ms"
    )


def link_tabulate() -> Result:
    """The engine, evidence included, against the best polars and against DuckDB."""
    view = LinkedView(SMALL)
    executor = LocalExecutor(os.cpu_count() or 2)
    works: dict[str, Callable[[], Any]] = {
        "engine": lambda: by_engine(view, executor),
        "polars, one query": by_polars(view, together=True),
        "polars, by bucket group": by_polars(view, together=False),
        "duckdb": by_duckdb(view),
    }
    expected = works["duckdb"]()
    for name, work in works.items():
        found = work()
        if not np.array_equal(counts_of(found) if name == "engine" else found, expected):
            raise SystemExit(f"{name} counts otherwise than DuckDB")
    seconds, processors = turns(works)
    executor.close()
    best = min(one for name, one in seconds.items() if name.startswith("polars"))
    ratio, faster = seconds["engine"] / best, seconds["duckdb"] / seconds["engine"]
    told = ", ".join(
        f"{name} {one:.3f} s ({processors[name]:.3f} s of the processors)"
        for name, one in seconds.items()
    )
    return Result(
        name="link_tabulate",
        value=seconds["engine"],
        unit="s",
        against="the best hand-written polars on the same encrypted files",
        ratio=ratio,
        target=f"<= {BY_POLARS}x, and >= {BY_DUCKDB}x faster than DuckDB on plaintext",
        ok=ratio <= BY_POLARS and faster >= BY_DUCKDB,
        notes=(
            f"cohort over {view.size.persons:,} persons, {view.size.episodes:,} episodes and "
            f"{view.size.dispensings:,} dispensings to a table of three dimensions, evidence "
            f"included: {told}; {faster:.2f}x faster than DuckDB; {floor(view)}"
        ),
    )


def link_growth() -> Result:
    """Five times the rows: what it takes more in time and in memory."""
    found = [(grown(SMALL), grown(LARGE)) for _ in range(3)]  # in turn: a machine drifts
    small, large = (
        {
            "seconds": min(one["seconds"] for one in each),
            "peak": max(one["peak"] for one in each),
        }
        for each in zip(*found, strict=True)
    )
    slower = large["seconds"] / small["seconds"]
    more = large["peak"] / small["peak"]
    return Result(
        name="link_growth",
        value=large["seconds"],
        unit="s",
        against=f"a fifth of the rows: {small['seconds']:.3f} s",
        ratio=slower,
        target=f"<= {GROWTH}x the time, <= {MEMORY}x the peak memory, <= {PEAK >> 20} MiB",
        ok=slower <= GROWTH and more <= MEMORY and large["peak"] <= PEAK,
        notes=(
            f"{LARGE.persons:,} persons, {LARGE.episodes:,} episodes, {LARGE.dispensings:,} "
            f"dispensings; the best of three processes each, run in turn; peak resident memory of "
            f"the process {large['peak'] / 2**20:.0f} MiB, {more:.2f} x the "
            f"{small['peak'] / 2**20:.0f} MiB of a fifth of the rows; "
            f"{floor(LinkedView(LARGE))}"
        ),
    )


def grown(size: Size) -> dict[str, float]:
    """Median seconds, and the peak of the resident memory in bytes, of a process of its own."""
    LinkedView(size)  # made outside the process that is measured
    command = [sys.executable, "-m", "tests.bench.grown", size.name]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found
