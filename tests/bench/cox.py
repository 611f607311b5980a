"""Cox regression of a million persons: encrypted buckets against lifelines in memory."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import numpy as np
import polars as pl
from lifelines import CoxPHFitter

from tests.bench.logistic import BUCKETS, FORMULA, PERSONS, REGIONS, Served, engine, people
from tests.bench.result import Result, interleaved
from tests.lib.one_table import TABLE, table_view
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.plan import Plan, Schema, check, frame_type, nodes
from workbench.sdk.formula import formula

TARGET = 10.0
DAYS = 3653
PLAIN = ("age", "bmi", "pressure", "visits", "income")


def followed() -> pl.DataFrame:
    """The persons of `logistic`, followed by days for ten years at most, a sixth until death."""
    chance = np.random.default_rng(12)
    frame = people()
    male = (frame["sex"] == "M").cast(pl.Float64).to_numpy()
    age = frame["age"].to_numpy()
    effect = 0.07 * (age - 55) + 0.3 * male + 0.02 * (frame["bmi"].to_numpy() - 26)
    effect = effect + 0.4 * frame["smoker"].to_numpy() + 0.5 * frame["diabetes"].to_numpy()
    death = chance.exponential(40_000 * np.exp(-effect))
    lost = np.minimum(chance.exponential(20_000, PERSONS), DAYS)
    return frame.with_columns(
        day=pl.Series(np.minimum(death, lost).astype(np.int64) + 1), died=pl.Series(death < lost)
    )


def in_memory(frame: pl.DataFrame) -> Any:
    """The table of numbers that lifelines wants, made before the clock starts."""
    male = (frame["sex"] == "M").cast(pl.Float64)
    columns = [pl.col(one).cast(pl.Float64) for one in PLAIN]
    columns += [male.alias("sex")]
    columns += [pl.col(one).cast(pl.Float64) for one in ("smoker", "diabetes")]
    columns += [(pl.col("region") == one).cast(pl.Float64).alias(one) for one in REGIONS[1:]]
    columns += [(pl.col("age") * male).alias("age_sex"), pl.col("day"), pl.col("died")]
    return frame.select(columns).to_pandas()


def answer(sample: pl.DataFrame) -> tuple[list[float], list[float]]:
    """One whole run: check, read, fit, judge; coefficients and errors."""
    schema = Schema.from_view(table_view(sample).describe())
    asked = formula(FORMULA, frame_type(TABLE, schema))
    analysis = nodes.Cox(cohort=TABLE, time="day", event="died", design=asked.design)
    checked = check(Plan(analysis=analysis), schema)
    job = Job(checked, Served.view, schema, Event(), lambda done, total: None)
    fit = compute(Served.executor, job).evidence.fit  # type: ignore[union-attr]  # of a regression
    return sorted(fit.estimate), sorted(fit.error)


def fitted(table: Any, precision: float = 1e-7) -> CoxPHFitter:
    """What lifelines makes of it, at its own precision unless said."""
    return CoxPHFitter().fit(table, "day", "died", fit_options={"precision": precision})


def cox() -> Result:
    """Whole runs: reading, fitting, errors, trends and the evidence for the gate."""
    frame = followed()
    table = in_memory(frame)
    with TemporaryDirectory() as folder, engine(Path(folder), frame) as pool:
        sample = frame.head(1000)
        estimate, error = pool.submit(answer, sample).result()
        exact = fitted(table, 1e-12)
        difference = max(
            float(np.abs(np.array(estimate) / np.sort(exact.params_) - 1).max()),
            float(np.abs(np.array(error) / np.sort(exact.standard_errors_) - 1).max()),
        )
        own, other = interleaved(
            lambda: pool.submit(answer, sample).result(), lambda: fitted(table), runs=3
        )
    return Result(
        name="cox",
        value=own,
        unit="s",
        against=f"lifelines in memory, {other:.3g} s",
        ratio=other / own,
        target=f"≥ {TARGET:g}",
        ok=other / own >= TARGET and difference < 1e-6,
        notes=(
            f"{PERSONS} persons, {int(frame['died'].sum())} events on {frame['day'].n_unique()} "
            f"days, 10 terms (12 coefficients), Efron's ties, encrypted files in {BUCKETS} "
            f"buckets; coefficients and errors differ by at most {difference:.1e} (relative) from "
            "lifelines run to 1e-12; its table is made before its clock starts; ours includes "
            "reading, the design, tests of proportional hazards and what the gate needs"
        ),
    )
