"""Logistic regression of a million persons: encrypted buckets against statsmodels in memory."""

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import numpy as np
import polars as pl
import statsmodels.api as sm

from tests.bench.result import Result, interleaved
from tests.lib.one_table import TABLE, table_view
from workbench.adapters.processes import ONE_THREAD_OF_BLAS
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.engine.local import LocalExecutor
from workbench.plan import Plan, Schema, check, frame_type, nodes
from workbench.sdk.formula import formula

PERSONS = 1_000_000
BUCKETS = 16
FORMULA = (
    "died ~ age + bmi + pressure + visits + income + sex + smoker + diabetes + region + age:sex"
)
REGIONS = ("east", "north", "south", "west")


def people() -> pl.DataFrame:
    """A million persons with nine variables, and an outcome that depends on some of them."""
    chance = np.random.default_rng(11)
    age = chance.integers(18, 95, PERSONS)
    bmi, pressure = chance.normal(26, 4, PERSONS), chance.normal(130, 18, PERSONS)
    visits, income = chance.poisson(3, PERSONS), chance.lognormal(6, 0.4, PERSONS)
    sex = chance.integers(0, 2, PERSONS)
    smoker, diabetes = chance.random(PERSONS) < 0.2, chance.random(PERSONS) < 0.08
    region = chance.integers(0, 4, PERSONS)
    eta = -9 + 0.08 * age + 0.02 * bmi + 0.4 * smoker + 0.5 * diabetes + 0.004 * age * sex
    return pl.DataFrame(
        {
            "age": age,
            "bmi": bmi,
            "pressure": pressure,
            "visits": visits,
            "income": income,
            "sex": pl.Series(["F", "M"])[sex],
            "smoker": smoker,
            "diabetes": diabetes,
            "region": pl.Series(REGIONS)[region],
            "died": chance.random(PERSONS) < 1 / (1 + np.exp(-eta)),
        }
    )


def write(frame: pl.DataFrame, folder: Path, key: bytes) -> list[int]:
    """A view as the linker writes it: one encrypted file a bucket, persons counted from 0."""
    size = -(-frame.height // BUCKETS)
    parts = [frame.slice(at * size, size) for at in range(BUCKETS)]
    for bucket, part in enumerate(parts):
        person = pl.int_range(part.height, dtype=pl.UInt32, eager=True).alias("_person")
        part.select(person, pl.all()).write_parquet(
            folder / f"{bucket}.parquet",
            encryption=pl.ParquetEncryptionProperties(footer_key=key, aad_prefix=b"%d" % bucket),
        )
    return [one.height for one in parts]


class EncryptedView:
    """Reads what `write` wrote."""

    project, version = "benchmark", "v1"

    def __init__(self, folder: Path, key: bytes, persons: tuple[int, ...]) -> None:
        self._folder, self._key, self.persons = folder, key, persons

    def rows(self, _dataset: str, bucket: int) -> int:
        return self.persons[bucket]

    def scan(self, _dataset: str, bucket: int) -> pl.LazyFrame:
        decryption = pl.ParquetDecryptionProperties(footer_key=self._key, aad_prefix=b"%d" % bucket)
        return pl.scan_parquet(self._folder / f"{bucket}.parquet", decryption=decryption)


def in_memory(frame: pl.DataFrame) -> tuple[Any, Any]:
    """Outcome and columns as statsmodels wants them, made before the clock starts."""
    male = (frame["sex"] == "M").cast(pl.Float64)
    columns = [pl.lit(1.0).alias("one")]
    columns += [pl.col(one).cast(pl.Float64) for one in ("age", "bmi", "pressure", "visits")]
    columns += [pl.col("income"), male.alias("sex")]
    columns += [pl.col(one).cast(pl.Float64) for one in ("smoker", "diabetes")]
    columns += [(pl.col("region") == one).cast(pl.Float64).alias(one) for one in REGIONS[1:]]
    columns += [(pl.col("age") * male).alias("age_sex")]
    matrix = np.ascontiguousarray(frame.select(columns).to_numpy())
    return frame["died"].cast(pl.Float64).to_numpy(), matrix


class Served:
    """The engine's side, in a process with the engine's environment (see adapters.processes)."""

    view: Any = None
    executor: Any = None


def open_view(files: str, key: str, persons: list[int]) -> None:
    """Make the worker ready: what a service has open before a question comes."""
    Served.view = EncryptedView(Path(files), bytes.fromhex(key), tuple(persons))
    Served.executor = LocalExecutor()


def answer(sample: pl.DataFrame) -> tuple[list[float], list[float]]:
    """One whole run: check, read, fit, judge; coefficients and errors."""
    schema = Schema.from_view(table_view(sample).describe())
    asked = formula(FORMULA, frame_type(TABLE, schema))
    analysis = nodes.Regression(cohort=TABLE, outcome="died", design=asked.design, model="logistic")
    checked = check(Plan(analysis=analysis), schema)
    job = Job(checked, Served.view, schema, Event(), lambda done, total: None)
    fit = compute(Served.executor, job).evidence.fit  # type: ignore[union-attr]  # of a regression
    return sorted(fit.estimate), sorted(fit.error)


@contextmanager
def engine(folder: Path, frame: pl.DataFrame) -> Iterator[ProcessPoolExecutor]:
    """The engine's process over the frame's encrypted files; its BLAS has one thread."""
    key = secrets.token_bytes(32)
    persons = write(frame, folder, key)
    before = dict(os.environ)
    os.environ.update(ONE_THREAD_OF_BLAS)
    start = (str(folder), key.hex(), persons)
    with ProcessPoolExecutor(1, get_context("spawn"), open_view, start) as pool:
        pool.submit(int).result()
        os.environ.clear()
        os.environ.update(before)
        yield pool


def logistic() -> Result:
    """Whole runs: reading, fitting, errors and the evidence for the gate, against `Logit.fit`."""
    frame = people()
    y, x = in_memory(frame)
    with TemporaryDirectory() as folder, engine(Path(folder), frame) as pool:
        sample = frame.head(1000)
        estimate, error = pool.submit(answer, sample).result()
        fitted = sm.Logit(y, x).fit(disp=0, tol=1e-12)
        difference = max(
            float(np.abs(np.array(estimate) / np.sort(fitted.params) - 1).max()),
            float(np.abs(np.array(error) / np.sort(fitted.bse) - 1).max()),
        )
        own, other = interleaved(
            lambda: pool.submit(answer, sample).result(),
            lambda: sm.Logit(y, x).fit(disp=0),
            runs=5,
        )
    return Result(
        name="logistic",
        value=own,
        unit="s",
        against=f"statsmodels Logit in memory, {other:.3g} s",
        ratio=other / own,
        target="≥ 3",
        ok=other / own >= 3 and difference < 1e-8,
        notes=(
            f"{PERSONS} persons, 10 terms ({x.shape[1]} coefficients), encrypted files in "
            f"{BUCKETS} buckets; coefficients and errors differ by at most {difference:.1e} "
            "(relative); the matrix of statsmodels is made before its clock starts; ours includes "
            "reading, the design, and what the gate needs"
        ),
    )
